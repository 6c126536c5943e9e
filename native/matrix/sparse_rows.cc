#include "matrix/sparse_rows.h"

#include <algorithm>
#include <string>

#include "core/error.h"

namespace treeline {

namespace {

[[noreturn]] void RefuseEntries(const FeatureLabels& labels, std::int64_t row) {
  throw Error(ErrorCode::kInvalidData,
              labels.where() + ": the entries of row " + std::to_string(row) +
                  " are out of order or out of range: was a buffer transferred or written to "
                  "during the call?");
}

/// Rows + 1 places, the first of them 0. Throws unless they ascend and lie among the entries.
std::vector<std::int64_t> PlacesOf(const SparseView& view, const FeatureLabels& labels,
                                   std::int64_t* first) {
  std::vector<double> starts(static_cast<std::size_t>(view.rows + 1));
  ReadColumn(view.starts, 0, view.rows + 1, starts.data());
  std::vector<std::int64_t> places;
  places.reserve(starts.size());
  double before = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    if (!(starts[i] >= before) || !(starts[i] <= static_cast<double>(view.entries)))
      RefuseEntries(labels, view.first_row + static_cast<std::int64_t>(i) - (i > 0 ? 1 : 0));
    before = starts[i];
    places.push_back(static_cast<std::int64_t>(before));
  }
  *first = places[0];
  for (std::int64_t& place : places) place -= *first;
  return places;
}

}  // namespace

void SparseRows::Append(const SparseView& view, const FeatureLabels& labels) {
  if (view.cols != cols_) {
    throw Error(ErrorCode::kInvalidData, labels.where() + " has " + std::to_string(view.cols) +
                                             " columns in one part and " + std::to_string(cols_) +
                                             " in another");
  }
  std::int64_t first = 0;
  const std::vector<std::int64_t> places = PlacesOf(view, labels, &first);
  const std::int64_t before = entries();
  const std::int64_t count = places.back();
  values_.resize(static_cast<std::size_t>(before + count));
  columns_.resize(values_.size());
  ReadColumn(view.values, first, count, values_.data() + before);
  const auto* columns = static_cast<const std::int32_t*>(view.columns.values) + first;
  std::copy_n(columns, count, columns_.data() + before);
  for (std::int64_t i = 0; i < view.rows; ++i) {  // what was copied: the source may change
    std::int32_t last = -1;
    for (std::int64_t k = before + places[i]; k < before + places[i + 1]; ++k) {
      if (columns_[k] <= last || columns_[k] >= cols_) RefuseEntries(labels, view.first_row + i);
      last = columns_[k];
      labels.RefuseNonFinite(values_[k], view.first_row + i, last);
    }
    starts_.push_back(before + places[i + 1]);
  }
}

void SparseRows::Append(const Block& block, const FeatureLabels& labels) {
  if (block.cols() != cols_) {
    throw Error(ErrorCode::kInvalidData, labels.where() + " has " + std::to_string(block.cols()) +
                                             " columns in one part and " + std::to_string(cols_) +
                                             " in another");
  }
  for (std::int64_t i = 0; i < block.rows; ++i) {
    for (std::int64_t j = 0; j < cols_; ++j) {
      double value = 0;
      ReadColumn(block.columns[j], i, 1, &value);
      labels.RefuseNonFinite(value, block.first_row + i, j);
      if (value == 0) continue;
      columns_.push_back(static_cast<std::int32_t>(j));
      values_.push_back(value);
    }
    starts_.push_back(entries());
  }
}

SparseRows SparseRows::Transposed() const {
  SparseRows out(rows());
  out.starts_.assign(static_cast<std::size_t>(cols_ + 1), 0);
  for (const std::int32_t column : columns_) ++out.starts_[column + 1];
  for (std::int64_t j = 0; j < cols_; ++j) out.starts_[j + 1] += out.starts_[j];
  out.columns_.resize(columns_.size());
  out.values_.resize(values_.size());
  std::vector<std::int64_t> next(out.starts_.begin(), out.starts_.end() - 1);
  for (std::int64_t i = 0; i < rows(); ++i) {
    for (std::int64_t k = begin(i); k < end(i); ++k) {
      const std::int64_t at = next[columns_[k]]++;
      out.columns_[at] = static_cast<std::int32_t>(i);
      out.values_[at] = values_[k];
    }
  }
  return out;
}

SparseRows SparseRows::Taken(std::span<const std::int64_t> rows) const {
  SparseRows out(cols_);
  for (const std::int64_t row : rows) {
    out.columns_.insert(out.columns_.end(), columns_.begin() + begin(row),
                        columns_.begin() + end(row));
    out.values_.insert(out.values_.end(), values_.begin() + begin(row), values_.begin() + end(row));
    out.starts_.push_back(out.entries());
  }
  return out;
}

void SparseRows::Trim() {
  starts_.shrink_to_fit();
  columns_.shrink_to_fit();
  values_.shrink_to_fit();
}

}  // namespace treeline
