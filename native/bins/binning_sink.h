#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bins/bin_mapper.h"
#include "bins/binned_store.h"
#include "bins/fit_trace.h"
#include "bins/quantile_sketch.h"
#include "core/aligned_buffer.h"
#include "matrix/sink.h"

namespace treeline {

/// How the bins of a table are kept.
struct BinningParams {
  int max_bins = 255;  // at most kMostBins
  /// One byte a cell or less instead of two: the partition reads the histograms' records, slower.
  bool compact = false;
  /// Whether features of few bins may share a column. The trees are the same.
  bool bundle = true;
  /// Bins and what a fit holds besides may take so many bytes; beyond, bins go to a file in
  /// spill_directory. 0: no limit.
  std::int64_t memory_limit = 0;
  std::string spill_directory;
  /// Rows that are routed through trees and never learnt from: no records for histograms.
  bool is_watched = false;
  /// Rows of other sinks that the limit is for too.
  std::int64_t other_rows = 0;
};

/// Bins a table into two stores: the rows to train on and the rows to validate on, each in row
/// order.
class BinningSink final : public Sink {
 public:
  /// `row_use` and `may_miss` (by feature: whether a training row misses it) as SketchSink found
  /// them; `n_rows` of the whole table; `trace` of the fit so far.
  BinningSink(std::shared_ptr<const BinMapper> mapper, std::vector<std::uint8_t> row_use,
              std::vector<bool> may_miss, std::int64_t n_rows, const BinningParams& params,
              const FitTrace& trace = {});
  /// @throws Error kInvalidData for a missing value in a column that had none in the first pass;
  /// kIo when the disk is full; kNative once Close was called.
  void Push(const Block& block, const Context& ctx) override;
  /// Fills in the bin of zero and sets those of the entries.
  void PushEntries(const SparseBlock& block, const Context& ctx) override;
  /// A sink for rows that are watched: the same thresholds. Its bins go to a file of their own if
  /// they would not fit the limit besides those of this sink.
  std::shared_ptr<BinningSink> ForOtherRows(std::int64_t n_rows) const;
  /// No rows may come any more: fits are about to read the bins. Not while a Push runs.
  void Close() noexcept { is_closed_.store(true); }
  /// After Close, before a fit. Several fits may read one sink's bins: each finishes it, at the
  /// same time or again, and what was done once is not done twice.
  void Finish();
  std::size_t bytes() const noexcept override {
    return train_.bytes() + validation_.bytes() + row_use_.size() + layout_->bytes() +
           mapper_->bytes();
  }

  const BinnedStore& train() const noexcept { return train_; }
  const BinnedStore& validation() const noexcept { return validation_; }
  const BinMapper& mapper() const noexcept { return *mapper_; }
  const std::vector<std::uint8_t>& row_use() const noexcept { return row_use_; }
  std::int64_t rows() const noexcept { return rows_; }
  const FitTrace& trace() const noexcept { return trace_; }
  /// Whether a training row misses the feature.
  bool has_missing(std::int64_t feature) const noexcept { return has_missing_[feature].load(); }
  /// Bytes of bins that lie in a file.
  std::int64_t spilled_bytes() const noexcept { return spill_ ? spill_->size() : 0; }

 private:
  struct Tile;
  struct Scratch;
  std::vector<Tile> MakeTiles(std::int64_t rows);
  template <typename BinTile>
  void PushTiles(std::int64_t rows, std::int64_t value_columns, const Context& ctx,
                 BinTile&& bin_tile);
  template <typename T>
  void BinRows(const Block& block, const Tile& tile, T* values, Scratch& scratch) const;
  void BinSparseRows(const SparseBlock& block, const Tile& tile, Scratch& scratch) const;
  void WriteTile(const Tile& tile, Scratch& scratch);
  std::int64_t Select(const std::uint8_t* use, RowUse wanted, std::int64_t count,
                      Scratch& scratch) const;
  void NoteMissing(const BinnedRows& bins, std::int64_t count);
  bool HasMissing(const BinnedRows& bins, std::int64_t count, std::int64_t feature) const;

  std::shared_ptr<const BinMapper> mapper_;
  std::vector<std::uint8_t> row_use_;
  std::vector<std::atomic<bool>> has_missing_;
  BinningParams params_;
  std::int64_t all_rows_;  // that are to come
  std::shared_ptr<const ColumnLayout> layout_;
  std::shared_ptr<SpillFile> spill_;  // nullptr: everything stays in memory
  std::int64_t tile_rows_;            // a power of two
  std::int64_t rows_ = 0;
  BinnedStore train_;
  BinnedStore validation_;
  FitTrace trace_;
  std::atomic<bool> is_closed_{false};
  std::mutex finishing_;  // guards is_finished_ and the stores while they are being finished
  bool is_finished_ = false;
};

/// The sink for the second pass over the rows that `sketch` saw. The sketch has served then: its
/// sample is freed. `categories`: by feature, of the sketch or of a model to go on with; or empty.
std::shared_ptr<BinningSink> MakeBinningSink(SketchSink& sketch, const BinningParams& params,
                                             std::vector<Categories> categories,
                                             const Context& ctx);

}  // namespace treeline
