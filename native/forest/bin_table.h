#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bins/bin_mapper.h"
#include "bins/quantile_sketch.h"
#include "core/aligned_buffer.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline::forest {

/// A table as bins, one column after another: a byte a cell, two bytes in columns of more than 255
/// bins. Trees read the cells of any rows, so a column is one run of memory.
class BinTable {
 public:
  BinTable(BinMapper mapper, std::int64_t n_rows);

  std::int64_t rows() const noexcept { return n_rows_; }
  std::int64_t n_features() const noexcept { return mapper_.n_features(); }
  int n_bins(std::int64_t feature) const noexcept { return mapper_.n_bins(feature); }
  bool is_wide(std::int64_t feature) const noexcept { return mapper_.is_wide(feature); }
  int missing_bin(std::int64_t feature) const noexcept { return MissingBin(n_bins(feature)); }
  bool has_missing(std::int64_t feature) const noexcept { return has_missing_[feature] != 0; }
  /// The smallest and the largest value of the table in a bin: equal where a bin holds one value.
  double lowest(std::int64_t feature, int bin) const noexcept {
    return lowest_[first_bin_[feature] + bin];
  }
  double highest(std::int64_t feature, int bin) const noexcept {
    return highest_[first_bin_[feature] + bin];
  }

  /// Calls body(column) with the bins of a feature, as bytes or as words.
  template <typename Body>
  auto WithColumn(std::int64_t feature, Body&& body) const {
    const std::byte* at = cells_.data() + offsets_[feature];
    return is_wide(feature) ? body(reinterpret_cast<const std::uint16_t*>(at))
                            : body(reinterpret_cast<const std::uint8_t*>(at));
  }
  int BinOf(std::int64_t feature, std::int64_t row) const noexcept {
    return WithColumn(feature, [row](const auto* column) { return static_cast<int>(column[row]); });
  }

  /// Bins values [first_row, first_row + n) of a feature; returns false if one of them is infinite.
  /// Not for two threads at once for one feature.
  bool Write(std::int64_t feature, std::int64_t first_row, const double* values,
             std::int64_t n) noexcept;

  /// The same of rows [first_row, first_row + n) that are all zeros but the entries.
  bool WriteSparse(std::int64_t feature, std::int64_t first_row, std::int64_t n,
                   SparseEntries entries) noexcept;

  std::size_t bytes() const noexcept { return cells_.bytes() + 16 * lowest_.size(); }

 private:
  template <typename Bin>
  bool WriteBins(std::int64_t feature, const double* values, std::int64_t n, Bin* bins) noexcept;
  template <typename Bin>
  bool WriteSparseBins(std::int64_t feature, std::int64_t n, SparseEntries entries,
                       Bin* bins) noexcept;
  bool See(std::int64_t feature, double value, int bin) noexcept;

  BinMapper mapper_;
  std::int64_t n_rows_;
  AlignedBuffer<std::byte> cells_;
  std::vector<std::int64_t> offsets_;    // of columns, in bytes
  std::vector<std::int64_t> first_bin_;  // of features, in lowest_ and highest_
  std::vector<double> lowest_, highest_;
  std::vector<std::uint8_t> has_missing_;
};

/// The second pass over the rows that a sketch saw: fills a BinTable.
class BinTableSink final : public Sink {
 public:
  BinTableSink(BinMapper mapper, std::int64_t n_rows, FeatureLabels labels);

  /// Throws Error{kInvalidData} for infinities, by name, and for more rows than were announced.
  void Push(const Block& block, const Context& ctx) override;
  void PushEntries(const SparseBlock& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override { return table_->bytes(); }
  std::int64_t rows() const noexcept { return rows_; }
  std::shared_ptr<const BinTable> table() const noexcept { return table_; }

 private:
  void CheckShape(std::int64_t rows, std::int64_t cols) const;
  bool WriteColumns(const Block& block, std::int64_t first, std::int64_t last);

  std::shared_ptr<BinTable> table_;
  FeatureLabels labels_;
  std::int64_t rows_ = 0;
};

/// The sink for the second pass; the sketch has served then. A column of at most `max_bins`
/// distinct values has a bin for each, others have quantiles.
std::shared_ptr<BinTableSink> MakeBinTableSink(SketchSink& sketch, int max_bins,
                                               FeatureLabels labels, const Context& ctx);

}  // namespace treeline::forest
