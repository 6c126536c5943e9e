#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "boosting/bin_mapper.h"
#include "boosting/fit_trace.h"
#include "boosting/quantile_sketch.h"
#include "core/aligned_buffer.h"
#include "matrix/sink.h"

namespace treeline::boosting {

/// Rows of a chunk of binned data. Row numbers inside a chunk fit 16 bits; a chunk's column of bins
/// (16 KB) and the set of its rows in a leaf (a bitmap of 2 KB or a short list) stay in the nearest
/// caches; packed sums over one chunk cannot overflow 32 bits.
inline constexpr std::int64_t kChunkRows = 16'384;
inline constexpr std::int64_t kChunkWords = kChunkRows / 64;

/// Up to 32 neighbouring features whose bins lie side by side in one record a row: what a histogram
/// reads.
struct FeatureGroup {
  std::int64_t first_feature;
  int n_features;
  int record_bytes;           // 8, 16 or 32: from one row to the next
  std::int64_t first_record;  // offset of row 0 in a chunk's records
};

/// The records and the columns of up to kChunkRows rows.
struct BinnedChunk {
  std::int64_t rows = 0;
  AlignedBuffer<std::uint8_t> records;  // per group: kChunkRows records
  AlignedBuffer<std::uint8_t> columns;  // per feature: kChunkRows bins, then kColumnPadding bytes
};

/// A table as bins: 2 bytes a cell, in chunks of rows.
class BinnedStore {
 public:
  explicit BinnedStore(std::int64_t n_features);

  /// Makes room for `count` more rows; the cells of new rows are undefined until written.
  void Grow(std::int64_t count);

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t n_features() const noexcept { return n_features_; }
  /// Columns of the records: what a row adds to a histogram.
  std::int64_t n_stored_columns() const noexcept { return n_features_; }
  std::int64_t n_chunks() const noexcept { return static_cast<std::int64_t>(chunks_.size()); }
  const BinnedChunk& chunk(std::int64_t c) const noexcept { return chunks_[c]; }
  BinnedChunk& chunk(std::int64_t c) noexcept { return chunks_[c]; }
  const std::vector<FeatureGroup>& groups() const noexcept { return groups_; }
  const std::uint8_t* column(std::int64_t c, std::int64_t feature) const noexcept {
    return chunks_[c].columns.data() + feature * kColumnStride;
  }
  std::uint8_t* column(std::int64_t c, std::int64_t feature) noexcept {
    return chunks_[c].columns.data() + feature * kColumnStride;
  }
  std::size_t bytes() const noexcept;

 private:
  static constexpr std::int64_t kColumnStride =
      kChunkRows + 64;  // readable beyond the last row; no cache aliasing

  std::int64_t n_features_;
  std::int64_t rows_ = 0;
  std::int64_t record_bytes_ = 0;  // of one row, all groups
  std::vector<FeatureGroup> groups_;
  std::vector<BinnedChunk> chunks_;
};

/// Bins a table into two stores: the rows to train on and the rows to validate on, each in row
/// order.
class BinningSink final : public Sink {
 public:
  /// `trace`: of the fit so far.
  BinningSink(std::shared_ptr<const BinMapper> mapper, std::vector<std::uint8_t> row_use,
              const FitTrace& trace = {});
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override {
    return train_.bytes() + validation_.bytes() + row_use_.size();
  }

  const BinnedStore& train() const noexcept { return train_; }
  const BinnedStore& validation() const noexcept { return validation_; }
  const BinMapper& mapper() const noexcept { return *mapper_; }
  const std::vector<std::uint8_t>& row_use() const noexcept { return row_use_; }
  std::int64_t rows() const noexcept { return rows_; }
  const FitTrace& trace() const noexcept { return trace_; }
  /// Whether a training row misses the feature.
  bool has_missing(std::int64_t feature) const noexcept { return has_missing_[feature].load(); }

 private:
  struct Tile;
  template <typename T>
  void BinTile(const Block& block, const Tile& tile, T* values, std::uint8_t* bins);
  std::int64_t Select(const std::uint8_t* bins, const std::uint8_t* use, RowUse wanted,
                      std::int64_t count, std::uint8_t* kept) const;
  void NoteMissing(const std::uint8_t* bins, std::int64_t count);
  void Store(BinnedStore& store, std::int64_t first_row, std::int64_t count,
             const std::uint8_t* bins);

  std::shared_ptr<const BinMapper> mapper_;
  std::vector<std::uint8_t> row_use_;
  std::int64_t rows_ = 0;
  BinnedStore train_;
  BinnedStore validation_;
  std::vector<std::atomic<bool>> has_missing_;
  FitTrace trace_;
};

/// The sink for the second pass over the rows that `sketch` saw, with at most max_bins bins a
/// feature. The sketch has served then: its sample is freed.
std::shared_ptr<BinningSink> MakeBinningSink(SketchSink& sketch, int max_bins, const Context& ctx);

}  // namespace treeline::boosting
