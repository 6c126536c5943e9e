#include "linear/linear_data.h"

#include <algorithm>
#include <cmath>

#include "linear/slot_sums.h"
#include "linear/sparse_gram.h"
#include "matrix/gemm.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Wider problems are summed by matrix products over whole slots.
constexpr std::int64_t kMaxLaneWidth = 160;

std::int64_t PaddedRows(std::int64_t rows) noexcept {
  return (rows + simd::kLinearRowAlign - 1) / simd::kLinearRowAlign * simd::kLinearRowAlign;
}

/// Columns less their shift, then a column of 1, and the same times the rows' weights.
struct Tile {
  AlignedBuffer<double> z;
  AlignedBuffer<double> weighted;
  AlignedBuffer<double> weight;

  void SetUp(std::int64_t columns, std::int64_t rows) {
    if (!z.empty()) return;
    z = AlignedBuffer<double>(static_cast<std::size_t>(columns * rows));
    weighted = AlignedBuffer<double>(static_cast<std::size_t>(columns * rows));
    weight = AlignedBuffer<double>(static_cast<std::size_t>(rows));
  }
};

/// Weights of rows [first, first + count); 0 up to `padded`. How many are not 0.
std::int64_t LoadWeights(const LinearData& data, const RowFilter& filter, std::int64_t first,
                         std::int64_t count, std::int64_t padded, double* weight) {
  std::int64_t kept = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const double own = data.Weight(first + i);
    weight[i] = filter.Has(first + i) ? own : 0.0;
    kept += weight[i] > 0 ? 1 : 0;
  }
  std::fill(weight + count, weight + padded, 0.0);
  return kept;
}

/// Columns of a sparse table's rows less `shift`, zeros too.
void LoadEntries(const SparseRows& rows, const std::vector<double>& shift, std::int64_t first,
                 std::int64_t count, std::int64_t padded, double* z, std::int64_t stride) {
  for (std::int64_t j = 0; j < rows.cols(); ++j) std::fill_n(z + j * stride, padded, -shift[j]);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t k = rows.begin(first + i); k < rows.end(first + i); ++k)
      z[rows.column(k) * stride + i] = rows.value(k) - shift[rows.column(k)];
  }
}

/// One tile's columns of X and of targets less `shift`, `stride` apart.
void LoadColumns(const LinearData& data, const std::vector<double>& shift, std::int64_t slot_index,
                 std::int64_t row, std::int64_t count, double* z, std::int64_t stride) {
  const simd::LinearKernels& kernels = simd::Active().linear;
  const std::int64_t cols = data.cols();
  const std::int64_t padded = PaddedRows(count);
  const std::int64_t first = slot_index * kSlotRows + row;
  if (data.table.sparse() != nullptr) {
    LoadEntries(data.table.sparse()->by_row(), shift, first, count, padded, z, stride);
  } else if (const auto& slot = data.table.dense()->slots()[slot_index]; slot.wide == nullptr) {
    kernels.centre_f32(slot.narrow + row * cols, kTileRows, cols, padded, shift.data(), z, stride);
  } else {
    kernels.centre_f64(slot.wide + row * cols, kTileRows, cols, padded, shift.data(), z, stride);
  }
  for (std::int64_t t = 0; t < data.n_targets; ++t) {
    const double* target = data.targets.data() + t * data.rows() + first;
    double* out = z + (cols + t) * stride;
    for (std::int64_t i = 0; i < count; ++i) out[i] = target[i] - shift[cols + t];
    std::fill(out + count, out + padded, 0.0);
  }
}

/// Products of all pairs of columns, the one of 1 among them, tile by tile in lanes.
std::vector<double> ProductsInLanes(const LinearData& data, const std::vector<double>& shift,
                                    const RowFilter& filter, const Context& ctx) {
  const std::int64_t width = data.width() + 1;
  const std::int64_t n_slots = data.table.n_slots();
  const simd::LinearKernels& kernels = simd::Active().linear;
  return SumSlots<Tile>(
      n_slots, width * width, ctx, [&](std::int64_t s, Tile& tile, double* lanes) {
        tile.SetUp(width, kTileRows);
        const std::int64_t slot_rows = data.table.slot_rows(s);
        for (std::int64_t row = 0; row < slot_rows; row += kTileRows) {
          const std::int64_t count = std::min(kTileRows, slot_rows - row);
          const std::int64_t padded = PaddedRows(count);
          if (LoadWeights(data, filter, s * kSlotRows + row, count, padded, tile.weight.data()) ==
              0) {
            continue;
          }
          LoadColumns(data, shift, s, row, count, tile.z.data(), kTileRows);
          std::fill_n(tile.z.data() + (width - 1) * kTileRows, padded, 1.0);
          kernels.scale_rows(tile.z.data(), kTileRows, width, padded, tile.weight.data(),
                             tile.weighted.data(), kTileRows);
          kernels.add_products(tile.weighted.data(), kTileRows, width, tile.z.data(), kTileRows,
                               width, padded, true, lanes);
        }
      });
}

/// The same for wide tables: a matrix product a slot, in slot order.
std::vector<double> ProductsBySlots(const LinearData& data, const std::vector<double>& shift,
                                    const RowFilter& filter, const Context& ctx) {
  const std::int64_t width = data.width() + 1;
  const simd::LinearKernels& kernels = simd::Active().linear;
  std::vector<double> total(static_cast<std::size_t>(width * width));
  Tile tile;
  tile.SetUp(width, kSlotRows);
  const std::int64_t n_slots = data.table.n_slots();
  for (std::int64_t s = 0; s < n_slots; ++s) {
    const std::int64_t rows = data.table.slot_rows(s);
    if (LoadWeights(data, filter, s * kSlotRows, rows, PaddedRows(rows), tile.weight.data()) == 0)
      continue;
    ctx.ParallelFor((rows + kTileRows - 1) / kTileRows, [&](std::int64_t t, int) {
      const std::int64_t row = t * kTileRows;
      const std::int64_t count = std::min(kTileRows, rows - row);
      const std::int64_t padded = PaddedRows(count);
      LoadColumns(data, shift, s, row, count, tile.z.data() + row, kSlotRows);
      std::fill_n(tile.z.data() + (width - 1) * kSlotRows + row, padded, 1.0);
      kernels.scale_rows(tile.z.data() + row, kSlotRows, width, padded, tile.weight.data() + row,
                         tile.weighted.data() + row, kSlotRows);
    });
    const MatrixView<double> left{tile.weighted.data(), width, rows, kSlotRows, 1};
    const MatrixView<double> right{tile.z.data(), rows, width, 1, kSlotRows};
    Gemm(left, right, Into::kAdd, total.data(), width, ctx);
  }
  return total;
}

std::int64_t CountRows(const LinearData& data, const RowFilter& filter) {
  std::int64_t rows = 0;
  for (std::int64_t i = 0; i < data.rows(); ++i)
    rows += filter.Has(i) && data.Weight(i) > 0 ? 1 : 0;
  return rows;
}

}  // namespace

void GramSums::Add(const GramSums& other) {
  rows += other.rows;
  weight += other.weight;
  if (sums.empty()) {
    shift = other.shift;
    sums = other.sums;
    products = other.products;
    return;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += other.sums[i];
  for (std::size_t i = 0; i < products.size(); ++i) products[i] += other.products[i];
}

std::vector<double> GramSums::Mean() const {
  std::vector<double> mean = shift;
  for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += weight > 0 ? sums[j] / weight : 0;
  return mean;
}

void GramSums::Centre() {
  const std::size_t width = sums.size();
  const std::vector<double> mean = Mean();
  for (std::size_t i = 0; i < width; ++i) {
    for (std::size_t j = i; j < width; ++j) {
      double value = products[i * width + j] - (weight > 0 ? sums[i] / weight * sums[j] : 0);
      // A column that is constant up to rounding is constant.
      if (i == j && value < 1e-15 * products[i * width + j]) value = 0;
      products[i * width + j] = value;
      products[j * width + i] = value;
    }
  }
  shift = mean;
  sums.assign(width, 0);
}

GramSums SumGram(const LinearData& data, const std::vector<double>& shift, const RowFilter& filter,
                 const Context& ctx) {
  const std::int64_t width = data.width();
  const std::vector<double> all = data.table.sparse() ? SparseProducts(data, shift, filter, ctx)
                                  : width < kMaxLaneWidth
                                      ? ProductsInLanes(data, shift, filter, ctx)
                                      : ProductsBySlots(data, shift, filter, ctx);
  GramSums result;
  result.rows = CountRows(data, filter);
  result.shift = shift;
  result.weight = all[width * (width + 1) + width];
  result.products.resize(static_cast<std::size_t>(width * width));
  for (std::int64_t i = 0; i < width; ++i) {
    result.sums.push_back(all[i * (width + 1) + width]);
    for (std::int64_t j = i; j < width; ++j) {
      result.products[i * width + j] = all[i * (width + 1) + j];
      result.products[j * width + i] = all[i * (width + 1) + j];
    }
  }
  return result;
}

std::vector<double> MeansOf(const LinearData& data, const Context& ctx) {
  std::vector<double> mean(static_cast<std::size_t>(data.width()));
  if (!data.fit_intercept) return mean;
  for (std::int64_t j = 0; j < data.cols(); ++j) mean[j] = data.table.moments()[j].mean;
  ctx.ParallelFor(data.n_targets, [&](std::int64_t t, int) {
    Moments moments;
    const double* target = data.targets.data() + t * data.rows();
    for (std::int64_t i = 0; i < data.rows(); ++i) {
      const double weight = data.Weight(i);
      if (weight > 0) Merge(moments, Moments{weight, target[i], 0});
    }
    mean[data.cols() + t] = moments.mean;
  });
  return mean;
}

GramSums CentredGram(const LinearData& data, const Context& ctx) {
  const RowFilter all;
  GramSums sums = SumGram(data, MeansOf(data, ctx), all, ctx);
  if (!data.fit_intercept) return sums;
  // Weights may move a mean far from where the columns lie: sums about it lose digits then.
  const std::int64_t width = data.width();
  bool is_far = false;
  for (std::int64_t j = 0; j < width; ++j) {
    const double apart = sums.sums[j] / sums.weight;
    const double spread = sums.products[j * width + j] / sums.weight - apart * apart;
    is_far = is_far || (!data.weights.empty() && apart * apart > 4 * spread);
  }
  if (is_far) sums = SumGram(data, sums.Mean(), all, ctx);
  sums.Centre();
  return sums;
}

DenseRows DenseRowsOf(const LinearData& data, const RowFilter& filter, const Context& ctx) {
  const std::int64_t width = data.width();
  DenseRows dense;
  dense.mean = MeansOf(data, ctx);
  std::vector<double> roots;
  AlignedBuffer<double> z(static_cast<std::size_t>(width * kTileRows));
  for (std::int64_t s = 0; s < data.table.n_slots(); ++s) {
    const std::int64_t slot_rows = data.table.slot_rows(s);
    for (std::int64_t row = 0; row < slot_rows; row += kTileRows) {
      ctx.cancel.ThrowIfCancelled();
      const std::int64_t count = std::min(kTileRows, slot_rows - row);
      LoadColumns(data, dense.mean, s, row, count, z.data(), kTileRows);
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t at = s * kSlotRows + row + i;
        const double weight = data.Weight(at);
        if (!(weight > 0) || !filter.Has(at)) continue;
        dense.weight += weight;
        roots.push_back(std::sqrt(weight));
        for (std::int64_t j = 0; j < width; ++j) dense.values.push_back(z[j * kTileRows + i]);
      }
    }
  }
  dense.rows = static_cast<std::int64_t>(roots.size());
  for (std::int64_t j = 0; j < width; ++j) {
    double apart = 0;  // of the weighted mean from the one subtracted
    for (std::int64_t i = 0; i < dense.rows; ++i)
      apart += roots[i] * roots[i] / dense.weight * dense.values[i * width + j];
    if (!data.fit_intercept) apart = 0;
    dense.mean[j] += apart;
    for (std::int64_t i = 0; i < dense.rows; ++i)
      dense.values[i * width + j] = roots[i] * (dense.values[i * width + j] - apart);
  }
  return dense;
}

}  // namespace treeline
