#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace treeline {

/// Consecutive rows of a sparse table in compressed rows, as they came: a copy that nobody else can
/// change, but not yet looked at.
struct SparseCopy {
  std::int64_t first_row = 0;  // global index of row 0
  std::int64_t cols = 0;
  std::vector<std::int64_t> starts;   // row i's entries are starts[i] ... starts[i + 1] - 1
  std::vector<std::int32_t> columns;  // of every entry, ascending within a row
  std::vector<double> values;         // of every entry

  std::int64_t rows() const noexcept { return static_cast<std::int64_t>(starts.size()) - 1; }
  std::size_t bytes() const noexcept {
    return 8 * starts.size() + 4 * columns.size() + 8 * values.size();
  }
};

/// Entries of one column, rows ascending.
struct SparseEntries {
  std::span<const std::int32_t> rows;  // of the block
  std::span<const double> values;

  std::size_t size() const noexcept { return rows.size(); }
  /// Those of rows [begin, begin + count) of the block.
  SparseEntries Within(std::int64_t begin, std::int64_t count) const noexcept;
};

/// Consecutive rows of a sparse table, by column. What is not there is 0, and no entry is: zeros
/// that were stored are left out.
class SparseBlock {
 public:
  /// Costs as much as there are entries, rows and columns. Throws Error{kInvalidData} for rows that
  /// go back, and for columns that are out of range or do not ascend.
  explicit SparseBlock(const SparseCopy& from);

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t first_row() const noexcept { return first_row_; }
  std::int64_t cols() const noexcept { return static_cast<std::int64_t>(first_entry_.size()) - 1; }
  std::int64_t n_entries() const noexcept { return static_cast<std::int64_t>(values_.size()); }
  SparseEntries column(std::int64_t j) const noexcept;

 private:
  std::int64_t rows_, first_row_;
  std::vector<std::int64_t> first_entry_;  // of every column, and the end
  std::vector<std::int32_t> entry_rows_;
  std::vector<double> values_;
};

}  // namespace treeline
