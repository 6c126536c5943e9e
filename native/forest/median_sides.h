#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "forest/bin_table.h"
#include "forest/sample.h"

namespace treeline::forest {

/// The targets of a node's rows, as the search for splits by absolute error wants them.
struct MedianNode {
  std::vector<double> weights;      // of the rows
  std::vector<double> targets;      // outputs × rows, ascending
  std::vector<std::int32_t> ranks;  // outputs × rows: where a row's target is among them
  std::vector<double> centers;      // of every output a target amid the others
};

/// Weights and weighted targets of the rows so far, by the rank of their targets: their median and
/// what they deviate from it in O(log rows) (a Fenwick tree, as scikit-learn's
/// WeightedFenwickTree).
class MedianTree {
 public:
  struct Median {
    double value = 0;
    double error = 0;  // the sum of weight × |target - value|
  };

  /// Empty, for targets that ascend. They are summed less `center`, so that sums are of deviations.
  void Reset(std::span<const double> targets, double center);
  void Add(std::int64_t rank, double weight) noexcept;
  /// The middle of two targets where half the weight lies at or below the first of them.
  Median Find() const noexcept;

 private:
  struct Sums {
    double weight = 0, target = 0;
  };
  struct Place {
    std::int64_t rank;
    Sums before;
  };
  template <typename Fits>
  Place Descend(Fits&& fits) const noexcept;

  std::span<const double> targets_;
  double center_ = 0;
  std::vector<Sums> nodes_;  // from 1 on
  std::int64_t top_ = 1;     // the largest power of 2 up to their number
  Sums total_;
};

/// One side of a split: its median (of the first output) and the sum of its outputs' errors.
struct MedianSide {
  double median = 0;
  double error = 0;
};

/// The sides of all splits of a node on one feature.
class MedianSides {
 public:
  /// `present`: the bins that rows are in, ascending, without the missing one.
  void Compute(const BinTable& table, std::int64_t feature, std::span<const Entry> entries,
               const MedianNode& node, std::span<const int> present);
  /// Of the split behind the present bin number `place`; there must be rows on either side.
  const MedianSide& left(std::size_t place, bool missing_left) const noexcept {
    return left_[missing_left ? 1 : 0][place];
  }
  const MedianSide& right(std::size_t place, bool missing_left) const noexcept {
    return right_[missing_left ? 0 : 1][place];
  }

 private:
  void Sum(const MedianNode& node, bool forwards, bool with_missing,
           std::vector<MedianSide>& sides);

  std::vector<std::uint64_t> rows_;  // bin and number of every row, in the order of bins
  std::vector<std::size_t> ends_;    // of the present bins in rows_; what follows is missing
  std::vector<MedianSide> left_[2], right_[2];  // without and with the missing rows
  MedianTree tree_;
};

}  // namespace treeline::forest
