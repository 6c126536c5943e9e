#include "bins/binning_sink.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "matrix/reblock.h"

namespace treeline {

namespace {

constexpr std::int64_t kMostTileRows = 1024;
constexpr std::int64_t kTileCells = 4'194'304;  // bounds the scratch memory of a thread
/// What a fit holds a row besides bins: targets, weights, raw predictions, gradients, its leaf.
constexpr std::int64_t kRowBytes = 48;

/// Rows of a tile: 1024, fewer for tables of thousands of columns.
std::int64_t TileRows(std::int64_t n_features) {
  std::int64_t rows = kMostTileRows;
  while (rows > 64 && rows * n_features > kTileCells) rows /= 2;
  return rows;
}

/// Columns have a code for missing values where the first pass saw one, and where a category that
/// the sample did not hold becomes one.
std::shared_ptr<const ColumnLayout> MakeLayout(const BinMapper& mapper, std::vector<bool> may_miss,
                                               bool bundle) {
  std::vector<int> n_bins;
  for (std::int64_t f = 0; f < mapper.n_features(); ++f) {
    n_bins.push_back(mapper.n_bins(f));
    if (mapper.is_categorical(f) && !mapper.categories()[f].has_rare) may_miss[f] = true;
  }
  return std::make_shared<const ColumnLayout>(n_bins, may_miss, bundle);
}

StoreParts PartsOf(const BinningParams& params) {
  if (params.is_watched) return StoreParts::kColumns;
  return params.compact ? StoreParts::kRecords : StoreParts::kBoth;
}

/// A file if the bins would not fit what the limit leaves for them.
std::shared_ptr<SpillFile> MakeSpill(const ColumnLayout& layout, std::int64_t n_rows,
                                     const BinningParams& params) {
  const std::int64_t cell_bytes = layout.record_bytes() + 2 * layout.n_wide() +
                                  (params.compact ? 0 : layout.n_features() - layout.n_wide());
  const std::int64_t bytes = (n_rows + params.other_rows) * (cell_bytes + kRowBytes);
  if (params.memory_limit <= 0 || bytes <= params.memory_limit) return nullptr;
  return std::make_shared<SpillFile>(params.spill_directory);
}

}  // namespace

/// Consecutive rows of one block that one task bins.
struct BinningSink::Tile {
  std::int64_t begin, count;               // in the block
  std::int64_t train_row, validation_row;  // where its first row of either kind goes
};

/// Memory of one thread.
struct BinningSink::Scratch {
  Scratch(std::int64_t n_features, std::int64_t value_columns, std::int64_t n_wide,
          std::int64_t tile_rows)
      : values(static_cast<std::size_t>(value_columns * tile_rows)),
        bytes(static_cast<std::size_t>(n_features * tile_rows)),
        kept_bytes(bytes.size()),
        words(static_cast<std::size_t>(n_wide * tile_rows)),
        kept_words(words.size()),
        codes(static_cast<std::size_t>(8 * tile_rows)),
        bins{bytes.data(), words.data(), tile_rows},
        kept{kept_bytes.data(), kept_words.data(), tile_rows} {}

  AlignedBuffer<double> values;  // a tile, by column; of sparse rows none
  AlignedBuffer<std::uint8_t> bytes, kept_bytes;
  AlignedBuffer<std::uint16_t> words, kept_words;
  AlignedBuffer<std::uint8_t> codes;  // of eight columns
  BinnedRows bins, kept;              // of the tile; of its rows of one use
};

BinningSink::BinningSink(std::shared_ptr<const BinMapper> mapper, std::vector<std::uint8_t> row_use,
                         std::vector<bool> may_miss, std::int64_t n_rows,
                         const BinningParams& params, const FitTrace& trace)
    : mapper_(std::move(mapper)),
      row_use_(std::move(row_use)),
      has_missing_(may_miss.size()),
      params_(params),
      all_rows_(n_rows),
      layout_(MakeLayout(*mapper_, std::move(may_miss), params.bundle)),
      spill_(MakeSpill(*layout_, n_rows, params)),
      tile_rows_(TileRows(mapper_->n_features())),
      train_(layout_, PartsOf(params), spill_),
      validation_(layout_, StoreParts::kColumns, spill_),
      trace_(trace) {}

void BinningSink::Push(const Block& block, const Context& ctx) {
  const bool fits_float = FitsFloat(block);
  trace_.values_read += block.rows * block.cols();
  PushTiles(block.rows, block.cols(), ctx, [&](const Tile& tile, Scratch& scratch) {
    if (fits_float) {
      BinRows(block, tile, reinterpret_cast<float*>(scratch.values.data()), scratch);
    } else {
      BinRows(block, tile, scratch.values.data(), scratch);
    }
  });
}

void BinningSink::PushEntries(const SparseBlock& block, const Context& ctx) {
  trace_.values_read += block.n_entries();
  PushTiles(block.rows(), 0, ctx,
            [&](const Tile& tile, Scratch& scratch) { BinSparseRows(block, tile, scratch); });
}

/// Takes the next rows tile by tile: bin_tile(tile, scratch) bins one into its thread's memory.
template <typename BinTile>
void BinningSink::PushTiles(std::int64_t rows, std::int64_t value_columns, const Context& ctx,
                            BinTile&& bin_tile) {
  if (is_closed_) throw Error(ErrorCode::kNative, "these bins are being fitted: no rows may come");
  const StageTimer timer(trace_, Stage::kBin);
  const std::vector<Tile> tiles = MakeTiles(rows);
  std::vector<std::unique_ptr<Scratch>> scratch(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t t, int slot) {
    if (!scratch[slot]) {
      scratch[slot] = std::make_unique<Scratch>(mapper_->n_features(), value_columns,
                                                layout_->n_wide(), tile_rows_);
    }
    bin_tile(tiles[t], *scratch[slot]);
    WriteTile(tiles[t], *scratch[slot]);
  });
  rows_ += rows;
  train_.SealFullChunks();
  validation_.SealFullChunks();
}

std::shared_ptr<BinningSink> BinningSink::ForOtherRows(std::int64_t n_rows) const {
  BinningParams params = params_;
  params.is_watched = true;
  params.other_rows = all_rows_;
  return std::make_shared<BinningSink>(mapper_, std::vector<std::uint8_t>(),
                                       std::vector<bool>(has_missing_.size(), true), n_rows,
                                       params);
}

void BinningSink::Finish() {
  Close();
  const std::lock_guard<std::mutex> lock(finishing_);
  if (is_finished_) return;
  train_.Finish();
  validation_.Finish();
  is_finished_ = true;
}

/// Cuts the rows of the next block into tiles and makes room for them.
std::vector<BinningSink::Tile> BinningSink::MakeTiles(std::int64_t rows) {
  std::vector<Tile> tiles;
  std::int64_t train_row = train_.rows();
  std::int64_t validation_row = validation_.rows();
  for (std::int64_t begin = 0; begin < rows; begin += tile_rows_) {
    const std::int64_t count = std::min(tile_rows_, rows - begin);
    tiles.push_back({begin, count, train_row, validation_row});
    const auto use = row_use_.begin() + rows_ + begin;
    const auto rows_of = [&](RowUse wanted) {
      return std::count(use, use + count, static_cast<std::uint8_t>(wanted));
    };
    train_row += row_use_.empty() ? count : rows_of(RowUse::kTrain);
    validation_row += row_use_.empty() ? 0 : rows_of(RowUse::kValidate);
  }
  train_.Grow(train_row - train_.rows());
  validation_.Grow(validation_row - validation_.rows());
  return tiles;
}

/// Bins a tile into columns of tile_rows_ bins.
template <typename T>
void BinningSink::BinRows(const Block& block, const Tile& tile, T* values, Scratch& scratch) const {
  TransposeInto(block, tile.begin, tile.count, values, tile_rows_);
  for (std::int64_t j = 0; j < mapper_->n_features(); ++j) {
    const StoredFeature& feature = layout_->feature(j);
    const T* x = values + j * tile_rows_;
    if (feature.is_wide) {
      mapper_->Bin(j, x, tile.count, scratch.words.data() + feature.number * tile_rows_);
    } else {
      mapper_->Bin(j, x, tile.count, scratch.bytes.data() + j * tile_rows_);
    }
  }
}

void BinningSink::BinSparseRows(const SparseBlock& block, const Tile& tile,
                                Scratch& scratch) const {
  for (std::int64_t j = 0; j < mapper_->n_features(); ++j) {
    const StoredFeature& feature = layout_->feature(j);
    const SparseEntries entries = block.column(j).Within(tile.begin, tile.count);
    if (feature.is_wide) {
      mapper_->BinSparse(j, entries, tile.begin, tile.count,
                         scratch.words.data() + feature.number * tile_rows_);
    } else {
      mapper_->BinSparse(j, entries, tile.begin, tile.count, scratch.bytes.data() + j * tile_rows_);
    }
  }
}

/// Puts the binned rows of either use where they belong.
void BinningSink::WriteTile(const Tile& tile, Scratch& scratch) {
  std::uint8_t* codes = scratch.codes.data();
  if (row_use_.empty()) {
    NoteMissing(scratch.bins, tile.count);
    return train_.Write(tile.train_row, tile.count, scratch.bins, codes);
  }
  const std::uint8_t* use = row_use_.data() + rows_ + tile.begin;
  const std::int64_t n_train = Select(use, RowUse::kTrain, tile.count, scratch);
  NoteMissing(scratch.kept, n_train);
  train_.Write(tile.train_row, n_train, scratch.kept, codes);
  const std::int64_t n_validation = Select(use, RowUse::kValidate, tile.count, scratch);
  validation_.Write(tile.validation_row, n_validation, scratch.kept, codes);
}

/// Copies the rows of one use, column by column; returns their number.
std::int64_t BinningSink::Select(const std::uint8_t* use, RowUse wanted, std::int64_t count,
                                 Scratch& scratch) const {
  std::uint16_t rows[kMostTileRows];
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    rows[n] = static_cast<std::uint16_t>(i);
    n += use[i] == static_cast<std::uint8_t>(wanted);
  }
  const auto select = [&](const auto* from, auto* to) {
    for (std::int64_t k = 0; k < n; ++k) to[k] = from[rows[k]];
  };
  for (std::int64_t j = 0; j < mapper_->n_features(); ++j)
    select(scratch.bytes.data() + j * tile_rows_, scratch.kept_bytes.data() + j * tile_rows_);
  for (std::int64_t k = 0; k < layout_->n_wide(); ++k)
    select(scratch.words.data() + k * tile_rows_, scratch.kept_words.data() + k * tile_rows_);
  return n;
}

bool BinningSink::HasMissing(const BinnedRows& bins, std::int64_t count,
                             std::int64_t feature) const {
  const StoredFeature& stored = layout_->feature(feature);
  if (!stored.is_wide) {
    return std::memchr(bins.bytes + feature * bins.stride, simd::kMissingBin,
                       static_cast<std::size_t>(count)) != nullptr;
  }
  const std::uint16_t* words = bins.words + stored.number * bins.stride;
  const int missing = MissingBin(mapper_->n_bins(feature));
  return std::find(words, words + count, missing) != words + count;
}

void BinningSink::NoteMissing(const BinnedRows& bins, std::int64_t count) {
  for (std::int64_t j = 0; j < mapper_->n_features(); ++j) {
    if (has_missing_[j].load(std::memory_order_relaxed) || !HasMissing(bins, count, j)) continue;
    has_missing_[j].store(true, std::memory_order_relaxed);
    if (!layout_->feature(j).has_missing) {  // the layout rests on what the first pass saw
      throw Error(ErrorCode::kInvalidData,
                  "column " + std::to_string(j) +
                      " of X has missing values, but had none when it was read first: did X "
                      "change meanwhile?");
    }
  }
}

std::shared_ptr<BinningSink> MakeBinningSink(SketchSink& sketch, const BinningParams& params,
                                             std::vector<Categories> categories,
                                             const Context& ctx) {
  FitTrace trace = sketch.trace();
  std::vector<bool> may_miss = sketch.has_missing();
  for (std::size_t j = 0; j < categories.size(); ++j) {
    const auto feature = static_cast<std::int64_t>(j);
    if (categories[j].is_categorical && sketch.categories(feature).HasOthers(categories[j]))
      may_miss[j] = true;
  }
  std::shared_ptr<const BinMapper> mapper;
  {
    const StageTimer timer(trace, Stage::kSketch);
    mapper = std::make_shared<const BinMapper>(FindAllThresholds(sketch, params.max_bins, ctx),
                                               std::move(categories));
  }
  trace.SeePeak(sketch.bytes());
  sketch.ReleaseSample();
  return std::make_shared<BinningSink>(std::move(mapper), sketch.params().row_use,
                                       std::move(may_miss), sketch.params().n_rows, params, trace);
}

}  // namespace treeline
