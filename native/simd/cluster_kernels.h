#pragma once

#include <cstdint>

namespace treeline::simd {

/// Loops over rows and centres for clustering.
struct ClusterKernels {
  /// The nearest centre of each row: `products` holds -2 x.c by panels of GemmKernels::cols_f64
  /// centres (rows x width numbers each, `panel_stride` apart), `norms` |c|^2, infinite for centres
  /// that are none. label: the first centre of least |c|^2 - 2 x.c; score: that number; second,
  /// unless nullptr: the least number of the other centres, infinite where there are none.
  void (*nearest)(const double* products, std::int64_t panel_stride, std::int64_t n_panels,
                  std::int64_t rows, const double* norms, std::int32_t* label, double* score,
                  double* second) noexcept;
};

}  // namespace treeline::simd
