#include "matrix/tsqr.h"

#include <algorithm>
#include <cmath>

#include "matrix/householder.h"
#include "matrix/reblock.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Slots whose partial results are held at a time.
constexpr std::int64_t kBatch = 16;

std::int64_t RoundUp(std::int64_t n, std::int64_t step) noexcept {
  return (n + step - 1) / step * step;
}

/// Two factors of full height, b's rows rotated into a's. Column k of b has k + 1 numbers, so a
/// reflection sees one row of a and as many of b: a sixth of the work of a dense factorisation.
/// Both are held column by column here.
void MergeTriangles(std::vector<double>& a, std::vector<double>& b, std::int64_t n) {
  const simd::VectorKernels& kernels = simd::Active().vectors;
  for (std::int64_t k = 0; k < n; ++k) {
    double* v = &b[k * n];
    const std::int64_t size = k + 1;
    double& head = a[k * n + k];
    double largest = std::abs(head);
    for (std::int64_t i = 0; i < size; ++i) largest = std::max(largest, std::abs(v[i]));
    if (largest == 0) continue;
    const double scale = std::exp2(-std::ilogb(largest));
    for (std::int64_t i = 0; i < size; ++i) v[i] *= scale;
    const double top = head * scale;
    const double rest = kernels.dot(v, v, size);
    if (rest == 0) continue;
    const double norm = std::sqrt(top * top + rest);
    const double first = top + norm;  // the diagonal of a factor is not negative
    for (std::int64_t i = 0; i < size; ++i) v[i] /= first;
    const double beta = first / norm;
    for (std::int64_t j = k + 1; j < n; ++j) {
      double* other = &b[j * n];
      const double product = beta * (a[j * n + k] + kernels.dot(v, other, size));
      a[j * n + k] = product - a[j * n + k];  // the row's sign turned, so that its head is positive
      kernels.axpy(-product, v, size, other);
    }
    head = norm / scale;
  }
}

std::vector<double> Columns(const UpperFactor& r, std::int64_t stride) {
  std::vector<double> columns(static_cast<std::size_t>(stride * r.cols));
  for (std::int64_t i = 0; i < r.height; ++i) {
    for (std::int64_t j = i; j < r.cols; ++j) columns[j * stride + i] = r.values[i * r.cols + j];
  }
  return columns;
}

}  // namespace

UpperFactor MergeFactors(const UpperFactor& a, UpperFactor b) {
  if (a.height == 0) return b;
  const std::int64_t cols = a.cols;
  const std::int64_t height = a.height + b.height;
  if (a.height == cols && b.height == cols) {
    std::vector<double> top = Columns(a, cols);
    std::vector<double> bottom = Columns(b, cols);
    MergeTriangles(top, bottom, cols);
    return {cols, cols, UpperTriangle(top.data(), cols, cols, cols)};
  }
  std::vector<double> stacked = Columns(a, height);
  for (std::int64_t i = 0; i < b.height; ++i) {
    for (std::int64_t j = i; j < cols; ++j)
      stacked[j * height + a.height + i] = b.values[i * cols + j];
  }
  QrInPlace(stacked.data(), height, cols, height);
  return {std::min(height, cols), cols, UpperTriangle(stacked.data(), height, cols, height)};
}

TsqrSink::TsqrSink(FeatureLabels labels, bool intercept, std::optional<Projector> projection)
    : labels_(std::move(labels)),
      intercept_(intercept),
      projection_(std::move(projection)),
      cutter_(labels_.size()) {
  total_.cols = cols();
}

std::int64_t TsqrSink::cols() const noexcept {
  return (projection_ ? projection_->n_outputs() : labels_.size()) + (intercept_ ? 1 : 0);
}

void TsqrSink::Push(const Block& block, const Context& ctx) {
  cutter_.Push(block, [&](std::span<const RowSlot> slots) { Consume(slots, ctx, total_); });
}

void TsqrSink::Consume(std::span<const RowSlot> slots, const Context& ctx,
                       UpperFactor& total) const {
  const auto n_slots = static_cast<std::int64_t>(slots.size());
  for (std::int64_t begin = 0; begin < n_slots; begin += kBatch) {
    const std::int64_t n = std::min(kBatch, n_slots - begin);
    std::vector<UpperFactor> factors(static_cast<std::size_t>(n));
    ctx.ParallelFor(n, [&](std::int64_t s, int) { factors[s] = FactorSlot(slots[begin + s]); });
    for (std::int64_t s = 0; s < n; ++s) {
      const std::vector<double>& values = factors[s].values;
      if (!std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); })) {
        const RowSlot& slot = slots[begin + s];
        labels_.RefuseNonFinite(*slot.block, slot.begin, slot.rows);
      }
      total = MergeFactors(total, std::move(factors[s]));
    }
  }
}

void TsqrSink::FillColumns(const RowSlot& slot, double* columns) const {
  if (!projection_) {
    TransposeInto(*slot.block, slot.begin, slot.rows, columns, slot.rows);
    return;
  }
  const std::int64_t width = projection_->panel_width();
  const std::int64_t padded = RoundUp(slot.rows, Projector::RowStep());
  AlignedBuffer<double> rows(static_cast<std::size_t>(padded * labels_.size()));
  AlignedBuffer<double> products(static_cast<std::size_t>(padded * projection_->padded_outputs()));
  projection_->ReadShifted(*slot.block, slot.begin, slot.rows, padded, rows.data());
  projection_->Multiply(rows.data(), padded, products.data(), padded * width);
  for (std::int64_t j = 0; j < projection_->n_outputs(); ++j) {
    const double* panel = products.data() + j / width * padded * width + j % width;
    for (std::int64_t i = 0; i < slot.rows; ++i) columns[j * slot.rows + i] = panel[i * width];
  }
}

UpperFactor TsqrSink::FactorSlot(const RowSlot& slot) const {
  AlignedBuffer<double> columns(static_cast<std::size_t>(slot.rows * cols()));
  if (intercept_) std::fill_n(columns.data(), slot.rows, 1.0);
  FillColumns(slot, columns.data() + (intercept_ ? slot.rows : 0));
  QrInPlace(columns.data(), slot.rows, cols(), slot.rows);
  return {std::min(slot.rows, cols()), cols(),
          UpperTriangle(columns.data(), slot.rows, cols(), slot.rows)};
}

UpperFactor TsqrSink::Result(const Context& ctx) const {
  UpperFactor result = total_;
  if (const auto rest = cutter_.pending()) Consume({&*rest, 1}, ctx, result);
  return result;
}

SubspaceSink::SubspaceSink(FeatureLabels labels, Projector projector)
    : labels_(std::move(labels)),
      projector_(std::move(projector)),
      cutter_(labels_.size()),
      total_(static_cast<std::size_t>(labels_.size() * projector_.n_outputs())) {}

void SubspaceSink::Push(const Block& block, const Context& ctx) {
  cutter_.Push(block, [&](std::span<const RowSlot> slots) { Consume(slots, ctx, total_); });
}

void SubspaceSink::Consume(std::span<const RowSlot> slots, const Context& ctx,
                           std::vector<double>& total) const {
  const auto n_slots = static_cast<std::int64_t>(slots.size());
  for (std::int64_t begin = 0; begin < n_slots; begin += kBatch) {
    const std::int64_t n = std::min(kBatch, n_slots - begin);
    std::vector<std::vector<double>> partials(static_cast<std::size_t>(n));
    ctx.ParallelFor(n, [&](std::int64_t s, int) { SumSlot(slots[begin + s], partials[s]); });
    for (std::int64_t s = 0; s < n; ++s) {
      double check = 0;
      for (std::size_t i = 0; i < total.size(); ++i) {
        check += partials[s][i];
        total[i] += partials[s][i];
      }
      const RowSlot& slot = slots[begin + s];
      if (!std::isfinite(check)) labels_.RefuseNonFinite(*slot.block, slot.begin, slot.rows);
    }
  }
}

void SubspaceSink::SumSlot(const RowSlot& slot, std::vector<double>& partial) const {
  const simd::GemmKernels& kernels = simd::Active().gemm;
  const std::int64_t cols = labels_.size();
  const std::int64_t width = projector_.panel_width();
  const std::int64_t outputs = projector_.n_outputs();
  const std::int64_t padded = RoundUp(slot.rows, Projector::RowStep());
  const std::int64_t tall = RoundUp(cols, kernels.rows);
  // The last tile of features reads past the last row of the last feature: zeros.
  AlignedBuffer<double> rows(static_cast<std::size_t>(padded * cols + kernels.rows));
  std::fill_n(rows.data() + padded * cols, kernels.rows, 0.0);
  AlignedBuffer<double> products(static_cast<std::size_t>(padded * projector_.padded_outputs()));
  AlignedBuffer<double> tile(static_cast<std::size_t>(tall * width));
  projector_.ReadShifted(*slot.block, slot.begin, slot.rows, padded, rows.data());
  projector_.Multiply(rows.data(), padded, products.data(), padded * width);
  partial.resize(static_cast<std::size_t>(cols * outputs));
  for (std::int64_t j = 0; j < outputs; j += width) {
    const double* panel = products.data() + j * padded;
    for (std::int64_t k = 0; k < slot.rows; k += simd::kGemmDepth) {
      const std::int64_t depth = std::min(simd::kGemmDepth, slot.rows - k);
      for (std::int64_t i = 0; i < cols; i += kernels.rows) {
        kernels.tile_f64({depth, rows.data() + k * cols + i, 1, cols, panel + k * width,
                          tile.data() + i * width, width, k > 0, std::min(width, outputs - j)});
      }
    }
    for (std::int64_t i = 0; i < cols; ++i) {
      for (std::int64_t c = 0; c < std::min(width, outputs - j); ++c)
        partial[i * outputs + j + c] = tile[i * width + c];
    }
  }
}

std::vector<double> SubspaceSink::Result(const Context& ctx) const {
  std::vector<double> result = total_;
  if (const auto rest = cutter_.pending()) Consume({&*rest, 1}, ctx, result);
  return result;
}

}  // namespace treeline
