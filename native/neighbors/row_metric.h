#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace treeline {

/// How far rows are from each other.
enum class RowMetric {
  kSquaredEuclidean,  // also Euclidean (the root is taken at the end) and cosine (of unit rows)
  kManhattan,
  kChebyshev,
  kMinkowski,  // sums of |x_j - y_j|^p; the root is taken at the end
};

/// What a distance adds up; `t` is the difference in a column, not negative. Sums are kept in four
/// lanes (column j in lane j % 4) and merged as (0 + 1) + (2 + 3): the same bits on every
/// instruction set, and never more for a nearer point of a box than for a row in it.
template <RowMetric kMetric>
struct MetricTerms {
  double p;

  void Add(double& sum, double t) const noexcept {
    if constexpr (kMetric == RowMetric::kSquaredEuclidean) sum += t * t;
    if constexpr (kMetric == RowMetric::kManhattan) sum += t;
    if constexpr (kMetric == RowMetric::kChebyshev) sum = std::max(sum, t);
    if constexpr (kMetric == RowMetric::kMinkowski) sum += std::pow(t, p);
  }
  static double Merge(const double* sum) noexcept {
    if constexpr (kMetric == RowMetric::kChebyshev)
      return std::max(std::max(sum[0], sum[1]), std::max(sum[2], sum[3]));
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }

  double Between(const double* x, const double* y, std::int64_t cols) const noexcept {
    double sum[4] = {};
    std::int64_t j = 0;
    for (; j + 4 <= cols; j += 4) {
      for (int lane = 0; lane < 4; ++lane) Add(sum[lane], std::abs(x[j + lane] - y[j + lane]));
    }
    for (; j < cols; ++j) Add(sum[j & 3], std::abs(x[j] - y[j]));
    return Merge(sum);
  }

  /// From the nearest point of a box: bounds of column j at low[j * stride] and high[j * stride].
  double FromBox(const double* x, std::int64_t cols, const double* low, const double* high,
                 std::int64_t stride) const noexcept {
    double sum[4] = {};
    for (std::int64_t j = 0; j < cols; ++j)
      Add(sum[j & 3], std::max({low[j * stride] - x[j], x[j] - high[j * stride], 0.0}));
    // A power is rounded as the C library likes: not always monotone in the last place.
    return kMetric == RowMetric::kMinkowski ? Merge(sum) * (1 - 1e-12) : Merge(sum);
  }
};

}  // namespace treeline
