#include "linear/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "linear/glm_solve.h"

namespace treeline {

namespace {

/// Share of the total weight that every class has.
std::vector<double> ClassShares(const GlmProblem& problem, double* total_weight) {
  std::vector<double> shares(static_cast<std::size_t>(problem.n_classes));
  for (std::size_t i = 0; i < problem.codes.size(); ++i)
    shares[problem.codes[i]] += problem.Weight(static_cast<std::int64_t>(i));
  *total_weight = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= *total_weight;
  return shares;
}

/// The model that knows only the class shares. Rounded to float32: log() may differ by a last place
/// between systems.
std::vector<double> NullModel(const GlmProblem& problem, const std::vector<double>& shares) {
  std::vector<double> w(static_cast<std::size_t>(problem.n_outputs() * problem.width()));
  if (!problem.fit_intercept) return w;
  const auto log_share = [&](std::int64_t k) {
    return static_cast<double>(static_cast<float>(std::log(std::max(shares[k], 1e-12))));
  };
  if (problem.n_outputs() == 1) {
    w[problem.table.cols()] = log_share(1) - log_share(0);
    return w;
  }
  double mean = 0;
  for (std::int64_t k = 0; k < problem.n_classes; ++k)
    mean += log_share(k) / static_cast<double>(problem.n_classes);
  for (std::int64_t k = 0; k < problem.n_classes; ++k)
    w[k * problem.width() + problem.table.cols()] = log_share(k) - mean;
  return w;
}

/// Takes the mean over classes out of what the softmax cannot see and the penalty does not fix.
void Symmetrise(const GlmProblem& problem, bool coefficients, std::vector<double>& w) {
  if (problem.n_outputs() == 1) return;
  const std::int64_t width = problem.width();
  const std::int64_t first = coefficients ? 0 : problem.table.cols();
  for (std::int64_t j = first; j < width; ++j) {
    double mean = 0;
    for (std::int64_t k = 0; k < problem.n_outputs(); ++k) mean += w[k * width + j];
    mean /= static_cast<double>(problem.n_outputs());
    for (std::int64_t k = 0; k < problem.n_outputs(); ++k) w[k * width + j] -= mean;
  }
}

/// Multinomial intercepts of mean 0: no loss sees the mean, and with an L1 penalty coefficients
/// need not have that of 0 which keeps it.
void Centre(std::vector<double>& intercept) {
  if (intercept.size() == 1) return;
  const double sum = std::accumulate(intercept.begin(), intercept.end(), 0.0);
  for (double& b : intercept) b -= sum / static_cast<double>(intercept.size());
}

/// The curvature of standardised columns under the null model.
std::vector<double> NullCurvature(const GlmProblem& problem, const std::vector<double>& shares) {
  std::vector<double> diagonal;
  for (std::int64_t k = 0; k < problem.n_outputs(); ++k) {
    const double share = shares[problem.n_outputs() == 1 ? 1 : k];
    const double curvature = std::max(share * (1 - share), 1e-4);
    for (std::int64_t j = 0; j < problem.width(); ++j)
      diagonal.push_back(problem.StartCurvature(j, curvature));
  }
  return diagonal;
}

}  // namespace

LogisticModel FitLogistic(const LinearTable& table, const LogisticRows& rows,
                          std::int64_t n_classes, const LogisticOptions& options,
                          const Context& ctx) {
  const auto n = static_cast<std::size_t>(table.rows());
  if (rows.codes.size() != n || (!rows.weights.empty() && rows.weights.size() != n)) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(n) + " rows, but y has " +
                                             std::to_string(rows.codes.size()));
  }
  GlmProblem problem;
  problem.table = table;
  problem.codes = rows.codes;
  problem.weights = rows.weights;
  problem.roles = rows.roles;
  problem.n_classes = n_classes;
  problem.fit_intercept = options.fit_intercept;
  problem.Standardise();
  double total_weight = 0;
  const std::vector<double> shares = ClassShares(problem, &total_weight);
  const double strength = std::isfinite(options.c) ? 1 / (options.c * total_weight) : 0;
  problem.l1 = options.l1_ratio * strength;
  problem.l2 = (1 - options.l1_ratio) * strength;
  GlmStart start;
  start.rarest_share = *std::min_element(shares.begin(), shares.end());
  start.curvature = NullCurvature(problem, shares);
  if (options.start_coef.empty()) {
    start.w = NullModel(problem, shares);
  } else {
    start.w = problem.ToInternal(options.start_coef, options.start_intercept);
    Symmetrise(problem, problem.l1 == 0, start.w);
  }
  GlmSolution solution =
      SolveGlm(problem, std::move(start), options.solver, options.tol, options.max_iter, ctx);
  LogisticModel model;
  model.n_iter = solution.n_iter;
  model.converged = solution.converged;
  model.violation = solution.violation;
  Symmetrise(problem, problem.l1 == 0 && problem.l2 == 0, solution.w);
  problem.ToOriginal(solution.w, model.coef, model.intercept);
  if (problem.l1 > 0) Centre(model.intercept);
  return model;
}

}  // namespace treeline
