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
    const double decrement = -Dot(point.gradient, direction);
    const bool at_floor = Stall::AtFloor(decrement, point.value);
    if (!LineSearch(objective, direction, point)) {
      result.converged = objective.Violation(point.w.data(), point.gradient.data()) <= options.tol;
      // A search that finds nothing better with so little to gain has found the minimum.
      result.at_floor = Stall::AtFloor(decrement, point.value, 1e-12);
      break;
    }
    options.on_iteration(++result.n_iter, point.value);
    const double violation = objective.Violation(point.w.data(), point.gradient.data());
    result.converged = violation <= options.tol;
    result.at_floor = !result.converged && stall.Happened(violation, at_floor);
    if (result.converged || result.at_floor) break;
  }
  if (result.n_iter == 0) result.n_iter = 1;
  return result;
}

}  // namespace treeline
