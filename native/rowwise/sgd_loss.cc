#include "rowwise/sgd_loss.h"

#include <algorithm>
#include <cmath>

#include "simd/kernels.h"

namespace treeline {

namespace {

double Log1pExp(double x) noexcept {
  double out = 0;
  simd::Active().math.log1p_exp(&x, 1, &out);
  return out;
}

double Sigmoid(double x) noexcept {
  double out = 0;
  simd::Active().math.sigmoid(&x, 1, &out);
  return out;
}

}  // namespace

double SgdLossFunction::Value(double y, double p) const noexcept {
  const double z = y * p;
  const double error = std::abs(p - y);
  const double beyond = std::max(0.0, error - epsilon);
  switch (kind) {
    case SgdLoss::kHinge: return std::max(0.0, 1 - z);
    case SgdLoss::kPerceptron: return std::max(0.0, -z);
    case SgdLoss::kSquaredHinge: return std::max(0.0, 1 - z) * std::max(0.0, 1 - z);
    case SgdLoss::kLogLoss: return Log1pExp(-z);
    case SgdLoss::kModifiedHuber: return z >= 1 ? 0 : z >= -1 ? (1 - z) * (1 - z) : -4 * z;
    case SgdLoss::kSquaredError: return 0.5 * error * error;
    case SgdLoss::kHuber:
      return error <= epsilon ? 0.5 * error * error : epsilon * error - 0.5 * epsilon * epsilon;
    case SgdLoss::kEpsilonInsensitive: return beyond;
    case SgdLoss::kSquaredEpsilonInsensitive: return beyond * beyond;
  }
  return 0;
}

double SgdLossFunction::Gradient(double y, double p) const noexcept {
  const double z = y * p;
  const double error = p - y;
  const double sign = error > 0 ? 1 : -1;
  const bool beyond = std::abs(error) > epsilon;
  switch (kind) {
    case SgdLoss::kHinge: return z <= 1 ? -y : 0;
    case SgdLoss::kPerceptron: return z <= 0 ? -y : 0;
    case SgdLoss::kSquaredHinge: return z < 1 ? -2 * y * (1 - z) : 0;
    case SgdLoss::kLogLoss: return -y * Sigmoid(-z);
    case SgdLoss::kModifiedHuber: return z >= 1 ? 0 : z >= -1 ? 2 * (1 - z) * -y : -4 * y;
    case SgdLoss::kSquaredError: return error;
    case SgdLoss::kHuber: return beyond ? sign * epsilon : error;
    case SgdLoss::kEpsilonInsensitive: return beyond ? sign : 0;
    case SgdLoss::kSquaredEpsilonInsensitive:
      return beyond ? 2 * sign * (std::abs(error) - epsilon) : 0;
  }
  return 0;
}

}  // namespace treeline
