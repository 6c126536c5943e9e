#include "matrix/projector.h"

#include <algorithm>
#include <cmath>

#include "matrix/gemm.h"
#include "matrix/row_cutter.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::int64_t kTaskRows = 256;

}  // namespace

Projector::Projector(const std::vector<double>& weights, std::vector<double> shift,
                     std::int64_t n_outputs)
    : n_outputs_(n_outputs),
      width_(PanelWidth<double>()),
      padded_((n_outputs + width_ - 1) / width_ * width_),
      shift_(std::move(shift)),
      packed_(static_cast<std::size_t>(padded_ * n_inputs())) {
  const MatrixView<double> view = RowMajor(weights.data(), n_inputs(), n_outputs);
  for (std::int64_t k = 0; k < n_inputs(); k += simd::kGemmDepth) {
    const std::int64_t depth = std::min(simd::kGemmDepth, n_inputs() - k);
    PackPanels(view.Part(k, 0, depth, n_outputs), width_, 0, padded_ / width_,
               packed_.data() + k * padded_);
  }
}

std::int64_t Projector::RowStep() noexcept { return simd::Active().gemm.rows; }

void Projector::ReadShifted(const Block& block, std::int64_t begin, std::int64_t count,
                            std::int64_t padded_rows, double* rows) const noexcept {
  const std::int64_t cols = n_inputs();
  ReadRows(block, begin, count, rows, cols);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) rows[i * cols + j] -= shift_[j];
  }
  std::fill_n(rows + count * cols, (padded_rows - count) * cols, 0.0);
}

void Projector::Multiply(const double* rows, std::int64_t count, double* out,
                         std::int64_t panel_stride) const noexcept {
  const simd::GemmKernels& kernels = simd::Active().gemm;
  const std::int64_t cols = n_inputs();
  for (std::int64_t k = 0; k < cols; k += simd::kGemmDepth) {
    const std::int64_t depth = std::min(simd::kGemmDepth, cols - k);
    for (std::int64_t j = 0; j < padded_; j += width_) {
      const double* panel = packed_.data() + k * padded_ + j * depth;
      double* to = out + j / width_ * panel_stride;
      const std::int64_t wanted = std::min(width_, n_outputs_ - j);
      for (std::int64_t i = 0; i < count; i += kernels.rows) {
        kernels.tile_f64(
            {depth, rows + i * cols + k, cols, 1, panel, to + i * width_, width_, k > 0, wanted});
      }
    }
  }
}

ProjectionMap::ProjectionMap(FeatureLabels labels, const std::vector<double>& weights,
                             std::vector<double> shift, std::vector<double> offset)
    : labels_(std::move(labels)),
      offset_(std::move(offset)),
      projector_(weights, std::move(shift), static_cast<std::int64_t>(offset_.size())) {}

template <typename T>
void ProjectionMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t width = projector_.panel_width();
  const std::int64_t outputs = n_outputs();
  struct Scratch {
    AlignedBuffer<double> rows;
    AlignedBuffer<double> products;
  };
  std::vector<Scratch> scratch(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor((block.rows + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int thread) {
    Scratch& mine = scratch[thread];
    if (mine.rows.empty() && n_inputs() > 0)
      mine.rows = AlignedBuffer<double>(static_cast<std::size_t>(kTaskRows * n_inputs()));
    if (mine.products.empty())
      mine.products =
          AlignedBuffer<double>(static_cast<std::size_t>(kTaskRows * projector_.padded_outputs()));
    const std::int64_t row = task * kTaskRows;
    const std::int64_t count = std::min(kTaskRows, block.rows - row);
    const std::int64_t step = Projector::RowStep();
    const std::int64_t padded = (count + step - 1) / step * step;
    projector_.ReadShifted(block, row, count, padded, mine.rows.data());
    projector_.Multiply(mine.rows.data(), padded, mine.products.data(), kTaskRows * width);
    double sum = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t j = 0; j < outputs; ++j) {
        const double value = mine.products[j / width * kTaskRows * width + i * width + j % width];
        sum += value;
        out[(row + i) * outputs + j] = static_cast<T>(value + offset_[j]);
      }
    }
    if (!std::isfinite(sum)) labels_.RefuseNonFinite(block, row, count);
  });
}

void ProjectionMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}
void ProjectionMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

}  // namespace treeline
