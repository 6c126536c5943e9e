#pragma once

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
  const std::vector<Moments>& moments() const noexcept {
    return dense_ ? dense_->moments() : sparse_->moments();
  }

 private:
  const LinearStore* dense_ = nullptr;
  const SparseStore* sparse_ = nullptr;
};

}  // namespace treeline
