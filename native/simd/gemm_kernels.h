#pragma once

#include <cstdint>

namespace treeline::simd {

/// Products over the inner dimension are summed in blocks of this many terms: within a block one
/// chain of fused multiply-adds from 0, in order; the blocks are added in order
/// (docs/decisions/0032).
inline constexpr std::int64_t kGemmDepth = 256;

/// A product of `rows` x depth by depth x `cols` numbers into registers.
template <typename T>
struct GemmTile {
  std::int64_t depth;  // at most kGemmDepth
  const T* a;          // element (i, k) at a[i * a_row + k * a_depth]
  std::int64_t a_row;
  std::int64_t a_depth;
  const T* b;  // element (k, j) at b[k * cols + j]: a panel
  T* c;        // element (i, j) at c[i * c_row + j]
  std::int64_t c_row;
  bool add;           // to what c holds; else c is overwritten
  std::int64_t cols;  // of b that are wanted, at least 1: c's others are overwritten or left
};

/// Register tiles of matrix products. Tiles differ in size between instruction sets, their results
/// do not.
struct GemmKernels {
  std::int64_t rows;
  std::int64_t cols_f32;
  std::int64_t cols_f64;
  void (*tile_f32)(const GemmTile<float>& tile) noexcept;
  void (*tile_f64)(const GemmTile<double>& tile) noexcept;
  /// Copies `count` rows of `width` <= cols_f64 numbers, `stride` apart, less `shift`, into a
  /// panel, zeros behind them, and adds each column to `sums`, in order of the rows.
  void (*pack_rows_f32)(const float* x, std::int64_t stride, std::int64_t count, std::int64_t width,
                        const double* shift, double* panel, double* sums) noexcept;
  void (*pack_rows_f64)(const double* x, std::int64_t stride, std::int64_t count,
                        std::int64_t width, const double* shift, double* panel,
                        double* sums) noexcept;
};

}  // namespace treeline::simd
