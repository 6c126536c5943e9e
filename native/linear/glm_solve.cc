#include "linear/glm_solve.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "linear/glm_objective.h"
#include "linear/glm_sample.h"
#include "linear/solver.h"

namespace treeline {

namespace {

/// Fewest L-BFGS iterations with a Hessian before it is computed anew.
constexpr std::int64_t kMinRefresh = 5;
/// Unknowns of a sparse table beyond which no Hessian is made: it would outgrow the entries.
constexpr std::int64_t kMostSparseUnknowns = 5000;

/// What a Hessian over every `step`-th slot and its factor cost, in passes for the gradient. The
/// factorisation is scalar.
double HessianCost(const GlmProblem& problem, std::int64_t step) {
  const auto rows = static_cast<double>(problem.table.rows());
  const auto outputs = static_cast<double>(problem.n_outputs());
  const auto unknowns = static_cast<double>(problem.n_outputs() * problem.width());
  if (const SparseStore* sparse = problem.table.sparse()) {
    // An entry costs about four times what one of a dense tile does.
    const double pass = outputs * (rows + static_cast<double>(sparse->entries())) * 24;
    const double products = outputs * (outputs + 1) * sparse->pairs();
    return (products + 8 * unknowns * unknowns * unknowns) / std::max(pass, 1.0);
  }
  const double pass = rows * unknowns * 6;
  const double products =
      rows / static_cast<double>(step) * (outputs + 1) / outputs * unknowns * unknowns / 2;
  return (products + 8 * unknowns * unknowns * unknowns) / pass;
}

/// Whether a Hessian costs less than the passes it saves.
bool HessianPays(const GlmProblem& problem, std::int64_t step) {
  return problem.n_outputs() * problem.width() < 2000 && HessianCost(problem, step) < 20;
}

/// Iterations for which one Hessian serves.
std::int64_t RefreshAfter(const GlmProblem& problem) {
  return std::max(kMinRefresh, static_cast<std::int64_t>(std::ceil(HessianCost(problem, 1))));
}

/// Writes value and gradient to `point` and returns the Hessian.
std::vector<double> MatrixAt(LinearObjective& objective, SolverPoint& point) {
  std::vector<double> matrix(point.w.size() * point.w.size());
  point.value = objective.EvaluateWithHessian(point.w.data(), point.gradient.data(), matrix.data());
  return matrix;
}

Preconditioner HessianAt(LinearObjective& objective, SolverPoint& point) {
  return Preconditioner::Cholesky(MatrixAt(objective, point), objective.size());
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

/// How a subsample is solved: roughly, and without telling. Gradients shrink with the share of the
/// rarest class.
SolverOptions SampleOptions(SolverOptions options, double rarest, bool with_hessian) {
  options.tol = std::max(0.1 * options.tol, std::min(1e-3, 2e-3 * rarest));
  options.max_iter = std::min<std::int64_t>(options.max_iter, with_hessian ? 15 : 25);
  options.on_iteration = [](std::int64_t, double) {};
  return options;
}

/// Moves `point` to about the optimum over a sample and returns the Hessian there: what is left for
/// the whole is the difference between a sample and the whole.
std::optional<Preconditioner> SolveSample(const GlmSample& sample, const GlmStart& start,
                                          bool with_hessian, SolverOptions options,
                                          const Context& ctx, SolverPoint& point) {
  GlmObjective objective = sample.Objective(ctx);
  options = SampleOptions(std::move(options), start.rarest_share, with_hessian);
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
  return LbfgsWithHessian(objective, std::move(*curvature), RefreshAfter(problem), options, point);
}

/// L-BFGS, Newton's method or both: objectives without absolute values.
SolverResult SolveSmooth(const GlmProblem& problem, GlmObjective& objective, const GlmStart& start,
                         bool newton, const SolverOptions& options, const Context& ctx,
                         SolverPoint& point) {
  const GlmSample sample(problem, start.rarest_share, ctx);
  const bool with_hessian = newton || HessianPays(problem, sample.step());
  std::optional<Preconditioner> curvature;
  if (sample.exists()) curvature = SolveSample(sample, start, with_hessian, options, ctx, point);
  if (newton) return Newton(objective, options, point, nullptr);
  return RunLbfgs(problem, objective, start, std::move(curvature), with_hessian, options, point);
}

/// The same for objectives with absolute values: proximal Newton, with a Hessian where that pays.
SolverResult SolveSparse(const GlmProblem& problem, GlmObjective& objective, const GlmStart& start,
                         bool newton, const SolverOptions& options, const Context& ctx,
                         SolverPoint& point) {
  const GlmSample sample(problem, start.rarest_share, ctx);
  const bool with_hessian = newton || HessianPays(problem, sample.step());
  QuadraticModel model = QuadraticModel::Diagonal(start.curvature);
  const auto run = [&](GlmObjective& over, const SolverOptions& how, std::int64_t renew_after) {
    ProximalOptions proximal{how, {}, renew_after};
    if (with_hessian) {
      proximal.renew = [&over](SolverPoint& at) {
        return QuadraticModel::Dense(MatrixAt(over, at), over.size());
      };
    }
    return ProximalNewton(over, proximal, model, point);
  };
  if (sample.exists()) {
    GlmObjective part = sample.Objective(ctx);
    if (with_hessian) {
      model = QuadraticModel::Dense(MatrixAt(part, point), part.size());
    } else {
      point.Evaluate(part);
    }
    run(part, SampleOptions(options, start.rarest_share, with_hessian), 1);
    point.Evaluate(objective);
    model.Forget();
  } else if (with_hessian) {
    model = QuadraticModel::Dense(MatrixAt(objective, point), objective.size());
  } else {
    point.Evaluate(objective);
  }
  return run(objective, options, newton ? 1 : RefreshAfter(problem));
}

}  // namespace

GlmSolution SolveGlm(const GlmProblem& problem, const GlmStart& start, GlmSolver solver, double tol,
                     std::int64_t max_iter, const Context& ctx) {
  const bool newton = solver == GlmSolver::kNewtonCholesky &&
                      (problem.table.sparse() == nullptr || problem.size() <= kMostSparseUnknowns);
  const SolverOptions options{tol, max_iter, [&](std::int64_t iteration, double value) {
                                ctx.progress.Report(iteration, max_iter, value);
                              }};
  SolverPoint point(start.w);
  GlmObjective objective(problem, ctx);
  const auto solve = problem.l1 > 0 ? SolveSparse : SolveSmooth;
  const SolverResult result = solve(problem, objective, start, newton, options, ctx, point);
  GlmSolution solution;
  solution.w = std::move(point.w);
  solution.n_iter = result.n_iter;
  solution.converged = result.converged || result.at_floor;
  solution.violation = objective.Violation(solution.w.data(), point.gradient.data());
  solution.value = point.value;
  return solution;
}

}  // namespace treeline
