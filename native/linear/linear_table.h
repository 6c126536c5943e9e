#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "linear/linear_store.h"
#include "linear/sparse_store.h"

namespace treeline {

/// The rows of a linear model, finished: dense or sparse. A view: the store must outlive it.
class LinearTable {
 public:
  LinearTable() = default;
  // Implicit: whoever has a store has a table.
  LinearTable(const LinearStore& store) : dense_(&store) {}   // NOLINT(*-explicit-*)
  LinearTable(const SparseStore& store) : sparse_(&store) {}  // NOLINT(*-explicit-*)

  /// Exactly one of the two is there.
  const LinearStore* dense() const noexcept { return dense_; }
  const SparseStore* sparse() const noexcept { return sparse_; }

  std::int64_t rows() const noexcept { return dense_ ? dense_->rows() : sparse_->rows(); }
  std::int64_t cols() const noexcept { return dense_ ? dense_->cols() : sparse_->cols(); }
  /// Slots of kSlotRows rows, and the rows of one.
  std::int64_t n_slots() const noexcept { return (rows() + kSlotRows - 1) / kSlotRows; }
  std::int64_t slot_rows(std::int64_t slot) const noexcept {
    return std::min(kSlotRows, rows() - slot * kSlotRows);
  }
  const std::vector<Moments>& moments() const noexcept {
    return dense_ ? dense_->moments() : sparse_->moments();
  }
  /// Writes a row, zeros too: cols() numbers. For loops that are not hurried.
  void ReadRow(std::int64_t row, double* out) const noexcept {
    if (dense_ != nullptr) {
      const LinearStore::StoredSlot& slot = dense_->slots()[row / kSlotRows];
      for (std::int64_t j = 0; j < cols(); ++j) out[j] = slot.At(row % kSlotRows, j, cols());
      return;
    }
    std::fill_n(out, cols(), 0.0);
    const SparseRows& entries = sparse_->by_row();
    for (std::int64_t k = entries.begin(row); k < entries.end(row); ++k)
      out[entries.column(k)] = entries.value(k);
  }

 private:
  const LinearStore* dense_ = nullptr;
  const SparseStore* sparse_ = nullptr;
};

}  // namespace treeline
