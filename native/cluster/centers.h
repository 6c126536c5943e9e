#pragma once

#include <cstdint>
#include <vector>

#include "cluster/point_store.h"
#include "matrix/projector.h"

namespace treeline {

/// Centres ready to be compared with many rows: |x - c|^2 = |x|^2 + (|c|^2 - 2 x.c), the products
/// by register tiles.
class Centers {
 public:
  /// `values`: n x cols, row-major.
  Centers(const std::vector<double>& values, std::int64_t cols);

  std::int64_t size() const noexcept { return n_; }
  std::int64_t cols() const noexcept { return projector_.n_inputs(); }

  /// The nearest centre (the first of equals) of each of `count` rows, row-major, readable up to
  /// the next multiple of Projector::RowStep(); score: |c|^2 - 2 x.c.
  void Nearest(const double* rows, std::int64_t count, std::int32_t* label, double* score) const;

  /// |x - c|^2 for each of `count` rows and every centre: count x size(), row-major. Distances that
  /// are small beside the numbers they are a difference of are computed again without one.
  void SquaredDistances(const double* rows, std::int64_t count, double* out) const;

 private:
  template <typename Use>
  void ForTiles(const double* rows, std::int64_t count, const Use& use) const;

  std::int64_t n_;
  std::vector<double> values_;
  std::vector<double> norms_;  // infinite behind the last centre
  Projector projector_;
};

/// |a - b|^2
double SquaredDistance(const double* a, const double* b, std::int64_t n) noexcept;

/// Weighted sums of the rows of each cluster, over all points.
struct ClusterSums {
  std::vector<double> sums;     // centres x cols
  std::vector<double> weights;  // centres
};

/// One pass: labels become the nearest centres; sums (if asked for) those of their rows. `weights`:
/// one a row, or empty: all 1. Sums belong to groups of slots that depend on the number of slots
/// only.
void AssignPoints(const PointStore& points, const std::vector<double>& weights,
                  const Centers& centers, std::vector<std::int32_t>& labels, ClusterSums* sums,
                  const Context& ctx);

/// Sum over rows of weight times squared distance from the labelled centre (n x cols, row-major).
double InertiaOf(const PointStore& points, const std::vector<double>& weights,
                 const std::vector<double>& centers, const std::vector<std::int32_t>& labels,
                 const Context& ctx);

}  // namespace treeline
