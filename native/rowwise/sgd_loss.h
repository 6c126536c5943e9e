#pragma once

namespace treeline {

/// Losses of stochastic gradient descent. For classification y is -1 or 1.
enum class SgdLoss {
  kHinge,
  kSquaredHinge,
  kLogLoss,
  kModifiedHuber,
  kPerceptron,
  kSquaredError,
  kHuber,
  kEpsilonInsensitive,
  kSquaredEpsilonInsensitive,
};

/// One loss with its parameter: functions of the target y and the prediction p of one row.
struct SgdLossFunction {
  SgdLoss kind;
  double epsilon;

  double Value(double y, double p) const noexcept;
  /// Derivative by p.
  double Gradient(double y, double p) const noexcept;
};

}  // namespace treeline
