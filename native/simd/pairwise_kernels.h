#pragma once

#include <cstdint>

namespace treeline::simd {

/// Rows that a row is compared with at a time.
inline constexpr int kPairwiseLanes = 16;

/// Loops over pairs of rows that are no product.
struct PairwiseKernels {
  /// Sums of |row[j] - other[j]|, in order of j, for kPairwiseLanes others: number j of other o at
  /// others[j * stride + o].
  void (*absolute_distances)(const double* row, std::int64_t cols, const double* others,
                             std::int64_t stride, double* out) noexcept;
};

}  // namespace treeline::simd
