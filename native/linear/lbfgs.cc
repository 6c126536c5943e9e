#include <cmath>
#include <deque>

#include "linear/dot.h"
#include "linear/solver.h"
#include "linear/stall.h"

namespace treeline {

namespace {

constexpr std::size_t kMemory = 10;
/// A line search that finds nothing better with so little to gain has found the minimum.
constexpr double kFailedSearchDigits = 1e-12;

/// A step, the change of the gradient over it, and 1 / (their product).
struct Correction {
  std::vector<double> step;
  std::vector<double> change;
  double rho;
};

/// The two-loop recursion: direction = -H * gradient.
void Direction(const std::deque<Correction>& memory, const Preconditioner& initial,
               const std::vector<double>& gradient, std::vector<double>& direction) {
  std::vector<double> alpha(memory.size());
  direction = gradient;
  for (std::size_t m = memory.size(); m-- > 0;) {
    alpha[m] = memory[m].rho * Dot(memory[m].step, direction);
    for (std::size_t i = 0; i < direction.size(); ++i)
      direction[i] -= alpha[m] * memory[m].change[i];
  }
  initial.Solve(direction.data(), direction.data());
  if (!memory.empty()) {
    std::vector<double> scaled(direction.size());
    const Correction& latest = memory.back();
    initial.Solve(latest.change.data(), scaled.data());
    const double gamma = 1 / (latest.rho * Dot(latest.change, scaled));
    for (double& d : direction) d *= gamma;
  }
  for (std::size_t m = 0; m < memory.size(); ++m) {
    const double beta = memory[m].rho * Dot(memory[m].change, direction);
    for (std::size_t i = 0; i < direction.size(); ++i)
      direction[i] += (alpha[m] - beta) * memory[m].step[i];
  }
  for (double& d : direction) d = -d;
}

void Remember(std::deque<Correction>& memory, const SolverPoint& before, const SolverPoint& after) {
  Correction correction{after.w, after.gradient, 0};
  for (std::size_t i = 0; i < after.w.size(); ++i) {
    correction.step[i] -= before.w[i];
    correction.change[i] -= before.gradient[i];
  }
  const double product = Dot(correction.step, correction.change);
  if (!(product > 0) || !std::isfinite(1 / product)) return;
  correction.rho = 1 / product;
  memory.push_back(std::move(correction));
  if (memory.size() > kMemory) memory.pop_front();
}

}  // namespace

SolverResult Lbfgs(LinearObjective& objective, const Preconditioner& initial,
                   const SolverOptions& options, SolverPoint& point) {
  SolverResult result;
  std::deque<Correction> memory;
  std::vector<double> direction;
  Stall stall;
  double violation = objective.Violation(point.w.data(), point.gradient.data());
  while (result.n_iter < options.max_iter) {
    Direction(memory, initial, point.gradient, direction);
    const double decrement = -Dot(point.gradient, direction);
    const SolverPoint before = point;
    if (!LineSearch(objective, direction, point)) {
      result.converged = violation <= options.tol;
      if (result.converged) break;
      if (memory.empty()) {
        result.at_floor = Stall::AtFloor(decrement, point.value, kFailedSearchDigits);
        break;
      }
      memory.clear();
      continue;
    }
    Remember(memory, before, point);
    options.on_iteration(++result.n_iter, point.value);
    violation = objective.Violation(point.w.data(), point.gradient.data());
    result.converged = violation <= options.tol;
    result.at_floor =
        !result.converged && stall.Happened(violation, Stall::AtFloor(decrement, before.value));
    if (result.converged || result.at_floor) break;
  }
  if (result.n_iter == 0) result.n_iter = 1;  // the look at a start that was the end
  return result;
}

}  // namespace treeline
