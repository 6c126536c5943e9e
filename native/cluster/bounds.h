#pragma once

#include <cstdint>
#include <vector>

#include "cluster/assignment.h"
#include "cluster/point_store.h"

namespace treeline {

/// Finds nearest centres of the same points again and again while the centres move, and skips the
/// rows that cannot have changed: two bounds a row (Hamerly 2010, "Making k-means even faster").
/// Rows that are not skipped get the label of Centers::Nearest, and a row is skipped only where
/// that could not differ, its rounding counted: labels are the same bits as without bounds.
class NearestBounds {
 public:
  NearestBounds(const PointStore& points, const Context& ctx);

  /// Labels and sums for `centers` (n x cols, n the same each time), as AssignPoints.
  void Assign(const PointStore& points, const std::vector<double>& weights,
              const std::vector<double>& centers, std::vector<std::int32_t>& labels,
              ClusterSums* sums, const Context& ctx);

 private:
  struct Row {
    double length;  // |x|
    double upper;   // no less than the distance from the labelled centre
    double lower;   // no more than that from any other
  };
  void Move(const std::vector<double>& centers, std::int64_t cols);
  void LabelSlot(const PointStore& points, const Centers& centers, std::int64_t slot,
                 std::int32_t* labels);
  bool Loosen(Row& row, std::int32_t label) const noexcept;
  /// No less than the error of a squared distance from |x|^2 + score.
  double Slack(double length) const noexcept;

  std::vector<Row> rows_;
  std::vector<double> centers_;  // of the last Assign; empty: none yet
  std::vector<double> moved_;    // by centre
  std::vector<double> gap_;      // by centre: distance from the nearest other one
  std::int64_t fastest_ = 0;     // the centre that moved most
  double most_ = 0;              // how far it moved,
  double next_ = 0;              // and the next
  double longest_ = 0;           // the greatest |c|
  double rounding_;              // of a product of rows, by |x| |c|
};

}  // namespace treeline
