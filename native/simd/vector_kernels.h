#pragma once

#include <cstdint>

namespace treeline::simd {

/// Loops over vectors for dense decompositions. Sums are kept in kVectorLanes lanes (lane l adds
/// elements l, l + kVectorLanes, …), merged in order, so that every instruction set prints the same
/// bits.
inline constexpr int kVectorLanes = 32;

struct VectorKernels {
  /// Sum of x[i] * y[i].
  double (*dot)(const double* x, const double* y, std::int64_t n) noexcept;
  /// y += factor * x
  void (*axpy)(double factor, const double* x, std::int64_t n, double* y) noexcept;
  /// x, y = c * x - s * y, s * x + c * y
  void (*rotate)(double c, double s, std::int64_t n, double* x, double* y) noexcept;
};

}  // namespace treeline::simd
