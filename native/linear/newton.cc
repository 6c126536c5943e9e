#include "linear/dot.h"
#include "linear/solver.h"
#include "linear/stall.h"

namespace treeline {

SolverResult Newton(LinearObjective& objective, const SolverOptions& options, SolverPoint& point,
                    Preconditioner* last) {
  SolverResult result;
  Stall stall;
  std::vector<double> direction(point.w.size());
  while (result.n_iter < options.max_iter) {
    std::vector<double> hessian(point.w.size() * point.w.size());
    point.value =
        objective.EvaluateWithHessian(point.w.data(), point.gradient.data(), hessian.data());
    const Preconditioner factor = Preconditioner::Cholesky(std::move(hessian), objective.size());
    if (last != nullptr) *last = factor;
    factor.Solve(point.gradient.data(), direction.data());
    for (double& d : direction) d = -d;
    const bool at_floor = stall.AtFloor(-Dot(point.gradient, direction), point.value);
    if (!LineSearch(objective, direction, point)) {
      result.converged = at_floor || objective.Violation(point.gradient.data()) <= options.tol;
      break;
    }
    options.on_iteration(++result.n_iter, point.value);
    const double violation = objective.Violation(point.gradient.data());
    result.converged = violation <= options.tol || stall.Happened(violation, at_floor);
    if (result.converged) break;
  }
  if (result.n_iter == 0) result.n_iter = 1;
  return result;
}

}  // namespace treeline
