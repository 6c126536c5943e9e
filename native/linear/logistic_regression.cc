#include "linear/logistic_regression.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "core/error.h"
#include "linear/logistic_objective.h"
#include "linear/solver.h"

namespace treeline {

namespace {

/// Tables of fewer slots are not sampled: a pass over them costs next to nothing.
constexpr std::int64_t kMinSlotsToSample = 32;
/// Fewest L-BFGS iterations with a Hessian before it is computed anew.
constexpr std::int64_t kMinRefresh = 5;

/// Centre and scale of every column. Without an intercept nothing may be centred: the scale is then
/// about 0.
void Standardise(const LinearStore& store, LogisticProblem& problem) {
  for (const Moments& moments : store.moments()) {
    const double mean = moments.mean;
    const double deviation = std::sqrt(moments.Variance());
    const bool is_constant = !(deviation > 1e-14 * std::abs(mean));
    double scale = is_constant ? 0 : deviation;
    if (!problem.fit_intercept) scale = std::sqrt(moments.Variance() + mean * mean);
    problem.shift.push_back(problem.fit_intercept ? mean : 0);
    problem.factor.push_back(scale > 0 && std::isfinite(1 / scale) ? 1 / scale : 0);
  }
}

/// Share of the total weight that every class has.
std::vector<double> ClassShares(const LogisticProblem& problem, double* total_weight) {
  std::vector<double> shares(static_cast<std::size_t>(problem.n_classes));
  for (std::size_t i = 0; i < problem.codes.size(); ++i) {
    shares[problem.codes[i]] += problem.weights.empty() ? 1 : problem.weights[i];
  }
  *total_weight = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share /= *total_weight;
  return shares;
}

/// The model that knows only the class shares. Rounded to float32: log() may differ by a last place
/// between systems.
std::vector<double> NullModel(const LogisticProblem& problem, const std::vector<double>& shares) {
  std::vector<double> w(static_cast<std::size_t>(problem.n_outputs() * problem.width()));
  if (!problem.fit_intercept) return w;
  const auto log_share = [&](std::int64_t k) {
    return static_cast<double>(static_cast<float>(std::log(std::max(shares[k], 1e-12))));
  };
  if (problem.n_outputs() == 1) {
    w[problem.store->cols()] = log_share(1) - log_share(0);
    return w;
  }
  double mean = 0;
  for (std::int64_t k = 0; k < problem.n_classes; ++k)
    mean += log_share(k) / static_cast<double>(problem.n_classes);
  for (std::int64_t k = 0; k < problem.n_classes; ++k)
    w[k * problem.width() + problem.store->cols()] = log_share(k) - mean;
  return w;
}

/// Original coefficients to internal ones.
std::vector<double> Internal(const LogisticProblem& problem, const std::vector<double>& coef,
                             const std::vector<double>& intercept) {
  const std::int64_t cols = problem.store->cols();
  const std::int64_t width = problem.width();
  std::vector<double> w(static_cast<std::size_t>(problem.n_outputs() * width));
  for (std::int64_t k = 0; k < problem.n_outputs(); ++k) {
    double shifted = intercept[k];
    for (std::int64_t j = 0; j < cols; ++j) {
      const double c = coef[k * cols + j];
      if (problem.factor[j] != 0) w[k * width + j] = c / problem.factor[j];
      shifted += c * problem.shift[j];
    }
    if (problem.fit_intercept) w[k * width + cols] = shifted;
  }
  return w;
}

/// Takes the mean over classes out of what the softmax cannot see and the penalty does not fix.
void Symmetrise(const LogisticProblem& problem, bool coefficients, std::vector<double>& w) {
  if (problem.n_outputs() == 1) return;
  const std::int64_t width = problem.width();
  const std::int64_t first = coefficients ? 0 : problem.store->cols();
  for (std::int64_t j = first; j < width; ++j) {
    double mean = 0;
    for (std::int64_t k = 0; k < problem.n_outputs(); ++k) mean += w[k * width + j];
    mean /= static_cast<double>(problem.n_outputs());
    for (std::int64_t k = 0; k < problem.n_outputs(); ++k) w[k * width + j] -= mean;
  }
}

void ToOriginal(const LogisticProblem& problem, const std::vector<double>& w,
                LogisticModel& model) {
  const std::int64_t cols = problem.store->cols();
  const std::int64_t width = problem.width();
  for (std::int64_t k = 0; k < problem.n_outputs(); ++k) {
    double intercept = problem.fit_intercept ? w[k * width + cols] : 0;
    for (std::int64_t j = 0; j < cols; ++j) {
      const double c = w[k * width + j] * problem.factor[j];
      model.coef.push_back(c);
      intercept -= c * problem.shift[j];
    }
    model.intercept.push_back(problem.fit_intercept ? intercept : 0);
  }
}

/// Every `step`-th slot of n.
std::vector<std::int64_t> Every(std::int64_t n, std::int64_t step) {
  std::vector<std::int64_t> slots;
  for (std::int64_t s = 0; s < n; s += step) slots.push_back(s);
  return slots;
}

/// How far apart the slots of a subsample lie that is large enough to say something about every
/// coefficient and class; 1: there is no such subsample, the whole is needed.
std::int64_t SampleStep(const LogisticProblem& problem, const std::vector<double>& shares) {
  const auto n_slots = static_cast<std::int64_t>(problem.store->slots().size());
  if (n_slots < kMinSlotsToSample) return 1;
  const double rarest = *std::min_element(shares.begin(), shares.end());
  const double rows =
      20.0 * static_cast<double>(problem.n_outputs() * problem.width()) / std::max(rarest, 1e-12);
  const double slots = std::max({16.0, rows / kSlotRows, static_cast<double>(n_slots) / 20});
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(n_slots) / slots));
}

/// What a Hessian over every `step`-th slot and its factor cost, in passes for the gradient. The
/// factorisation is scalar.
double HessianCost(const LogisticProblem& problem, std::int64_t step) {
  const auto rows = static_cast<double>(problem.store->rows());
  const auto outputs = static_cast<double>(problem.n_outputs());
  const auto unknowns = static_cast<double>(problem.n_outputs() * problem.width());
  const double pass = rows * unknowns * 6;
  const double products =
      rows / static_cast<double>(step) * (outputs + 1) / outputs * unknowns * unknowns / 2;
  return (products + 8 * unknowns * unknowns * unknowns) / pass;
}

/// Whether a Hessian costs less than the passes it saves.
bool HessianPays(const LogisticProblem& problem, std::int64_t step) {
  return problem.n_outputs() * problem.width() < 2000 && HessianCost(problem, step) < 20;
}

/// Writes value and gradient to `point` and returns the Hessian, factored.
Preconditioner HessianAt(LinearObjective& objective, SolverPoint& point) {
  std::vector<double> matrix(point.w.size() * point.w.size());
  point.value = objective.EvaluateWithHessian(point.w.data(), point.gradient.data(), matrix.data());
  return Preconditioner::Cholesky(std::move(matrix), objective.size());
}

/// The curvature of standardised columns under the null model.
Preconditioner NullCurvature(const LogisticProblem& problem, const std::vector<double>& shares) {
  std::vector<double> diagonal;
  for (std::int64_t k = 0; k < problem.n_outputs(); ++k) {
    const double share = shares[problem.n_outputs() == 1 ? 1 : k];
    const double curvature = std::max(share * (1 - share), 1e-4);
    for (std::int64_t j = 0; j < problem.width(); ++j) {
      const double factor = j < problem.store->cols() ? problem.factor[j] : 0;
      diagonal.push_back(curvature + problem.l2 * factor * factor);
    }
  }
  return Preconditioner::Diagonal(std::move(diagonal));
}

/// L-BFGS over all rows, its initial matrix a Hessian that is renewed after `refresh_after`
/// iterations, and where the old one sees nothing left to gain.
SolverResult LbfgsWithHessian(LinearObjective& objective, Preconditioner hessian,
                              std::int64_t refresh_after, const SolverOptions& options,
                              SolverPoint& point) {
  SolverResult total;
  bool is_last_word = false;  // the metric was renewed at the floor
  while (true) {
    SolverOptions part = options;
    part.max_iter = std::min(refresh_after, options.max_iter - total.n_iter);
    part.on_iteration = [&](std::int64_t iteration, double value) {
      options.on_iteration(total.n_iter + iteration, value);
    };
    const SolverResult result = Lbfgs(objective, hessian, part, point);
    total.n_iter += result.n_iter;
    total.converged = result.converged;
    total.at_floor = result.at_floor;
    const bool gave_up = result.at_floor || result.n_iter < part.max_iter;
    if (total.converged || total.n_iter >= options.max_iter || (gave_up && is_last_word)) {
      return total;
    }
    is_last_word = gave_up;
    hessian = HessianAt(objective, point);
  }
}

/// A fit in its parts: the problem, where to start, what to start with.
class LogisticFit {
 public:
  LogisticFit(LogisticProblem problem, const LogisticOptions& options, const Context& ctx)
      : problem_(std::move(problem)), options_(options), ctx_(ctx) {
    double total_weight = 0;
    shares_ = ClassShares(problem_, &total_weight);
    problem_.l2 = std::isfinite(options.c) ? 1 / (options.c * total_weight) : 0;
    Standardise(*problem_.store, problem_);
  }

  LogisticModel Run() {
    const std::int64_t step = SampleStep(problem_, shares_);
    const bool newton = options_.solver == LogisticSolver::kNewtonCholesky;
    const bool with_hessian = newton || HessianPays(problem_, step);
    SolverPoint point(options_.start_coef.empty()
                          ? NullModel(problem_, shares_)
                          : Internal(problem_, options_.start_coef, options_.start_intercept));
    if (!options_.start_coef.empty()) Symmetrise(problem_, true, point.w);
    std::optional<Preconditioner> curvature;
    if (step > 1) curvature = Sample(step, with_hessian, point);
    const SolverOptions solver{options_.tol, options_.max_iter,
                               [&](std::int64_t iteration, double value) {
                                 ctx_.progress.Report(iteration, options_.max_iter, value);
                               }};
    const auto n_slots = static_cast<std::int64_t>(problem_.store->slots().size());
    LogisticObjective objective(problem_, Every(n_slots, 1), ctx_);
    SolverResult result;
    if (newton) {
      result = Newton(objective, solver, point, nullptr);
    } else if (with_hessian) {
      if (curvature) {
        point.Evaluate(objective);
      } else {
        curvature = HessianAt(objective, point);
      }
      const double cost = std::ceil(HessianCost(problem_, 1));
      const auto refresh_after = std::max(kMinRefresh, static_cast<std::int64_t>(cost));
      result = LbfgsWithHessian(objective, std::move(*curvature), refresh_after, solver, point);
    } else {
      point.Evaluate(objective);
      result = Lbfgs(objective, NullCurvature(problem_, shares_), solver, point);
    }
    LogisticModel model;
    model.n_iter = result.n_iter;
    model.converged = result.converged || result.at_floor;
    model.violation = objective.Violation(point.gradient.data());
    Symmetrise(problem_, problem_.l2 == 0, point.w);
    ToOriginal(problem_, point.w, model);
    return model;
  }

 private:
  /// Moves `point` to about the optimum over every `step`-th slot and returns the Hessian there:
  /// what is left for the whole is the difference between a sample and the whole.
  std::optional<Preconditioner> Sample(std::int64_t step, bool with_hessian,
                                       SolverPoint& point) const {
    const auto n_slots = static_cast<std::int64_t>(problem_.store->slots().size());
    LogisticObjective objective(problem_, Every(n_slots, step), ctx_);
    SolverOptions options;
    options.tol = std::max(options_.tol, 1e-3);
    options.max_iter = std::min<std::int64_t>(options_.max_iter, with_hessian ? 8 : 25);
    const std::vector<double> start = point.w;
    if (with_hessian) {
      Preconditioner last;
      Newton(objective, options, point, &last);
      return last;
    }
    point.Evaluate(objective);
    Lbfgs(objective, NullCurvature(problem_, shares_), options, point);
    return std::nullopt;
  }

  LogisticProblem problem_;
  const LogisticOptions& options_;
  const Context& ctx_;
  std::vector<double> shares_;
};

}  // namespace

LogisticModel FitLogistic(const LinearStore& store, std::vector<std::int32_t> codes,
                          std::vector<double> weights, std::int64_t n_classes,
                          const LogisticOptions& options, const Context& ctx) {
  const auto rows = static_cast<std::size_t>(store.rows());
  if (codes.size() != rows || (!weights.empty() && weights.size() != rows)) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(rows) + " rows, but y has " +
                                             std::to_string(codes.size()));
  }
  LogisticProblem problem;
  problem.store = &store;
  problem.codes = std::move(codes);
  problem.weights = std::move(weights);
  problem.n_classes = n_classes;
  problem.fit_intercept = options.fit_intercept;
  return LogisticFit(std::move(problem), options, ctx).Run();
}

}  // namespace treeline
