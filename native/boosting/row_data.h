#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bins/binned_store.h"
#include "bins/quantile_sketch.h"
#include "core/aligned_buffer.h"
#include "core/context.h"
#include "loss/pointwise.h"

namespace treeline::boosting {

/// What a loss needs of the rows of a store, chunk by chunk: targets, weights and raw predictions
/// so far.
class RowData {
 public:
  /// `targets` (of all rows a column: one, or one an output) and `weights` (may be empty) are those
  /// of the table's rows; the store holds those with row_use == use.
  RowData(const BinnedStore& store, std::int64_t n_outputs, std::span<const double> targets,
          std::span<const double> weights, std::span<const std::uint8_t> row_use, RowUse use);

  /// Sets every raw prediction: to the constants, or to the rows of `initial` (n × n_outputs) where
  /// there is one.
  void SetScores(std::span<const double> constants, std::span<const double> initial);

  std::int64_t n_chunks() const noexcept { return static_cast<std::int64_t>(chunks_.size()); }
  std::int64_t n_outputs() const noexcept { return n_outputs_; }
  std::int64_t n_rows() const noexcept;
  std::int64_t rows(std::int64_t c) const noexcept { return chunks_[c].rows; }
  /// Where a row stands in the table that the store was made from.
  std::int64_t table_row(std::int64_t c, std::int64_t i) const noexcept {
    const Chunk& chunk = chunks_[c];
    return chunk.table_rows.empty() ? chunk.first_table_row + i : chunk.table_rows[i];
  }
  /// What an output is to predict: all outputs have the same targets if there is one column.
  const double* targets(std::int64_t c, std::int64_t output) const noexcept {
    return chunks_[c].targets.data() + (n_targets_ > 1 ? output * kChunkRows : 0);
  }
  const float* weights(std::int64_t c) const noexcept {
    return chunks_[c].weights.empty() ? nullptr : chunks_[c].weights.data();
  }
  double* scores(std::int64_t c, std::int64_t output) noexcept {
    return chunks_[c].scores.data() + output * kChunkRows;
  }
  const double* scores(std::int64_t c, std::int64_t output) const noexcept {
    return chunks_[c].scores.data() + output * kChunkRows;
  }

  std::size_t bytes() const noexcept;
  /// Weighted mean of every column of targets; for `is_multinomial` the share of every class. Sums
  /// of 1024 rows each, in row order.
  std::vector<double> TargetMeans(bool is_multinomial) const;
  /// The constant raw prediction to start from: the best, or about the best.
  std::vector<double> Baseline(const Loss& loss) const;
  /// Raw predictions of all rows in order, row-major.
  std::vector<double> Scores() const;
  /// Weighted mean of the loss over all rows, and over the columns of targets, the same bits for
  /// any number of threads; NaN for a loss that has no value.
  double MeanLoss(const Loss& loss, const Context& ctx) const;

 private:
  struct Chunk {
    std::int64_t rows = 0;
    AlignedBuffer<double> targets;  // one column of kChunkRows a target
    AlignedBuffer<float> weights;
    AlignedBuffer<double> scores;  // one column of kChunkRows an output
    std::vector<std::int64_t>
        table_rows;  // where the rows came from; empty: consecutive from first_table_row
    std::int64_t first_table_row = 0;
  };
  LossSum LossOfSlot(const Loss& loss, const Chunk& chunk, std::int64_t begin) const;

  std::int64_t n_outputs_;
  std::int64_t n_targets_ = 1;
  std::vector<Chunk> chunks_;
};

}  // namespace treeline::boosting
