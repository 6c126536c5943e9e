#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "cluster/point_store.h"
#include "matrix/centers.h"

namespace treeline {

/// Weighted sums of the rows of each cluster, over all points.
struct ClusterSums {
  std::vector<double> sums;     // centres x cols
  std::vector<double> weights;  // centres
};

/// Writes the nearest centre of each row of a slot of the points.
using SlotLabeller = std::function<void(std::int64_t slot, std::int32_t* labels)>;

/// One pass: labels become the nearest centres; sums (if asked for) those of their rows. `weights`:
/// one a row, or empty: all 1. Sums belong to groups of slots that depend on the number of slots
/// only.
void AssignPoints(const PointStore& points, const std::vector<double>& weights,
                  const Centers& centers, std::vector<std::int32_t>& labels, ClusterSums* sums,
                  const Context& ctx);
/// The same for another way to the nearest of n_centers centres.
void AssignPoints(const PointStore& points, const std::vector<double>& weights,
                  std::int64_t n_centers, const SlotLabeller& label_slot,
                  std::vector<std::int32_t>& labels, ClusterSums* sums, const Context& ctx);

/// Sum over rows of weight times squared distance from the labelled centre (n x cols, row-major).
double InertiaOf(const PointStore& points, const std::vector<double>& weights,
                 const std::vector<double>& centers, const std::vector<std::int32_t>& labels,
                 const Context& ctx);

}  // namespace treeline
