#include "linear/glm_solve.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "linear/glm_objective.h"
#include "linear/solver.h"

namespace treeline {

namespace {

/// Tables of fewer slots are not sampled: a pass over them costs next to nothing.
constexpr std::int64_t kMinSlotsToSample = 32;
/// Fewest L-BFGS iterations with a Hessian before it is computed anew.
constexpr std::int64_t kMinRefresh = 5;

/// Every `step`-th slot of n.
std::vector<std::int64_t> Every(std::int64_t n, std::int64_t step) {
  std::vector<std::int64_t> slots;
  for (std::int64_t s = 0; s < n; s += step) slots.push_back(s);
  return slots;
}

/// How far apart the slots of a subsample lie that is large enough to say something about every
/// coefficient and class; 1: there is no such subsample, the whole is needed.
std::int64_t SampleStep(const GlmProblem& problem, double rarest) {
  const auto n_slots = static_cast<std::int64_t>(problem.store->slots().size());
  if (n_slots < kMinSlotsToSample) return 1;
  const double rows =
      20.0 * static_cast<double>(problem.n_outputs() * problem.width()) / std::max(rarest, 1e-12);
  const double slots = std::max({16.0, rows / kSlotRows, static_cast<double>(n_slots) / 20});
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(n_slots) / slots));
}

/// What a Hessian over every `step`-th slot and its factor cost, in passes for the gradient. The
/// factorisation is scalar.
double HessianCost(const GlmProblem& problem, std::int64_t step) {
  const auto rows = static_cast<double>(problem.store->rows());
  const auto outputs = static_cast<double>(problem.n_outputs());
  const auto unknowns = static_cast<double>(problem.n_outputs() * problem.width());
  const double pass = rows * unknowns * 6;
  const double products =
      rows / static_cast<double>(step) * (outputs + 1) / outputs * unknowns * unknowns / 2;
  return (products + 8 * unknowns * unknowns * unknowns) / pass;
}

/// Whether a Hessian costs less than the passes it saves.
bool HessianPays(const GlmProblem& problem, std::int64_t step) {
  return problem.n_outputs() * problem.width() < 2000 && HessianCost(problem, step) < 20;
}

/// Writes value and gradient to `point` and returns the Hessian, factored.
Preconditioner HessianAt(LinearObjective& objective, SolverPoint& point) {
  std::vector<double> matrix(point.w.size() * point.w.size());
  point.value = objective.EvaluateWithHessian(point.w.data(), point.gradient.data(), matrix.data());
  return Preconditioner::Cholesky(std::move(matrix), objective.size());
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

/// Moves `point` to about the optimum over every `step`-th slot and returns the Hessian there: what
/// is left for the whole is the difference between a sample and the whole.
std::optional<Preconditioner> Sample(const GlmProblem& problem, std::int64_t step,
                                     const GlmStart& start, bool with_hessian,
                                     SolverOptions options, const Context& ctx,
                                     SolverPoint& point) {
  const auto n_slots = static_cast<std::int64_t>(problem.store->slots().size());
  GlmObjective objective(problem, Every(n_slots, step), ctx);
  options.tol = std::max(options.tol, 1e-3);
  options.max_iter = std::min<std::int64_t>(options.max_iter, with_hessian ? 8 : 25);
  options.on_iteration = [](std::int64_t, double) {};
  if (with_hessian) {
    Preconditioner last;
    Newton(objective, options, point, &last);
    return last;
  }
  point.Evaluate(objective);
  Lbfgs(objective, Preconditioner::Diagonal(start.curvature), options, point);
  return std::nullopt;
}

/// L-BFGS over all rows, with a Hessian where that pays.
SolverResult RunLbfgs(const GlmProblem& problem, GlmObjective& objective, const GlmStart& start,
                      std::optional<Preconditioner> curvature, bool with_hessian,
                      const SolverOptions& options, SolverPoint& point) {
  if (!with_hessian) {
    point.Evaluate(objective);
    return Lbfgs(objective, Preconditioner::Diagonal(start.curvature), options, point);
  }
  if (curvature) {
    point.Evaluate(objective);
  } else {
    curvature = HessianAt(objective, point);
  }
  const double cost = std::ceil(HessianCost(problem, 1));
  const auto refresh_after = std::max(kMinRefresh, static_cast<std::int64_t>(cost));
  return LbfgsWithHessian(objective, std::move(*curvature), refresh_after, options, point);
}

}  // namespace

GlmSolution SolveGlm(const GlmProblem& problem, GlmStart start, GlmSolver solver, double tol,
                     std::int64_t max_iter, const Context& ctx) {
  const std::int64_t step = SampleStep(problem, start.rarest_share);
  const bool newton = solver == GlmSolver::kNewtonCholesky;
  const bool with_hessian = newton || HessianPays(problem, step);
  const SolverOptions options{tol, max_iter, [&](std::int64_t iteration, double value) {
                                ctx.progress.Report(iteration, max_iter, value);
                              }};
  SolverPoint point(start.w);
  std::optional<Preconditioner> curvature;
  if (step > 1) curvature = Sample(problem, step, start, with_hessian, options, ctx, point);
  const auto n_slots = static_cast<std::int64_t>(problem.store->slots().size());
  GlmObjective objective(problem, Every(n_slots, 1), ctx);
  const SolverResult result = newton ? Newton(objective, options, point, nullptr)
                                     : RunLbfgs(problem, objective, start, std::move(curvature),
                                                with_hessian, options, point);
  GlmSolution solution;
  solution.w = std::move(point.w);
  solution.n_iter = result.n_iter;
  solution.converged = result.converged || result.at_floor;
  solution.violation = objective.Violation(point.gradient.data());
  solution.value = point.value;
  return solution;
}

}  // namespace treeline
