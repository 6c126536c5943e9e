#pragma once

#include <cstdint>
#include <type_traits>

#include "core/context.h"

namespace treeline {

/// A matrix that belongs to someone else: element (i, j) at data[i * row_stride + j * col_stride].
template <typename T>
struct MatrixView {
  const T* data;
  std::int64_t rows;
  std::int64_t cols;
  std::int64_t row_stride;
  std::int64_t col_stride = 1;

  const T& at(std::int64_t i, std::int64_t j) const noexcept {
    return data[i * row_stride + j * col_stride];
  }
  MatrixView Transposed() const noexcept { return {data, cols, rows, col_stride, row_stride}; }
  MatrixView Part(std::int64_t row, std::int64_t col, std::int64_t n_rows,
                  std::int64_t n_cols) const noexcept {
    return {data + row * row_stride + col * col_stride, n_rows, n_cols, row_stride, col_stride};
  }
};

/// A matrix of rows one after another.
template <typename T>
MatrixView<T> RowMajor(const T* data, std::int64_t rows, std::int64_t cols) noexcept {
  return {data, rows, cols, cols, 1};
}

/// What becomes of the numbers that a product is written to.
enum class Into { kReplace, kAdd, kSubtract };

/// C = A B, C += A B or C -= A B; C is row-major, its rows `c_stride` apart, and no part of A or B.
/// Each element is a sum over blocks of simd::kGemmDepth terms, in order: within a block one chain
/// of fused multiply-adds, so that neither threads nor tiles nor the instruction set change a bit
/// (docs/decisions/0032).
template <typename T>
void Gemm(const MatrixView<T>& a, const MatrixView<T>& b, Into into, T* c, std::int64_t c_stride,
          const Context& ctx);

extern template void Gemm<float>(const MatrixView<float>&, const MatrixView<float>&, Into, float*,
                                 std::int64_t, const Context&);
extern template void Gemm<double>(const MatrixView<double>&, const MatrixView<double>&, Into,
                                  double*, std::int64_t, const Context&);

/// C = A, columns in panels of `width` numbers, one panel after another, zeros behind the last
/// column: of PanelWidth() what a tile's `b` points to, of its rows (A transposed) what its `a`
/// does. Panels [first_panel, first_panel + n_panels) go to out, `width` * A's rows apart.
template <typename T>
void PackPanels(const MatrixView<T>& a, std::int64_t width, std::int64_t first_panel,
                std::int64_t n_panels, T* out) noexcept;

extern template void PackPanels<float>(const MatrixView<float>&, std::int64_t, std::int64_t,
                                       std::int64_t, float*) noexcept;
extern template void PackPanels<double>(const MatrixView<double>&, std::int64_t, std::int64_t,
                                        std::int64_t, double*) noexcept;

/// Columns of a register tile, and so of a panel.
template <typename T>
std::int64_t PanelWidth() noexcept;
template <>
std::int64_t PanelWidth<float>() noexcept;
template <>
std::int64_t PanelWidth<double>() noexcept;

}  // namespace treeline
