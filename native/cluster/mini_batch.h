#pragma once

#include <cstdint>
#include <vector>

#include "cluster/kmeans.h"

namespace treeline {

struct MiniBatchOptions {
  KMeansOptions first;  // the first centres; max_iter and tol too
  std::int64_t batch_size = 1024;
  std::int64_t init_size = 0;           // rows the first centres are found from; 0: 3 batches
  std::int64_t max_no_improvement = 0;  // batches; 0: no limit
  double reassignment_ratio = 0.01;
};

/// Centres that learn batch by batch: each is the mean of all rows it was ever nearest to.
struct MiniBatchState {
  std::vector<double> centers;  // less `shift`
  std::vector<double> shift;
  std::vector<double> counts;  // weight of the rows each has seen
  std::int64_t n_since_reassign = 0;
  std::int64_t n_steps = 0;
};

struct MiniBatchModel {
  MiniBatchState state;
  std::vector<std::int32_t> labels;
  double inertia = 0;
  std::int64_t n_iter = 0;
};

/// One batch (Sculley 2010; scikit-learn's _mini_batch_step): moves the centres, gives those that
/// have seen next to nothing rows of the batch. Returns the batch's inertia before the move.
double MiniBatchStep(const PointStore& batch, const std::vector<double>& weights,
                     const MiniBatchOptions& options, MiniBatchState& state, const Context& ctx);

/// A state before its first batch: first centres from `points`.
MiniBatchState BeginMiniBatch(const PointStore& points, const std::vector<double>& weights,
                              const MiniBatchOptions& options, const Context& ctx);

/// Batches drawn at random, by weight, until the smoothed inertia stops falling.
MiniBatchModel FitMiniBatch(const PointStore& points, const std::vector<double>& weights,
                            const MiniBatchOptions& options, const Context& ctx);

}  // namespace treeline
