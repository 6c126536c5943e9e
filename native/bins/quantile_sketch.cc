#include "bins/quantile_sketch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <locale>
#include <sstream>
#include <utility>

#include "bins/bin_mapper.h"
#include "core/error.h"
#include "core/random.h"

namespace treeline {

namespace {

constexpr std::int64_t kMostTileRows = 1024;
constexpr std::int64_t kTileCells = 1'048'576;  // bounds the scratch memory of a thread
constexpr std::uint64_t kSampleStream = 0x736b6574;
/// Rows read at a time: 1024, fewer for tables of thousands of columns.
std::int64_t TileRows(std::int64_t n_features) {
  return std::clamp<std::int64_t>(kTileCells / std::max<std::int64_t>(1, n_features), 64,
                                  kMostTileRows);
}

[[noreturn]] void RefuseCode(double value, std::int64_t feature, std::int64_t row) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << "X: column " << feature << " holds categories, but row " << row << " has " << value
       << ": categories are whole numbers from 0 on, NaN where missing; number them 0, 1, 2, ... "
          "or leave the column out of categoricalFeatures";
  throw Error(ErrorCode::kInvalidData, text.str());
}

}  // namespace

SketchSink::SketchSink(SketchParams params)
    : params_(std::move(params)),
      floats_(static_cast<std::size_t>(params_.n_features)),
      doubles_(static_cast<std::size_t>(params_.n_features)),
      has_missing_(static_cast<std::size_t>(params_.n_features)) {
  if (!params_.categorical.empty()) categories_.resize(floats_.size());
  const std::int64_t n_train = params_.row_use.empty()
                                   ? params_.n_rows
                                   : std::count(params_.row_use.begin(), params_.row_use.end(),
                                                static_cast<std::uint8_t>(RowUse::kTrain));
  const double share = static_cast<double>(params_.sample_rows) /
                       static_cast<double>(std::max<std::int64_t>(n_train, 1));
  threshold_ = share >= 1 ? std::numeric_limits<std::uint64_t>::max()
                          : static_cast<std::uint64_t>(share * 0x1p64);
}

bool SketchSink::IsTraining(std::int64_t row) const noexcept {
  return params_.row_use.empty() ||
         params_.row_use[row] == static_cast<std::uint8_t>(RowUse::kTrain);
}

bool SketchSink::Selects(std::int64_t row) const noexcept {
  return IsTraining(row) &&
         RandomBits(params_.seed, kSampleStream, static_cast<std::uint64_t>(row)) <= threshold_;
}

/// Consecutive rows of one block that one task reads, and which of the chosen rows are theirs.
struct SketchSink::Tile {
  std::int64_t begin, count;
  std::size_t first_chosen, n_chosen;
};

void SketchSink::Push(const Block& block, const Context& ctx) {
  const StageTimer timer(trace_, Stage::kSketch);
  std::vector<std::int64_t> chosen;
  const std::vector<Tile> tiles = MakeTiles(block.rows, chosen);
  if (!params_.weights.empty()) {
    for (const std::int64_t i : chosen) weights_.push_back(params_.weights[rows_ + i]);
  }
  if (!categories_.empty()) {
    ctx.ParallelFor(block.cols(), [&](std::int64_t j, int) {
      if (is_categorical(j)) CountCategories(block, j);
    });
  }
  if (is_float_ && !FitsFloat(block)) KeepDoubles();
  if (is_float_) {
    Read(block, tiles, chosen, floats_, ctx);
  } else {
    Read(block, tiles, chosen, doubles_, ctx);
  }
  trace_.values_read += block.rows * block.cols();
  rows_ += block.rows;
  sample_rows_ += static_cast<std::int64_t>(chosen.size());
}

/// What was kept as floats becomes doubles.
void SketchSink::KeepDoubles() {
  is_float_ = false;
  for (std::size_t j = 0; j < floats_.size(); ++j) {
    doubles_[j].assign(floats_[j].begin(), floats_[j].end());
    floats_[j] = {};
  }
}

/// Cuts the rows of the next block into tiles; `chosen` gets those of the sample.
std::vector<SketchSink::Tile> SketchSink::MakeTiles(std::int64_t rows,
                                                    std::vector<std::int64_t>& chosen) const {
  std::vector<Tile> tiles;
  const std::int64_t tile_rows = TileRows(params_.n_features);
  for (std::int64_t begin = 0; begin < rows; begin += tile_rows) {
    Tile tile{begin, std::min(tile_rows, rows - begin), chosen.size(), 0};
    for (std::int64_t i = begin; i < begin + tile.count; ++i) {
      if (Selects(rows_ + i)) chosen.push_back(i);
    }
    tile.n_chosen = chosen.size() - tile.first_chosen;
    tiles.push_back(tile);
  }
  return tiles;
}

/// Puts the chosen rows into the sample, and notes what training rows miss.
template <typename T>
void SketchSink::Read(const Block& block, const std::vector<Tile>& tiles,
                      std::span<const std::int64_t> chosen, Columns<T>& columns,
                      const Context& ctx) {
  constexpr std::int64_t kMargin = 4'000;  // the sample's size is random: nine deviations
  const auto wanted = static_cast<std::size_t>(sample_rows_) + chosen.size();
  const auto most =
      static_cast<std::size_t>(std::min(params_.n_rows, params_.sample_rows + kMargin));
  ctx.ParallelFor(block.cols(), [&](std::int64_t j, int) {
    columns[j].reserve(std::max(wanted, most));
    columns[j].resize(wanted);
  });
  constexpr DType kType = sizeof(T) == sizeof(float) ? DType::kFloat32 : DType::kFloat64;
  const bool in_rows = block.is_row_major && block.cols() > 0 && block.columns[0].type == kType;
  std::vector<std::vector<std::uint8_t>> missing(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t t, int slot) {
    if (in_rows) {
      ReadRows(block, tiles[t], chosen, columns, missing[slot]);
    } else {
      ReadColumns(block, tiles[t], chosen, columns);
    }
  });
}

/// A tile of a row-major matrix: row by row for what is missing, column by column for the sample.
template <typename T>
void SketchSink::ReadRows(const Block& block, const Tile& tile,
                          std::span<const std::int64_t> chosen, Columns<T>& columns,
                          std::vector<std::uint8_t>& missing) {
  const std::int64_t stride = block.columns[0].stride;
  const T* values = static_cast<const T*>(block.columns[0].values);
  missing.assign(static_cast<std::size_t>(block.cols()), 0);
  for (std::int64_t i = tile.begin; i < tile.begin + tile.count; ++i) {
    if (!IsTraining(rows_ + i)) continue;
    const T* row = values + i * stride;
    for (std::int64_t j = 0; j < block.cols(); ++j) missing[j] |= std::isnan(row[j]) ? 1 : 0;
  }
  for (std::int64_t j = 0; j < block.cols(); ++j) {
    if (missing[j] != 0) has_missing_[j].store(true, std::memory_order_relaxed);
  }
  constexpr std::size_t kFewRows = 64;  // stay in the nearest cache from column to column
  const auto sample_rows = static_cast<std::size_t>(sample_rows_);
  for (std::size_t begin = 0; begin < tile.n_chosen; begin += kFewRows) {
    const std::size_t first = tile.first_chosen + begin;
    const std::size_t n = std::min(kFewRows, tile.n_chosen - begin);
    for (std::int64_t j = 0; j < block.cols(); ++j) {
      T* to = columns[j].data() + sample_rows + first;
      for (std::size_t k = 0; k < n; ++k) to[k] = values[chosen[first + k] * stride + j];
    }
  }
}

template <typename T>
void SketchSink::ReadColumns(const Block& block, const Tile& tile,
                             std::span<const std::int64_t> chosen, Columns<T>& columns) {
  std::array<T, kMostTileRows> values;
  const std::size_t first = static_cast<std::size_t>(sample_rows_) + tile.first_chosen;
  for (std::int64_t j = 0; j < block.cols(); ++j) {
    ReadColumn(block.columns[j], tile.begin, tile.count, values.data());
    for (std::size_t k = 0; k < tile.n_chosen; ++k)
      columns[j][first + k] = values[chosen[tile.first_chosen + k] - tile.begin];
    if (has_missing_[j].load(std::memory_order_relaxed)) continue;
    std::int64_t n_missing = 0;
    for (std::int64_t i = 0; i < tile.count; ++i) n_missing += std::isnan(values[i]) ? 1 : 0;
    if (n_missing == 0) continue;
    for (std::int64_t i = 0; i < tile.count; ++i) {
      if (std::isnan(values[i]) && IsTraining(rows_ + tile.begin + i))
        has_missing_[j].store(true, std::memory_order_relaxed);
    }
  }
}

std::vector<bool> SketchSink::has_missing() const {
  std::vector<bool> flags;
  for (const std::atomic<bool>& flag : has_missing_) flags.push_back(flag.load());
  return flags;
}

/// @throws Error kInvalidData for a value that cannot be a category.
void SketchSink::CountCategories(const Block& block, std::int64_t feature) {
  constexpr std::int64_t kStrip = 1024;
  std::array<double, kStrip> strip;
  for (std::int64_t begin = 0; begin < block.rows; begin += kStrip) {
    const std::int64_t count = std::min(kStrip, block.rows - begin);
    ReadColumn(block.columns[feature], begin, count, strip.data());
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t row = rows_ + begin + i;
      CountCategory(strip[i], feature, row);
    }
  }
}

void SketchSink::CountCategory(double value, std::int64_t feature, std::int64_t row) {
  if (std::isnan(value) || !IsTraining(row)) return;
  if (!CategoryCounter::IsCode(value)) RefuseCode(value, feature, row);
  categories_[feature].Add(value, params_.weights.empty() ? 1 : params_.weights[row]);
}

void SketchSink::PushEntries(const SparseBlock& block, const Context& ctx) {
  const StageTimer timer(trace_, Stage::kSketch);
  if (sparse_.empty()) sparse_.resize(floats_.size());
  std::vector<std::int64_t> places(static_cast<std::size_t>(block.rows()), -1);  // in the sample
  for (std::int64_t i = 0; i < block.rows(); ++i) {
    if (!Selects(rows_ + i)) continue;
    places[i] = sample_rows_++;
    if (!params_.weights.empty()) weights_.push_back(params_.weights[rows_ + i]);
  }
  constexpr std::int64_t kTaskColumns = 16;
  ctx.ParallelFor((block.cols() + kTaskColumns - 1) / kTaskColumns, [&](std::int64_t task, int) {
    const std::int64_t first = task * kTaskColumns;
    for (std::int64_t j = first; j < std::min(block.cols(), first + kTaskColumns); ++j)
      ReadSparse(block, places, j);
  });
  trace_.values_read += block.n_entries();
  rows_ += block.rows();
}

/// Takes the entries of one column: the sample's, or all of a categorical one with the zeros
/// between them.
void SketchSink::ReadSparse(const SparseBlock& block, std::span<const std::int64_t> places,
                            std::int64_t feature) {
  const SparseEntries entries = block.column(feature);
  if (is_categorical(feature)) {
    std::size_t k = 0;
    for (std::int64_t i = 0; i < block.rows(); ++i) {
      const bool is_entry = k < entries.size() && entries.rows[k] == i;
      CountCategory(is_entry ? entries.values[k] : 0, feature, rows_ + i);
      k += is_entry ? 1 : 0;
    }
  }
  SparseColumnSample& sample = sparse_[feature];
  for (std::size_t k = 0; k < entries.size(); ++k) {
    const std::int64_t row = entries.rows[k];
    if (std::isnan(entries.values[k]) && IsTraining(rows_ + row))
      has_missing_[feature].store(true, std::memory_order_relaxed);
    if (places[row] < 0 || is_categorical(feature)) continue;
    sample.values.push_back(entries.values[k]);
    if (!params_.weights.empty()) sample.rows.push_back(static_cast<std::uint32_t>(places[row]));
  }
}

void SketchSink::ReleaseSample() {
  floats_ = {};
  doubles_ = {};
  sparse_ = {};
  weights_ = {};
  params_.weights = {};
}

std::size_t SketchSink::bytes() const noexcept {
  std::size_t bytes = params_.row_use.size() + 8 * (params_.weights.size() + weights_.size());
  for (const auto& column : floats_) bytes += 4 * column.capacity();
  for (const auto& column : doubles_) bytes += 8 * column.capacity();
  for (const SparseColumnSample& column : sparse_) bytes += sizeof(column) + column.bytes();
  for (const CategoryCounter& counter : categories_) bytes += counter.bytes();
  return bytes;
}

SampleWeights SketchSink::Weights() const {
  return sparse_.empty() ? SampleWeights() : SampleWeights(weights_);
}

std::vector<double> SketchSink::Thresholds(std::int64_t feature, int max_bins,
                                           const SampleWeights& weights) const {
  if (!sparse_.empty()) {
    return FindSparseThresholds(sparse_[feature], static_cast<std::size_t>(sample_rows_), weights,
                                max_bins);
  }
  return is_float_ ? FindThresholds(std::span<const float>(floats_[feature]), weights_, max_bins)
                   : FindThresholds(std::span<const double>(doubles_[feature]), weights_, max_bins);
}

std::vector<std::vector<double>> FindAllThresholds(const SketchSink& sketch, int max_bins,
                                                   const Context& ctx) {
  std::vector<std::vector<double>> thresholds(static_cast<std::size_t>(sketch.params().n_features));
  const SampleWeights weights = sketch.Weights();
  ctx.ParallelFor(sketch.params().n_features, [&](std::int64_t feature, int) {
    if (sketch.is_categorical(feature)) return;
    thresholds[feature] = sketch.Thresholds(feature, max_bins, weights);
  });
  return thresholds;
}

std::vector<Categories> FindAllCategories(const SketchSink& sketch, int max_bins) {
  std::vector<Categories> all;
  if (sketch.params().categorical.empty()) return all;
  for (std::int64_t feature = 0; feature < sketch.params().n_features; ++feature) {
    all.push_back(sketch.is_categorical(feature) ? sketch.categories(feature).Finish(max_bins)
                                                 : Categories{});
  }
  return all;
}

}  // namespace treeline
