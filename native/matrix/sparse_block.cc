#include "matrix/sparse_block.h"

#include <algorithm>
#include <cstddef>

#include "core/error.h"

namespace treeline {

namespace {

[[noreturn]] void Refuse(std::int64_t row) {
  throw Error(ErrorCode::kInvalidData,
              "X: the columns of row " + std::to_string(row) +
                  " of the CsrMatrix do not ascend or are out of range: did its arrays change?");
}

void Check(const SparseCopy& from) {
  const auto n = static_cast<std::int64_t>(from.values.size());
  if (from.starts.empty() || from.columns.size() != from.values.size()) Refuse(from.first_row);
  for (std::int64_t i = 0; i < from.rows(); ++i) {
    const std::int64_t begin = from.starts[i], end = from.starts[i + 1];
    if (begin < 0 || end < begin || end > n) Refuse(from.first_row + i);
    std::int64_t before = -1;
    for (std::int64_t k = begin; k < end; ++k) {
      const std::int64_t j = from.columns[k];
      if (j <= before || j >= from.cols) Refuse(from.first_row + i);
      before = j;
    }
  }
}

}  // namespace

SparseEntries SparseEntries::Within(std::int64_t begin, std::int64_t count) const noexcept {
  const auto first = std::lower_bound(rows.begin(), rows.end(), begin);
  const auto last = std::lower_bound(first, rows.end(), begin + count);
  const auto at = static_cast<std::size_t>(first - rows.begin());
  const auto n = static_cast<std::size_t>(last - first);
  return {rows.subspan(at, n), values.subspan(at, n)};
}

SparseBlock::SparseBlock(const SparseCopy& from) : rows_(from.rows()), first_row_(from.first_row) {
  Check(from);
  first_entry_.assign(static_cast<std::size_t>(from.cols) + 1, 0);
  for (std::size_t k = 0; k < from.values.size(); ++k) {
    if (from.values[k] != 0) ++first_entry_[from.columns[k] + 1];  // NaN is an entry
  }
  for (std::int64_t j = 0; j < from.cols; ++j) first_entry_[j + 1] += first_entry_[j];
  entry_rows_.resize(static_cast<std::size_t>(first_entry_.back()));
  values_.resize(entry_rows_.size());
  std::vector<std::int64_t> next(first_entry_.begin(), first_entry_.end() - 1);
  for (std::int64_t i = 0; i < rows_; ++i) {
    for (std::int64_t k = from.starts[i]; k < from.starts[i + 1]; ++k) {
      if (from.values[k] == 0) continue;
      const std::int64_t at = next[from.columns[k]]++;
      entry_rows_[at] = static_cast<std::int32_t>(i);
      values_[at] = from.values[k];
    }
  }
}

SparseEntries SparseBlock::column(std::int64_t j) const noexcept {
  const auto first = static_cast<std::size_t>(first_entry_[j]);
  const auto n = static_cast<std::size_t>(first_entry_[j + 1]) - first;
  return {std::span(entry_rows_).subspan(first, n), std::span(values_).subspan(first, n)};
}

}  // namespace treeline
