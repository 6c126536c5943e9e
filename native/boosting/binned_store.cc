#include "boosting/binned_store.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "matrix/reblock.h"

namespace treeline::boosting {

namespace {

constexpr int kGroupFeatures = 32;
constexpr std::int64_t kTileRows = 1024;

/// Features shared out evenly over as few groups of at most 32 as possible.
std::vector<FeatureGroup> MakeGroups(std::int64_t n_features) {
  const std::int64_t n_groups = (n_features + kGroupFeatures - 1) / kGroupFeatures;
  std::vector<FeatureGroup> groups;
  std::int64_t record = 0;
  for (std::int64_t g = 0; g < n_groups; ++g) {
    const std::int64_t first = n_features * g / n_groups;
    const int n = static_cast<int>(n_features * (g + 1) / n_groups - first);
    const int bytes = n <= 8 ? 8 : n <= 16 ? 16 : 32;
    groups.push_back({first, n, bytes, record});
    record += bytes * kChunkRows;
  }
  return groups;
}

}  // namespace

BinnedStore::BinnedStore(std::int64_t n_features)
    : n_features_(n_features), groups_(MakeGroups(n_features)) {
  for (const FeatureGroup& group : groups_) record_bytes_ += group.record_bytes;
}

void BinnedStore::Grow(std::int64_t count) {
  while (count > 0) {
    if (chunks_.empty() || chunks_.back().rows == kChunkRows) {
      BinnedChunk chunk;
      chunk.records =
          AlignedBuffer<std::uint8_t>(static_cast<std::size_t>(record_bytes_ * kChunkRows));
      chunk.columns =
          AlignedBuffer<std::uint8_t>(static_cast<std::size_t>(n_features_ * kColumnStride));
      chunks_.push_back(std::move(chunk));
    }
    BinnedChunk& last = chunks_.back();
    const std::int64_t added = std::min(count, kChunkRows - last.rows);
    last.rows += added;
    rows_ += added;
    count -= added;
    // Bins behind the last row are read (never used) by loops over words of 64 rows.
    for (std::int64_t j = 0; j < n_features_; ++j) {
      std::memset(column(n_chunks() - 1, j) + last.rows, 0,
                  std::min<std::int64_t>(64, kColumnStride - last.rows));
    }
  }
}

std::size_t BinnedStore::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const BinnedChunk& chunk : chunks_) bytes += chunk.records.bytes() + chunk.columns.bytes();
  return bytes;
}

/// Consecutive rows of one block that one task bins.
struct BinningSink::Tile {
  std::int64_t begin, count;               // in the block
  std::int64_t train_row, validation_row;  // where its first row of either kind goes
};

BinningSink::BinningSink(std::shared_ptr<const BinMapper> mapper, std::vector<std::uint8_t> row_use,
                         const FitTrace& trace)
    : mapper_(std::move(mapper)),
      row_use_(std::move(row_use)),
      train_(mapper_->n_features()),
      validation_(mapper_->n_features()),
      has_missing_(static_cast<std::size_t>(mapper_->n_features())),
      trace_(trace) {}

void BinningSink::Push(const Block& block, const Context& ctx) {
  const StageTimer timer(trace_, Stage::kBin);
  std::vector<Tile> tiles;
  std::int64_t train_row = train_.rows();
  std::int64_t validation_row = validation_.rows();
  for (std::int64_t begin = 0; begin < block.rows; begin += kTileRows) {
    const std::int64_t count = std::min(kTileRows, block.rows - begin);
    tiles.push_back({begin, count, train_row, validation_row});
    const auto use = row_use_.begin() + rows_ + begin;
    const std::int64_t validated =
        row_use_.empty()
            ? 0
            : std::count(use, use + count, static_cast<std::uint8_t>(RowUse::kValidate));
    train_row += count - validated;
    validation_row += validated;
  }
  train_.Grow(train_row - train_.rows());
  validation_.Grow(validation_row - validation_.rows());

  const std::int64_t cells = block.cols() * kTileRows;
  const bool fits_float = FitsFloat(block);
  struct Scratch {
    AlignedBuffer<double> values;
    AlignedBuffer<std::uint8_t> bins;
  };
  std::vector<Scratch> scratch(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t t, int slot) {
    Scratch& own = scratch[slot];
    if (own.bins.empty()) {
      own.values = AlignedBuffer<double>(static_cast<std::size_t>(cells));
      own.bins = AlignedBuffer<std::uint8_t>(static_cast<std::size_t>(2 * cells));
    }
    if (fits_float) {
      BinTile(block, tiles[t], reinterpret_cast<float*>(own.values.data()), own.bins.data());
    } else {
      BinTile(block, tiles[t], own.values.data(), own.bins.data());
    }
  });
  rows_ += block.rows;
}

/// Bins a tile into columns of kTileRows bins, then puts the rows of either use where they belong.
template <typename T>
void BinningSink::BinTile(const Block& block, const Tile& tile, T* values, std::uint8_t* bins) {
  TransposeInto(block, tile.begin, tile.count, values, kTileRows);
  for (std::int64_t j = 0; j < mapper_->n_features(); ++j) {
    std::uint8_t* column = bins + j * kTileRows;
    mapper_->Bin(j, values + j * kTileRows, tile.count, column);
  }
  if (row_use_.empty()) {
    NoteMissing(bins, tile.count);
    return Store(train_, tile.train_row, tile.count, bins);
  }
  const std::uint8_t* use = row_use_.data() + rows_ + tile.begin;
  std::uint8_t* kept = bins + mapper_->n_features() * kTileRows;
  const std::int64_t n_train = Select(bins, use, RowUse::kTrain, tile.count, kept);
  NoteMissing(kept, n_train);
  Store(train_, tile.train_row, n_train, kept);
  const std::int64_t n_validation = Select(bins, use, RowUse::kValidate, tile.count, kept);
  Store(validation_, tile.validation_row, n_validation, kept);
}

/// Copies the rows of one use, column by column; returns their number.
std::int64_t BinningSink::Select(const std::uint8_t* bins, const std::uint8_t* use, RowUse wanted,
                                 std::int64_t count, std::uint8_t* kept) const {
  std::array<std::uint16_t, kTileRows> rows;
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    rows[n] = static_cast<std::uint16_t>(i);
    n += use[i] == static_cast<std::uint8_t>(wanted);
  }
  for (std::int64_t j = 0; j < mapper_->n_features(); ++j) {
    for (std::int64_t k = 0; k < n; ++k) kept[j * kTileRows + k] = bins[j * kTileRows + rows[k]];
  }
  return n;
}

void BinningSink::NoteMissing(const std::uint8_t* bins, std::int64_t count) {
  for (std::int64_t j = 0; j < mapper_->n_features(); ++j) {
    if (!has_missing_[j].load(std::memory_order_relaxed) &&
        std::memchr(bins + j * kTileRows, simd::kMissingBin, static_cast<std::size_t>(count)) !=
            nullptr) {
      has_missing_[j].store(true, std::memory_order_relaxed);
    }
  }
}

/// Copies `count` rows of binned columns (kTileRows apart) to rows [first_row, …) of a store.
void BinningSink::Store(BinnedStore& store, std::int64_t first_row, std::int64_t count,
                        const std::uint8_t* bins) {
  while (count > 0) {
    const std::int64_t c = first_row / kChunkRows;
    const std::int64_t row = first_row % kChunkRows;
    const std::int64_t n = std::min(count, kChunkRows - row);
    BinnedChunk& chunk = store.chunk(c);
    for (std::int64_t j = 0; j < store.n_features(); ++j) {
      std::memcpy(store.column(c, j) + row, bins + j * kTileRows, static_cast<std::size_t>(n));
    }
    for (const FeatureGroup& group : store.groups()) {
      std::uint8_t* records = chunk.records.data() + group.first_record + row * group.record_bytes;
      const std::uint8_t* from = bins + group.first_feature * kTileRows;
      for (std::int64_t i = 0; i < n; ++i) {
        for (int j = 0; j < group.n_features; ++j)
          records[i * group.record_bytes + j] = from[j * kTileRows + i];
      }
    }
    first_row += n;
    bins += n;
    count -= n;
  }
}

std::shared_ptr<BinningSink> MakeBinningSink(SketchSink& sketch, int max_bins, const Context& ctx) {
  FitTrace trace = sketch.trace();
  std::shared_ptr<const BinMapper> mapper;
  {
    const StageTimer timer(trace, Stage::kSketch);
    mapper = std::make_shared<const BinMapper>(FindAllThresholds(sketch, max_bins, ctx));
  }
  trace.SeePeak(sketch.bytes());
  sketch.ReleaseSample();
  return std::make_shared<BinningSink>(std::move(mapper), sketch.params().row_use, trace);
}

}  // namespace treeline::boosting
