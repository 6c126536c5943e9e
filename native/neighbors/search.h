#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "neighbors/row_blocks.h"
#include "neighbors/row_codes.h"
#include "neighbors/row_metric.h"

namespace treeline {

/// A row that was found, and how far it is.
struct Neighbor {
  double distance;
  std::int64_t number;
  /// Nearer ones first, of equally near ones the first.
  bool operator<(const Neighbor& other) const noexcept {
    return distance < other.distance || (distance == other.distance && number < other.number);
  }
};

/// Rows to find neighbours of: count x cols, row-major; `self`: the number of the row that is not
/// its own neighbour, for each, or nullptr.
struct Questions {
  const double* rows;
  std::int64_t count;
  const std::int64_t* self = nullptr;
};

/// Exact search among rows in memory: blocks whose box is too far are left out, the others' rows
/// are sieved by their codes where there are any, what is left is measured. The neighbours depend
/// on the distances alone, hence on no order, thread or instruction set. Distances are those of
/// RowMetric: squares, powers.
class NeighborSearch {
 public:
  /// `values`: rows x cols, row-major, finite. `p`: of kMinkowski.
  NeighborSearch(const std::vector<double>& values, std::int64_t cols, RowMetric metric, double p,
                 const Context& ctx);

  const RowBlocks& blocks() const noexcept { return blocks_; }
  /// Rows to ask for at a time: many enough to share the blocks' way from memory.
  std::int64_t task_rows() const noexcept;
  std::size_t bytes() const noexcept;

  /// The k nearest of each row, nearest first; all where there are fewer.
  std::vector<std::vector<Neighbor>> Nearest(const Questions& questions, std::int64_t k) const;
  /// Those within a distance, by number.
  std::vector<std::vector<Neighbor>> Within(const Questions& questions, double distance) const;

 private:
  template <typename Wanted>
  void Search(const Questions& questions, Wanted& wanted) const;
  template <RowMetric kMetric, typename Wanted>
  void SearchBy(const Questions& questions, Wanted& wanted) const;

  RowBlocks blocks_;
  RowMetric metric_;
  double p_;
  std::optional<RowCodes> codes_;
};

}  // namespace treeline
