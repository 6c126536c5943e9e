#include "linear/quantile_interior.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "matrix/cholesky.h"
#include "simd/kernels.h"

namespace treeline {

SemidefiniteFactor::SemidefiniteFactor(const std::vector<double>& matrix, std::int64_t n)
    : n_(n), l_(static_cast<std::size_t>(n * n)), is_out_(static_cast<std::size_t>(n)) {
  constexpr double kNoDigit = 1e-15;
  const auto dot = simd::Active().vectors.dot;
  for (std::int64_t i = 0; i < n; ++i) {
    double* row = l_.data() + i * n;
    for (std::int64_t j = 0; j < i; ++j) {
      const double* other = l_.data() + j * n;
      if (!is_out_[j]) row[j] = (matrix[i * n + j] - dot(row, other, j)) / other[j];
    }
    const double diagonal = matrix[i * n + i];
    const double pivot = diagonal - dot(row, row, i);
    is_out_[i] = !(pivot > kNoDigit * static_cast<double>(n) * diagonal) || !std::isfinite(pivot);
    if (is_out_[i]) std::fill_n(row, i, 0.0);
    row[i] = is_out_[i] ? 1 : std::sqrt(pivot);
  }
}

std::vector<double> SemidefiniteFactor::Solve(std::vector<double> right) const {
  for (std::int64_t i = 0; i < n_; ++i) {
    if (is_out_[i]) right[i] = 0;
  }
  SolveLower(l_, n_, right.data());
  SolveLowerTransposed(l_, n_, right.data());
  return right;
}

namespace {

/// Where to go on when the gap has not shrunk by a tenth in this many iterations: nowhere.
constexpr int kPatience = 12;
/// How near to a bound a step may lead.
constexpr double kNear = 0.9995;

double Share(double inverse, double most) { return inverse <= most ? 1 : most / inverse; }

/// The centring that the affine step calls for.
double Centring(const QuantileRows::Standing& now, const QuantileRows::Prediction& step) {
  const double primal = Share(step.steps.primal, 1);
  const double dual = Share(step.steps.dual, 1);
  const double gap = now.gap + primal * step.linear_primal + dual * step.linear_dual +
                     primal * dual * step.bilinear;
  const double ratio = std::clamp(gap / now.gap, 0.0, 1.0);
  return ratio * ratio * ratio * now.gap / (2 * now.count);
}

}  // namespace

InteriorPoint SolveInterior(QuantileRows& rows, double tol, double rounding, std::int64_t max_iter,
                            const Context& ctx) {
  const std::int64_t n = rows.size();
  InteriorPoint point{std::vector<double>(static_cast<std::size_t>(n))};
  std::vector<double> matrix;
  std::vector<double> right;
  double best = std::numeric_limits<double>::infinity();
  int stalled = 0;
  while (point.n_iter < max_iter) {
    const QuantileRows::Standing now = rows.standing();
    if (now.gap <= tol * now.loss + rounding) break;
    stalled = now.gap < 0.9 * best ? 0 : stalled + 1;
    best = std::min(best, now.gap);
    if (stalled == kPatience) break;
    rows.Normal(matrix, right);
    const SemidefiniteFactor factor(matrix, n);
    const QuantileRows::Prediction step = rows.Predict(factor.Solve(right));
    const double mu = Centring(now, step);
    for (std::int64_t k = 0; k < n; ++k) right[k] += mu * step.centring[k] + step.second_order[k];
    const std::vector<double> beta = factor.Solve(right);
    if (!std::isfinite(std::reduce(beta.begin(), beta.end()))) break;
    const QuantileSteps steps = rows.Correct(beta, mu);
    const double dual = Share(steps.dual, kNear);
    rows.Advance(Share(steps.primal, kNear), dual, mu);
    for (std::int64_t k = 0; k < n; ++k) point.beta[k] += dual * beta[k];
    ctx.progress.Report(++point.n_iter, max_iter, rows.standing().loss);
  }
  return point;
}

}  // namespace treeline
