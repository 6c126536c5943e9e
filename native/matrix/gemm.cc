#include "matrix/gemm.h"

#include <algorithm>
#include <vector>

#include "core/aligned_buffer.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// A task's part of C. Its rows of A, packed, stay in the second-level cache while panels of B go
/// by; columns of one task are enough to make the packing cheap, and fewer where tasks are few.
constexpr std::int64_t kTaskRows = 96;
constexpr std::int64_t kTaskCols = 768;
constexpr std::int64_t kTasksPerThread = 4;
/// Columns of B packed at a time: 256 of their rows are 8 MB of float64 at most.
constexpr std::int64_t kPackedCols = 4096;
/// The largest register tile of any instruction set, for results that are cut off at an edge.
constexpr std::int64_t kMaxTile = 8 * 48;

std::int64_t Parts(std::int64_t n, std::int64_t size) noexcept { return (n + size - 1) / size; }

void RunTile(const simd::GemmTile<float>& tile) { simd::Active().gemm.tile_f32(tile); }
void RunTile(const simd::GemmTile<double>& tile) { simd::Active().gemm.tile_f64(tile); }

/// The part of a tile that lies inside C.
template <typename T>
void CopyTile(const T* from, std::int64_t from_stride, std::int64_t rows, std::int64_t cols,
              bool add, T* to, std::int64_t to_stride) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) {
      const T value = from[i * from_stride + j];
      to[i * to_stride + j] = add ? to[i * to_stride + j] + value : value;
    }
  }
}

/// One product, block by block of the inner dimension.
template <typename T>
class Product {
 public:
  Product(const MatrixView<T>& a, const MatrixView<T>& b, Into into, T* c, std::int64_t c_stride,
          const Context& ctx)
      : a_(a),
        b_(b),
        into_(into),
        c_(c),
        c_stride_(c_stride),
        ctx_(ctx),
        rows_per_tile_(simd::Active().gemm.rows),
        width_(PanelWidth<T>()),
        scratch_(static_cast<std::size_t>(std::max(1, ctx.n_jobs))) {}

  void Run() {
    const std::int64_t most_cols = std::min(Parts(b_.cols, width_) * width_, kPackedCols);
    const std::int64_t packed_cols = Parts(most_cols, width_) * width_;
    packed_ = AlignedBuffer<T>(
        static_cast<std::size_t>(packed_cols * std::min(b_.rows, simd::kGemmDepth)));
    for (std::int64_t col = 0; col < b_.cols; col += packed_cols) {
      const std::int64_t n_cols = std::min(packed_cols, b_.cols - col);
      for (std::int64_t k = 0; k < b_.rows; k += simd::kGemmDepth)
        AddBlock(k, std::min(simd::kGemmDepth, b_.rows - k), col, n_cols);
    }
  }

 private:
  /// Terms [k, k + depth) of columns [col, col + n_cols).
  void AddBlock(std::int64_t k, std::int64_t depth, std::int64_t col, std::int64_t n_cols) {
    constexpr std::int64_t kPanelsPerTask = 16;
    const MatrixView<T> part = b_.Part(k, col, depth, n_cols);
    const std::int64_t n_panels = Parts(n_cols, width_);
    ctx_.ParallelFor(Parts(n_panels, kPanelsPerTask), [&](std::int64_t task, int) {
      const std::int64_t first = task * kPanelsPerTask;
      PackPanels(part, width_, first, std::min(kPanelsPerTask, n_panels - first),
                 packed_.data() + first * width_ * depth);
    });
    const std::int64_t row_tasks = Parts(a_.rows, kTaskRows);
    const std::int64_t splits =
        std::min(Parts(kTasksPerThread * ctx_.n_jobs, row_tasks), Parts(n_cols, kTaskCols));
    const std::int64_t task_cols = Parts(n_panels, splits) * width_;
    const std::int64_t col_tasks = Parts(n_cols, task_cols);
    ctx_.ParallelFor(row_tasks * col_tasks, [&](std::int64_t task, int slot) {
      const std::int64_t row = task / col_tasks * kTaskRows;
      const std::int64_t from = task % col_tasks * task_cols;
      const std::int64_t rows = std::min(kTaskRows, a_.rows - row);
      AddTask(a_.Part(row, k, rows, depth), packed_.data() + from * depth,
              std::min(task_cols, n_cols - from), k > 0 || into_ != Into::kReplace,
              c_ + row * c_stride_ + col + from, scratch_[slot]);
    });
  }

  /// Packs rows of A (negated where the product is subtracted) and runs their tiles.
  void AddTask(const MatrixView<T>& a, const T* panels, std::int64_t cols, bool add, T* c,
               AlignedBuffer<T>& scratch) const {
    const std::int64_t depth = a.cols;
    const std::int64_t n_panels = Parts(a.rows, rows_per_tile_);
    const std::int64_t size = n_panels * rows_per_tile_ * depth;
    if (static_cast<std::int64_t>(scratch.size()) < size)
      scratch = AlignedBuffer<T>(static_cast<std::size_t>(size));
    PackPanels(a.Transposed(), rows_per_tile_, 0, n_panels, scratch.data());
    if (into_ == Into::kSubtract) {
      for (std::int64_t i = 0; i < size; ++i) scratch[i] = -scratch[i];
    }
    for (std::int64_t j = 0; j < cols; j += width_) {
      for (std::int64_t i = 0; i < a.rows; i += rows_per_tile_) {
        AddTile({depth, scratch.data() + i * depth, 1, rows_per_tile_, panels + j * depth,
                 c + i * c_stride_ + j, c_stride_, add, std::min(width_, cols - j)},
                std::min(rows_per_tile_, a.rows - i));
      }
    }
  }

  void AddTile(simd::GemmTile<T> tile, std::int64_t rows) const {
    if (rows == rows_per_tile_ && tile.cols == width_) return RunTile(tile);
    alignas(64) T whole[kMaxTile];
    T* const c = tile.c;
    const bool add = tile.add;
    tile.c = whole;
    tile.c_row = width_;
    tile.add = false;
    RunTile(tile);
    CopyTile(whole, width_, rows, tile.cols, add, c, c_stride_);
  }

  const MatrixView<T>& a_;
  const MatrixView<T>& b_;
  Into into_;
  T* c_;
  std::int64_t c_stride_;
  const Context& ctx_;
  std::int64_t rows_per_tile_;
  std::int64_t width_;
  AlignedBuffer<T> packed_;
  std::vector<AlignedBuffer<T>> scratch_;
};

/// One panel: rows of `cols` <= width numbers.
template <typename T>
void PackPanel(const MatrixView<T>& a, std::int64_t col, std::int64_t cols, std::int64_t width,
               T* out) noexcept {
  const T* from = a.data + col * a.col_stride;
  if (a.col_stride == 1 || a.rows < 8) {
    for (std::int64_t k = 0; k < a.rows; ++k) {
      const T* row = from + k * a.row_stride;
      T* to = out + k * width;
      for (std::int64_t j = 0; j < cols; ++j) to[j] = row[j * a.col_stride];
      for (std::int64_t j = cols; j < width; ++j) to[j] = 0;
    }
    return;
  }
  for (std::int64_t j = 0; j < width; ++j) {  // down the columns: they lie together
    if (j >= cols) {
      for (std::int64_t k = 0; k < a.rows; ++k) out[k * width + j] = 0;
      continue;
    }
    const T* column = from + j * a.col_stride;
    for (std::int64_t k = 0; k < a.rows; ++k) out[k * width + j] = column[k * a.row_stride];
  }
}

}  // namespace

template <>
std::int64_t PanelWidth<float>() noexcept {
  return simd::Active().gemm.cols_f32;
}
template <>
std::int64_t PanelWidth<double>() noexcept {
  return simd::Active().gemm.cols_f64;
}

template <typename T>
void PackPanels(const MatrixView<T>& a, std::int64_t width, std::int64_t first_panel,
                std::int64_t n_panels, T* out) noexcept {
  for (std::int64_t p = 0; p < n_panels; ++p) {
    const std::int64_t col = (first_panel + p) * width;
    PackPanel(a, col, std::min(width, a.cols - col), width, out + p * width * a.rows);
  }
}

template <typename T>
void Gemm(const MatrixView<T>& a, const MatrixView<T>& b, Into into, T* c, std::int64_t c_stride,
          const Context& ctx) {
  if (b.rows == 0 && into == Into::kReplace) {
    for (std::int64_t i = 0; i < a.rows; ++i) std::fill_n(c + i * c_stride, b.cols, T{0});
  }
  if (a.rows == 0 || b.cols == 0 || b.rows == 0) return;
  Product<T>(a, b, into, c, c_stride, ctx).Run();
}

template void PackPanels<float>(const MatrixView<float>&, std::int64_t, std::int64_t, std::int64_t,
                                float*) noexcept;
template void PackPanels<double>(const MatrixView<double>&, std::int64_t, std::int64_t,
                                 std::int64_t, double*) noexcept;
template void Gemm<float>(const MatrixView<float>&, const MatrixView<float>&, Into, float*,
                          std::int64_t, const Context&);
template void Gemm<double>(const MatrixView<double>&, const MatrixView<double>&, Into, double*,
                           std::int64_t, const Context&);

}  // namespace treeline
