#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/context.h"

namespace treeline {

/// Rows of a block of near rows, at most.
inline constexpr std::int64_t kBlockRows = 256;

/// Rows in blocks of near ones, each block with the box that holds it: the leaves of a k-d tree
/// (Friedman, Bentley, Finkel 1977), halved along the column of largest variance.
class RowBlocks {
 public:
  RowBlocks() = default;
  /// `values`: rows x cols, row-major, finite.
  RowBlocks(const std::vector<double>& values, std::int64_t cols, const Context& ctx);

  std::int64_t rows() const noexcept { return static_cast<std::int64_t>(order_.size()); }
  std::int64_t cols() const noexcept { return cols_; }
  std::int64_t size() const noexcept { return static_cast<std::int64_t>(begin_.size()) - 1; }
  /// Places [begin(b), begin(b + 1)) are the rows of block b.
  std::int64_t begin(std::int64_t b) const noexcept { return begin_[b]; }
  /// The row at a place, and its number as it was given.
  const double* row(std::int64_t place) const noexcept { return values_.data() + place * cols_; }
  std::int64_t number(std::int64_t place) const noexcept { return order_[place]; }
  /// Bounds of column j of block b at [j * stride() + b].
  const double* low() const noexcept { return low_.data(); }
  const double* high() const noexcept { return high_.data(); }
  std::int64_t stride() const noexcept { return stride_; }
  std::size_t bytes() const noexcept;

 private:
  void Halve(const double* values, std::int64_t first, std::int64_t last, const Context& ctx);
  void FindBoxes();

  std::int64_t cols_ = 0;
  std::int64_t stride_ = 0;
  AlignedBuffer<double> values_;
  std::vector<std::int64_t> order_;
  std::vector<std::int64_t> begin_;
  std::vector<double> low_;
  std::vector<double> high_;
};

}  // namespace treeline
