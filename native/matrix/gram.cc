#include "matrix/gram.h"

#include <algorithm>
#include <cmath>

#include "matrix/gemm.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Partial sums held at a time: enough for the threads, little beside the data.
constexpr std::int64_t kPartialBytes = std::int64_t{32} << 20;

std::int64_t Padded(std::int64_t cols) noexcept {
  const std::int64_t width = PanelWidth<double>();
  return (cols + width - 1) / width * width;
}

/// Rows [begin, begin + count) of a block, less `shift`, in panels; adds them to the columns' sums.
void PackShifted(const Block& block, std::int64_t begin, std::int64_t count, const double* shift,
                 AlignedBuffer<double>& rows, double* panels, double* sums) {
  const simd::GemmKernels& kernels = simd::Active().gemm;
  const std::int64_t cols = block.cols();
  const std::int64_t width = kernels.cols_f64;
  const Column& first = block.columns[0];
  const double* values = static_cast<const double*>(first.values) + begin * first.stride;
  std::int64_t stride = first.stride;
  const bool narrow = block.is_row_major && first.type == DType::kFloat32;
  if (!block.is_row_major) {
    if (rows.empty())
      rows = AlignedBuffer<double>(static_cast<std::size_t>(simd::kGemmDepth * cols));
    ReadRows(block, begin, count, rows.data(), cols);
    values = rows.data();
    stride = cols;
  }
  for (std::int64_t j = 0; j < cols; j += width, panels += width * count) {
    const std::int64_t n = std::min(width, cols - j);
    if (narrow) {
      kernels.pack_rows_f32(static_cast<const float*>(first.values) + begin * first.stride + j,
                            stride, count, n, shift + j, panels, sums + j);
    } else {
      kernels.pack_rows_f64(values + j, stride, count, n, shift + j, panels, sums + j);
    }
  }
}

}  // namespace

std::vector<double> Gram::Mean() const {
  std::vector<double> mean = shift;
  for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += sums[j] / static_cast<double>(rows);
  return mean;
}

std::vector<double> Gram::Covariance(double divisor) const {
  const std::size_t cols = sums.size();
  std::vector<double> covariance(cols * cols);
  for (std::size_t i = 0; i < cols; ++i) {
    const double apart = sums[i] / static_cast<double>(rows);
    for (std::size_t j = i; j < cols; ++j) {
      const double value = (products[i * cols + j] - apart * sums[j]) / divisor;
      covariance[i * cols + j] = i == j ? std::max(value, 0.0) : value;
      covariance[j * cols + i] = covariance[i * cols + j];
    }
  }
  return covariance;
}

GramSink::GramSink(FeatureLabels labels, GramShift shift)
    : labels_(std::move(labels)), shift_(shift), cutter_(labels_.size()) {
  const auto cols = static_cast<std::size_t>(labels_.size());
  total_.sums.resize(cols);
  total_.products.resize(cols * cols);
}

void GramSink::Push(const Block& block, const Context& ctx) {
  cutter_.Push(block, [&](std::span<const RowSlot> slots) { Consume(slots, ctx, total_); });
}

void GramSink::FindShift(const RowSlot& slot, Gram& total) const {
  const std::int64_t cols = labels_.size();
  total.shift.assign(static_cast<std::size_t>(cols), 0.0);
  if (shift_ == GramShift::kNone) return;
  std::vector<double> column(static_cast<std::size_t>(slot.rows));
  for (std::int64_t j = 0; j < cols; ++j) {
    ReadColumn(slot.block->columns[j], slot.begin, slot.rows, column.data());
    double sum = 0;
    for (const double x : column) sum += x / static_cast<double>(slot.rows);
    total.shift[j] = sum;
  }
  if (!std::all_of(total.shift.begin(), total.shift.end(),
                   [](double x) { return std::isfinite(x); }))
    labels_.RefuseNonFinite(*slot.block, slot.begin, slot.rows);
}

void GramSink::Consume(std::span<const RowSlot> slots, const Context& ctx, Gram& total) {
  const std::int64_t cols = labels_.size();
  if (cols == 0 || slots.empty()) return;
  if (total.shift.empty()) FindShift(slots.front(), total);
  const std::int64_t padded = Padded(cols);
  const std::int64_t size = padded * padded + cols;
  const auto n_slots = static_cast<std::int64_t>(slots.size());
  const std::int64_t batch =
      std::min(n_slots, std::max<std::int64_t>(ctx.n_jobs, kPartialBytes / (8 * size)));
  if (static_cast<std::int64_t>(partials_.size()) < batch * size)
    partials_ = AlignedBuffer<double>(static_cast<std::size_t>(batch * size));
  std::vector<Scratch> scratch(static_cast<std::size_t>(ctx.n_jobs));
  for (std::int64_t begin = 0; begin < n_slots; begin += batch) {
    const std::int64_t n = std::min(batch, n_slots - begin);
    ctx.ParallelFor(n, [&](std::int64_t s, int thread) {
      double* partial = partials_.data() + s * size;
      SumSlot(slots[begin + s], total.shift, scratch[thread], partial, partial + cols);
    });
    for (std::int64_t s = 0; s < n; ++s)
      Merge(slots[begin + s], partials_.data() + s * size, total);
  }
}

/// One slot's column sums and, in tiles on and above the diagonal, its products.
void GramSink::SumSlot(const RowSlot& slot, const std::vector<double>& shift, Scratch& scratch,
                       double* sums, double* products) const {
  const simd::GemmKernels& kernels = simd::Active().gemm;
  const std::int64_t cols = labels_.size();
  const std::int64_t width = kernels.cols_f64;
  const std::int64_t padded = Padded(cols);
  if (scratch.panels.empty())
    scratch.panels = AlignedBuffer<double>(static_cast<std::size_t>(simd::kGemmDepth * padded));
  std::fill_n(sums, cols, 0.0);
  for (std::int64_t k = 0; k < slot.rows; k += simd::kGemmDepth) {
    const std::int64_t depth = std::min(simd::kGemmDepth, slot.rows - k);
    double* const panels = scratch.panels.data();
    PackShifted(*slot.block, slot.begin + k, depth, shift.data(), scratch.rows, panels, sums);
    for (std::int64_t j = 0; j < padded; j += width) {
      const double* panel = panels + j * depth;
      for (std::int64_t i = 0; i < std::min(j + width, cols); i += kernels.rows) {
        const double* left = panels + i / width * width * depth + i % width;
        kernels.tile_f64({depth, left, 1, width, panel, products + i * padded + j, padded, k > 0,
                          std::min(width, cols - j)});
      }
    }
  }
}

void GramSink::Merge(const RowSlot& slot, const double* partial, Gram& total) const {
  const std::int64_t cols = labels_.size();
  const std::int64_t padded = Padded(cols);
  const double* products = partial + cols;
  for (std::int64_t i = 0; i < cols; ++i) {
    if (!std::isfinite(products[i * padded + i])) {
      labels_.RefuseNonFinite(*slot.block, slot.begin, slot.rows);
      labels_.RefuseTooLarge(i);
    }
    total.sums[i] += partial[i];
    for (std::int64_t j = i; j < cols; ++j)
      total.products[i * cols + j] += products[i * padded + j];
  }
  total.rows += slot.rows;
}

Gram GramSink::Result(const Context& ctx) {
  Gram result = total_;
  if (const auto rest = cutter_.pending()) Consume({&*rest, 1}, ctx, result);
  if (result.shift.empty()) result.shift.resize(result.sums.size());
  const std::size_t cols = result.sums.size();
  for (std::size_t i = 0; i < cols; ++i) {
    for (std::size_t j = 0; j < i; ++j)
      result.products[i * cols + j] = result.products[j * cols + i];
  }
  return result;
}

}  // namespace treeline
