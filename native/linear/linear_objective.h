#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace treeline {

/// A convex function of a vector, as solvers see it: a smooth part, and perhaps a weighted sum of
/// the unknowns' absolute values. They know nothing of data, losses or penalties.
class LinearObjective {
 public:
  virtual ~LinearObjective() = default;
  /// Number of unknowns.
  virtual std::int64_t size() const noexcept = 0;
  /// The smooth part's value at `w`; writes its gradient.
  virtual double Evaluate(const double* w, double* gradient) = 0;
  /// The same, and the Hessian, size x size, both triangles. Positive definite up to rounding and
  /// collinear columns.
  virtual double EvaluateWithHessian(const double* w, double* gradient, double* hessian) = 0;
  /// The weight of every unknown's absolute value; empty: there is only the smooth part.
  virtual const std::vector<double>& l1() const noexcept = 0;
  /// What `tol` is compared with: the largest entry of the gradient, in the units the user knows;
  /// of the subgradient of least length where there are absolute values.
  virtual double Violation(const double* w, const double* gradient) const = 0;
};

/// Length of the least subgradient along an unknown at `w`, whose smooth part has the slope
/// `slope`.
inline double Subgradient(double w, double slope, double l1) noexcept {
  return w == 0 ? std::max(std::abs(slope) - l1, 0.0) : std::abs(slope + std::copysign(l1, w));
}

}  // namespace treeline
