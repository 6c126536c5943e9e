#include "forest/bin_table.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"
#include "matrix/reblock.h"

namespace treeline::forest {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
/// Neighbouring columns that one task reads: a cache line of doubles of a row-major table.
constexpr std::int64_t kTaskColumns = 8;
constexpr std::int64_t kTileRows = 512;

}  // namespace

BinTable::BinTable(BinMapper mapper, std::int64_t n_rows)
    : mapper_(std::move(mapper)),
      n_rows_(n_rows),
      has_missing_(static_cast<std::size_t>(mapper_.n_features())) {
  std::int64_t bytes = 0, bins = 0;
  for (std::int64_t f = 0; f < n_features(); ++f) {
    offsets_.push_back(bytes);
    first_bin_.push_back(bins);
    bytes += (n_rows * (is_wide(f) ? 2 : 1) + 63) / 64 * 64;
    bins += n_bins(f);
  }
  cells_ = AlignedBuffer<std::byte>(static_cast<std::size_t>(bytes));
  lowest_.assign(static_cast<std::size_t>(bins), kInfinity);
  highest_.assign(static_cast<std::size_t>(bins), -kInfinity);
}

bool BinTable::Write(std::int64_t feature, std::int64_t first_row, const double* values,
                     std::int64_t n) noexcept {
  std::byte* at = cells_.data() + offsets_[feature];
  return is_wide(feature)
             ? WriteBins(feature, values, n, reinterpret_cast<std::uint16_t*>(at) + first_row)
             : WriteBins(feature, values, n, reinterpret_cast<std::uint8_t*>(at) + first_row);
}

template <typename Bin>
bool BinTable::WriteBins(std::int64_t feature, const double* values, std::int64_t n,
                         Bin* bins) noexcept {
  mapper_.Bin(feature, values, n, bins);
  bool is_finite = true;
  for (std::int64_t i = 0; i < n; ++i) is_finite &= See(feature, values[i], bins[i]);
  return is_finite;
}

/// Notes a value of a bin; returns false if it is infinite.
bool BinTable::See(std::int64_t feature, double value, int bin) noexcept {
  if (std::isnan(value)) {
    has_missing_[feature] = 1;
    return true;
  }
  double& low = lowest_[first_bin_[feature] + bin];
  double& high = highest_[first_bin_[feature] + bin];
  if (value < low) low = value;
  if (value > high) high = value;
  return std::isfinite(value);
}

bool BinTable::WriteSparse(std::int64_t feature, std::int64_t first_row, std::int64_t n,
                           SparseEntries entries) noexcept {
  std::byte* at = cells_.data() + offsets_[feature];
  return is_wide(feature) ? WriteSparseBins(feature, n, entries,
                                            reinterpret_cast<std::uint16_t*>(at) + first_row)
                          : WriteSparseBins(feature, n, entries,
                                            reinterpret_cast<std::uint8_t*>(at) + first_row);
}

template <typename Bin>
bool BinTable::WriteSparseBins(std::int64_t feature, std::int64_t n, SparseEntries entries,
                               Bin* bins) noexcept {
  mapper_.BinSparse(feature, entries, 0, n, bins);
  bool is_finite = true;
  for (std::size_t k = 0; k < entries.size(); ++k)
    is_finite &= See(feature, entries.values[k], bins[entries.rows[k]]);
  if (static_cast<std::int64_t>(entries.size()) == n) return is_finite;
  Bin bin;
  const double zero = 0;
  mapper_.Bin(feature, &zero, 1, &bin);
  See(feature, zero, bin);
  return is_finite;
}

BinTableSink::BinTableSink(BinMapper mapper, std::int64_t n_rows, FeatureLabels labels)
    : table_(std::make_shared<BinTable>(std::move(mapper), n_rows)), labels_(std::move(labels)) {}

void BinTableSink::CheckShape(std::int64_t rows, std::int64_t cols) const {
  if (cols != table_->n_features() || rows_ + rows > table_->rows()) {
    throw Error(ErrorCode::kInvalidData,
                labels_.where() + " gave other rows or columns than at first: did it change?");
  }
}

void BinTableSink::PushEntries(const SparseBlock& block, const Context& ctx) {
  CheckShape(block.rows(), block.cols());
  std::atomic<bool> is_finite{true};
  ctx.ParallelFor(block.cols(), [&](std::int64_t j, int) {
    if (!table_->WriteSparse(j, rows_, block.rows(), block.column(j))) is_finite = false;
  });
  if (!is_finite) labels_.RefuseInfinite(block);
  rows_ += block.rows();
}

void BinTableSink::Push(const Block& block, const Context& ctx) {
  CheckShape(block.rows, block.cols());
  const std::int64_t cols = block.cols();
  std::atomic<bool> is_finite{true};
  ctx.ParallelFor((cols + kTaskColumns - 1) / kTaskColumns, [&](std::int64_t task, int) {
    const std::int64_t first = task * kTaskColumns;
    if (!WriteColumns(block, first, std::min(cols, first + kTaskColumns))) is_finite = false;
  });
  if (!is_finite) labels_.RefuseInfinite(block);
  rows_ += block.rows;
}

bool BinTableSink::WriteColumns(const Block& block, std::int64_t first, std::int64_t last) {
  Block part;
  part.rows = block.rows;
  part.is_row_major = block.is_row_major;
  part.columns.assign(block.columns.begin() + first, block.columns.begin() + last);
  AlignedBuffer<double> tile(static_cast<std::size_t>(kTaskColumns * kTileRows));
  bool is_finite = true;
  for (std::int64_t begin = 0; begin < block.rows; begin += kTileRows) {
    const std::int64_t n = std::min(kTileRows, block.rows - begin);
    TransposeInto(part, begin, n, tile.data(), kTileRows);
    for (std::int64_t j = first; j < last; ++j)
      is_finite &= table_->Write(j, rows_ + begin, tile.data() + (j - first) * kTileRows, n);
  }
  return is_finite;
}

std::shared_ptr<BinTableSink> MakeBinTableSink(SketchSink& sketch, int max_bins,
                                               FeatureLabels labels, const Context& ctx) {
  BinMapper mapper(FindAllThresholds(sketch, max_bins, ctx));
  sketch.ReleaseSample();
  return std::make_shared<BinTableSink>(std::move(mapper), sketch.rows(), std::move(labels));
}

}  // namespace treeline::forest
