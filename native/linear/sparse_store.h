#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/context.h"
#include "matrix/moments.h"
#include "matrix/sparse_rows.h"

namespace treeline {

/// The sparse table of a linear model: its entries by rows, for margins, and once more by columns,
/// for gradients. Every sum is one task's, in the order of rows or of columns, so that a pass costs
/// what there are entries and no thread changes a bit.
class SparseStore final : public SparseSink {
 public:
  explicit SparseStore(FeatureLabels labels);

  /// Throw Error{kInvalidData} naming row and column for a value that is not finite.
  void Push(const Block& block, const Context& ctx) override;
  void PushSparse(const SparseView& view) override;
  std::size_t bytes() const noexcept override { return by_row_.bytes() + by_column_.bytes(); }

  /// Call after the last push (once more does nothing). Reading needs it. Throws
  /// Error{kInvalidData} for a column whose values are too large to square.
  void Finish(const Context& ctx);

  std::int64_t rows() const noexcept { return by_row_.rows(); }
  std::int64_t cols() const noexcept { return by_row_.cols(); }
  std::int64_t entries() const noexcept { return by_row_.entries(); }
  const SparseRows& by_row() const noexcept { return by_row_; }
  const SparseRows& by_column() const noexcept { return by_column_; }
  /// Moments of every column over all rows, zeros among them.
  const std::vector<Moments>& moments() const noexcept { return moments_; }
  /// Pairs of entries that share a row: what products of columns cost.
  double pairs() const noexcept { return pairs_; }

  /// Calls body(column) for every column, on all threads.
  template <typename Body>
  void ForEachColumn(const Context& ctx, Body&& body) const {
    constexpr std::int64_t kColumnsPerTask = 64;
    ctx.ParallelFor((cols() + kColumnsPerTask - 1) / kColumnsPerTask, [&](std::int64_t t, int) {
      const std::int64_t end = std::min(cols(), (t + 1) * kColumnsPerTask);
      for (std::int64_t j = t * kColumnsPerTask; j < end; ++j) body(j);
    });
  }

 private:
  FeatureLabels labels_;
  SparseRows by_row_;
  SparseRows by_column_{0};
  std::vector<Moments> moments_;
  double pairs_ = 0;
  bool is_finished_ = false;
};

}  // namespace treeline
