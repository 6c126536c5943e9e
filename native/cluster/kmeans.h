#pragma once

#include <cstdint>
#include <vector>

#include "cluster/point_store.h"

namespace treeline {

enum class KMeansInit { kPlusPlus, kParallel, kRandom, kGiven };

struct KMeansOptions {
  std::int64_t n_clusters = 8;
  KMeansInit init = KMeansInit::kPlusPlus;
  std::vector<double> start;  // kGiven: n_clusters x cols, in the units of X
  std::int64_t n_init = 1;
  std::int64_t max_iter = 300;
  double tol = 1e-4;  // of the mean variance of the columns
  std::uint64_t seed = 0;
  bool use_bounds = false;  // the same result, skipping rows that cannot change (bounds.h)
};

struct KMeansModel {
  std::vector<double> centers;  // n_clusters x cols, less `shift`
  std::vector<double> shift;
  std::vector<std::int32_t> labels;
  double inertia = 0;
  std::int64_t n_iter = 0;
  std::int64_t n_distinct = 0;  // clusters that have rows
};

/// Lloyd's iterations from n_init starts; the least inertia wins. Follows scikit-learn's
/// _kmeans_single_lloyd: stops when no label changes, or the centres move less than tol; a cluster
/// without rows gets the row farthest from its centre. `weights`: one a row, or empty: all 1.
KMeansModel FitKMeans(const PointStore& points, const std::vector<double>& weights,
                      const KMeansOptions& options, const Context& ctx);

/// Mean over columns of the variance over rows: what tolerances are shares of.
double MeanVariance(const PointStore& points, const Context& ctx);

/// First centres in the store's units (less its shift), for start number `run`.
std::vector<double> StartCenters(const PointStore& points, const std::vector<double>& weights,
                                 const KMeansOptions& options, std::uint64_t run,
                                 const Context& ctx);

}  // namespace treeline
