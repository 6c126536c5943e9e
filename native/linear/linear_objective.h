#pragma once

#include <cstdint>

namespace treeline {

/// A smooth convex function of a vector, as solvers see it: they know nothing of data, losses or
/// penalties.
class LinearObjective {
 public:
  virtual ~LinearObjective() = default;
  /// Number of unknowns.
  virtual std::int64_t size() const noexcept = 0;
  /// The value at `w`; writes the gradient.
  virtual double Evaluate(const double* w, double* gradient) = 0;
  /// The same, and the Hessian, size x size, both triangles. Positive definite up to rounding and
  /// collinear columns.
  virtual double EvaluateWithHessian(const double* w, double* gradient, double* hessian) = 0;
  /// What `tol` is compared with: the largest entry of the gradient, in the units the user knows.
  virtual double Violation(const double* gradient) const = 0;
};

}  // namespace treeline
