#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "linear/linear_objective.h"
#include "linear/preconditioner.h"
#include "linear/quadratic_model.h"

namespace treeline {

/// A point with what the objective says there.
struct SolverPoint {
  std::vector<double> w;
  std::vector<double> gradient;
  double value = 0;

  explicit SolverPoint(std::vector<double> start) : w(std::move(start)), gradient(w.size()) {}
  void Evaluate(LinearObjective& objective) {
    value = objective.Evaluate(w.data(), gradient.data());
  }
};

struct SolverOptions {
  double tol = 1e-4;
  std::int64_t max_iter = 100;
  /// Told after every iteration: iterations so far and the objective's value.
  std::function<void(std::int64_t iteration, double value)> on_iteration = [](std::int64_t,
                                                                              double) {};
};

struct SolverResult {
  std::int64_t n_iter = 0;
  /// The gradient is below tol.
  bool converged = false;
  /// It is not, but this solver sees no better point: what is left to gain is lost in rounding.
  bool at_floor = false;
};

/// Moves `point` along `direction` to a point that satisfies the strong Wolfe conditions (Nocedal
/// and Wright, ch. 3; where the decrease drowns in rounding, the slope decides alone, as in Hager
/// and Zhang 2005). The objective is convex: the sign of the slope tells on which side the minimum
/// lies. False if there is no such point.
bool LineSearch(LinearObjective& objective, const std::vector<double>& direction,
                SolverPoint& point);

/// L-BFGS (Liu and Nocedal 1989) with `initial` in place of a multiple of the identity. `point`
/// must be evaluated.
SolverResult Lbfgs(LinearObjective& objective, const Preconditioner& initial,
                   const SolverOptions& options, SolverPoint& point);

struct ProximalOptions : SolverOptions {
  /// Makes the model anew at a point, whose value and gradient it may write again; or empty.
  std::function<QuadraticModel(SolverPoint&)> renew;
  /// After how many iterations that is due.
  std::int64_t renew_after = 100;
};

/// Newton's method where the objective has absolute values (Lee, Sun and Saunders 2014): every
/// iteration goes towards the minimum of `model` and the absolute values; unknowns that are 0 there
/// become exactly 0. `point` must be evaluated, `model` belong to it, about.
SolverResult ProximalNewton(LinearObjective& objective, const ProximalOptions& options,
                            QuadraticModel& model, SolverPoint& point);

/// Newton's method with Cholesky factors. `last` (may be null) receives the last one. `point` need
/// not be evaluated.
SolverResult Newton(LinearObjective& objective, const SolverOptions& options, SolverPoint& point,
                    Preconditioner* last);

}  // namespace treeline
