#pragma once

#include <cstdint>

namespace treeline::simd {

/// Lanes in which sums over a vector are kept.
inline constexpr int kRowLanes = 8;

/// Loops over one vector, or two; row-inl.h says in which order they add.
struct RowKernels {
  double (*sum)(const double* values, std::int64_t n) noexcept;
  /// Sum of a[i] * b[i].
  double (*dot)(const double* a, const double* b, std::int64_t n) noexcept;
  double (*dot_f32)(const float* a, const double* b, std::int64_t n) noexcept;
  /// out[i] += factor * x[i]
  void (*add_scaled)(const double* x, double factor, std::int64_t n, double* out) noexcept;
  void (*add_scaled_f32)(const float* x, double factor, std::int64_t n, double* out) noexcept;
  /// Whether no value is NaN or infinite.
  bool (*is_finite)(const double* values, std::int64_t n) noexcept;
  /// out -= sum over columns of scale[j] * (z_j - centre[j])^2, subtracted in column order. The
  /// columns of z are `z_stride` apart.
  void (*subtract_scaled_squares)(const double* z, std::int64_t z_stride, std::int64_t cols,
                                  std::int64_t rows, const double* centre, const double* scale,
                                  double* out) noexcept;
};

}  // namespace treeline::simd
