#include "linear/quantile_regression.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "core/error.h"
#include "linear/quantile_interior.h"
#include "linear/quantile_problem.h"
#include "linear/quantile_rows.h"
#include "linear/quantile_vertex.h"

namespace treeline {

namespace {

/// How y was brought to mean 0 (with an intercept) and mean absolute value 1.
struct TargetScale {
  double weight = 0;
  double shift = 0;
  double scale = 0;
};

TargetScale ScaleTarget(QuantileProblem& problem) {
  TargetScale found;
  Moments moments;
  for (std::int64_t i = 0; i < problem.rows(); ++i) {
    const double weight = problem.Weight(i);
    if (weight > 0) Merge(moments, Moments{weight, problem.target[i], 0});
  }
  found.weight = moments.count;
  if (problem.fit_intercept) found.shift = moments.mean;
  double sum = 0;
  for (std::int64_t i = 0; i < problem.rows(); ++i)
    sum += problem.Weight(i) * std::abs(problem.target[i] - found.shift);
  found.scale = found.weight > 0 ? sum / found.weight : 0;
  // A y that is constant up to rounding is constant.
  if (!(found.scale > 1e-15 * std::abs(found.shift))) found.scale = 0;
  for (double& y : problem.target) y = found.scale > 0 ? (y - found.shift) / found.scale : 0;
  return found;
}

/// The rows, at most `most`, of which it is least clear on which side of 0 their residual will be,
/// in row order.
std::vector<std::int64_t> DoubtfulRows(const QuantileProblem& problem, const QuantileRows& rows,
                                       std::int64_t most) {
  const std::vector<double>& doubt = rows.doubt();
  std::vector<double> sorted;
  for (std::int64_t i = 0; i < problem.rows(); ++i) {
    if (doubt[i] > 0) sorted.push_back(doubt[i]);
  }
  double least = 0;
  auto ties = static_cast<std::int64_t>(sorted.size());
  if (ties > most) {
    const auto last = sorted.begin() + most - 1;
    std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
    least = *last;
    ties = most - std::count_if(sorted.begin(), last, [&](double q) { return q > least; });
  }
  std::vector<std::int64_t> chosen;
  for (std::int64_t i = 0; i < problem.rows(); ++i) {
    if (!(doubt[i] > 0) || doubt[i] < least) continue;
    if (doubt[i] > least || ties-- > 0) chosen.push_back(i);
  }
  return chosen;
}

/// A pair of points and how good they are.
struct Candidate {
  std::vector<double> beta;
  QuantileRows::Check check;
};

/// The problem of some constraints, where the others' multipliers stay what they are; `off`: all
/// constraints times their multipliers.
VertexProblem Around(const QuantileProblem& problem, const QuantileRows& rows,
                     const std::vector<std::int64_t>& chosen, const std::vector<double>& beta,
                     const std::vector<double>& off) {
  VertexProblem around;
  around.rows = static_cast<std::int64_t>(chosen.size());
  around.cols = problem.size();
  around.start = beta;
  around.tilt = off;
  around.a.resize(chosen.size() * beta.size());
  for (std::int64_t k = 0; k < around.rows; ++k) {
    const std::int64_t i = chosen[k];
    double* row = around.a.data() + k * around.cols;
    problem.Constraint(i, row);
    around.target.push_back(problem.Target(i));
    around.lower.push_back(problem.Lower(i));
    around.upper.push_back(problem.Upper(i));
    around.order.push_back(k);
    for (std::int64_t j = 0; j < around.cols; ++j) around.tilt[j] -= rows.multiplier(i) * row[j];
  }
  std::stable_sort(around.order.begin(), around.order.end(), [&](std::int64_t p, std::int64_t q) {
    return rows.doubt()[chosen[p]] > rows.doubt()[chosen[q]];
  });
  return around;
}

/// Goes to a vertex of the chosen constraints, then keeps its multipliers if they are optimal
/// there.
Candidate VertexOf(const QuantileProblem& problem, QuantileRows& rows,
                   const std::vector<std::int64_t>& chosen, const Candidate& from,
                   const Context& ctx) {
  const Vertex vertex = FindVertex(Around(problem, rows, chosen, from.beta, from.check.off), ctx);
  Candidate found{vertex.beta, {}};
  for (const std::int64_t k : vertex.basis) {
    // Coefficients without a rounding error where they are 0.
    if (k >= 0 && chosen[k] >= problem.rows()) found.beta[chosen[k] - problem.rows()] = 0;
  }
  for (std::size_t k = 0; k < chosen.size() && vertex.optimal; ++k)
    rows.SetMultiplier(chosen[k], vertex.dual[k]);
  found.check = rows.Evaluate(found.beta);
  return found;
}

/// Moves to the vertex that is the minimum. Rows whose residuals may change their sign on the way
/// there are looked at one by one; that no other residual did proves it. If some did, their
/// multipliers are put right, and then more rows are looked at.
void Polish(const QuantileProblem& problem, QuantileRows& rows, double rounding, Candidate& best,
            const Context& ctx) {
  constexpr std::int64_t kFewRows = 1000;
  constexpr std::int64_t kMostNumbers = 1 << 24;
  constexpr int kAttempts = 4;
  const std::int64_t first = std::max(kFewRows, 3 * problem.size());
  const std::int64_t last = std::max(first, std::min(16 * first, kMostNumbers / problem.size()));
  double least = best.check.loss - best.check.gap;  // that the minimum can be
  for (std::int64_t most = first; most <= last; most *= 4) {
    std::vector<std::int64_t> chosen = DoubtfulRows(problem, rows, most);
    const bool are_all = static_cast<std::int64_t>(chosen.size()) < most;
    for (std::int64_t i = problem.rows(); i < problem.constraints(); ++i) chosen.push_back(i);
    Candidate at = best;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      if (attempt > 0) {
        rows.Snap(at.beta);
        at.check = rows.Evaluate(at.beta);
      }
      at = VertexOf(problem, rows, chosen, at, ctx);
      const bool is_proved = at.check.gap <= 10 * rounding;
      least = std::max(least, at.check.loss - at.check.gap);
      if (at.check.loss <= best.check.loss + rounding) best = at;
      best.check.gap = std::max(best.check.loss - least, 0.0);
      if (is_proved || are_all) return;
    }
  }
}

}  // namespace

QuantileModel FitQuantile(const LinearTable& table, std::vector<double> target,
                          std::vector<double> weights, const QuantileOptions& options,
                          const Context& ctx) {
  const auto n_rows = static_cast<std::size_t>(table.rows());
  if (target.size() != n_rows || (!weights.empty() && weights.size() != n_rows)) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(n_rows) + " rows, but y has " +
                                             std::to_string(target.size()));
  }
  QuantileProblem problem;
  problem.table = table;
  problem.target = std::move(target);
  problem.weights = weights;
  problem.quantile = options.quantile;
  problem.fit_intercept = options.fit_intercept;
  const TargetScale y = ScaleTarget(problem);
  QuantileModel model;
  model.coef.resize(static_cast<std::size_t>(table.cols()));
  model.intercept = y.shift;
  model.converged = true;
  if (y.scale == 0) return model;
  ChooseColumns(problem, options.alpha * y.weight, ctx);
  if (problem.size() == 0) return model;
  QuantileRows rows(problem, ctx);
  const double rounding = 1e-15 * rows.standing().loss;
  InteriorPoint interior = SolveInterior(rows, 0.01 * options.tol, rounding, options.max_iter, ctx);
  Candidate best{std::move(interior.beta), {}};
  best.check = rows.Evaluate(best.beta);
  Polish(problem, rows, rounding, best, ctx);
  model.n_iter = interior.n_iter;
  model.objective = best.check.loss * y.scale / y.weight;
  model.gap = best.check.gap * y.scale / y.weight;
  model.converged = best.check.gap <= options.tol * best.check.loss + 100 * rounding;
  double constant = problem.fit_intercept ? best.beta[problem.columns.size()] : 0;
  for (std::size_t k = 0; k < problem.columns.size(); ++k) {
    const std::int64_t j = problem.columns[k];
    const double coef = best.beta[k] * problem.factor[j];
    constant -= coef * problem.shift[j];
    model.coef[j] = coef * y.scale;
  }
  if (problem.fit_intercept) model.intercept += constant * y.scale;
  return model;
}

}  // namespace treeline
