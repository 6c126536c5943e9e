#include "cluster/mini_batch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cluster/assignment.h"
#include "core/random.h"

namespace treeline {

namespace {

enum Stream : std::uint64_t { kBatchRows = 201, kInitRows, kValidRows, kReassign };

/// Draws rows, with replacement, by weight.
class RowDraw {
 public:
  RowDraw(std::int64_t rows, const std::vector<double>& weights) : rows_(rows), running_(weights) {
    std::partial_sum(running_.begin(), running_.end(), running_.begin());
  }
  std::int64_t At(double u) const {
    if (running_.empty()) return static_cast<std::int64_t>(u * static_cast<double>(rows_));
    const auto at = std::upper_bound(running_.begin(), running_.end(), u * running_.back());
    return std::min<std::int64_t>(at - running_.begin(), rows_ - 1);
  }

 private:
  std::int64_t rows_;
  std::vector<double> running_;
};

std::vector<std::int64_t> Draw(const RowDraw& draw, std::int64_t n, std::uint64_t seed,
                               std::uint64_t stream, std::uint64_t part) {
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto index = part * static_cast<std::uint64_t>(n) + static_cast<std::uint64_t>(i);
    rows.push_back(draw.At(RandomUniform(seed, stream, index)));
  }
  return rows;
}

PointStore Gather(const PointStore& points, const std::vector<std::int64_t>& rows) {
  std::vector<double> values;
  values.reserve(rows.size() * static_cast<std::size_t>(points.cols()));
  for (const std::int64_t row : rows)
    values.insert(values.end(), points.row(row), points.row(row) + points.cols());
  return PointStore(values, static_cast<std::int64_t>(rows.size()), points.cols());
}

std::vector<double> GatherWeights(const std::vector<double>& weights,
                                  const std::vector<std::int64_t>& rows) {
  std::vector<double> chosen;
  if (weights.empty()) return chosen;
  for (const std::int64_t row : rows) chosen.push_back(weights[row]);
  return chosen;
}

/// Whether centres that have seen little are to be moved this time.
bool IsReassignDue(const MiniBatchOptions& options, std::int64_t rows, MiniBatchState& state) {
  state.n_since_reassign += rows;
  const bool is_idle = std::any_of(state.counts.begin(), state.counts.end(),
                                   [](double count) { return count == 0; });
  if (!is_idle && state.n_since_reassign < 10 * options.first.n_clusters) return false;
  state.n_since_reassign = 0;
  return true;
}

/// Different rows of the batch for the centres that have seen less than a share of what the busiest
/// has; at most half a batch of them.
void Reassign(const PointStore& batch, const MiniBatchOptions& options, MiniBatchState& state) {
  const double most = *std::max_element(state.counts.begin(), state.counts.end());
  std::vector<std::int64_t> idle(state.counts.size());
  std::iota(idle.begin(), idle.end(), 0);
  std::stable_sort(idle.begin(), idle.end(), [&](std::int64_t a, std::int64_t b) {
    return state.counts[a] < state.counts[b];
  });
  std::size_t n = 0;
  while (n < idle.size() && state.counts[idle[n]] < options.reassignment_ratio * most) ++n;
  n = std::min(n, static_cast<std::size_t>(batch.rows() / 2));
  if (n == 0 || n == idle.size()) return;
  std::vector<std::pair<double, std::int64_t>> order;
  for (std::int64_t row = 0; row < batch.rows(); ++row) {
    const auto index = static_cast<std::uint64_t>(state.n_steps * batch.rows() + row);
    order.emplace_back(RandomUniform(options.first.seed, kReassign, index), row);
  }
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end());
  const double least = state.counts[idle[n]];
  for (std::size_t i = 0; i < n; ++i) {
    const double* row = batch.row(order[i].second);
    std::copy_n(row, batch.cols(), state.centers.data() + idle[i] * batch.cols());
    state.counts[idle[i]] = least;  // so that it is not moved again at once
  }
}

/// Watches the smoothed inertia of batches (scikit-learn's _mini_batch_convergence).
class Patience {
 public:
  Patience(const MiniBatchOptions& options, std::int64_t batch_size, std::int64_t rows)
      : limit_(options.max_no_improvement),
        batch_size_(static_cast<double>(batch_size)),
        share_(std::min(1.0, 2 * batch_size_ / (static_cast<double>(rows) + 1))) {}

  /// Whether to stop after batch number `step`.
  bool IsOver(std::int64_t step, double inertia) {
    if (step == 0) return false;  // tells of the first centres only
    const double mean = inertia / batch_size_;
    smoothed_ = step == 1 ? mean : smoothed_ * (1 - share_) + mean * share_;
    if (step == 1 || smoothed_ < least_) {
      least_ = smoothed_;
      waited_ = 0;
    } else {
      ++waited_;
    }
    return limit_ > 0 && waited_ >= limit_;
  }

 private:
  std::int64_t limit_;
  double batch_size_;
  double share_;
  double smoothed_ = 0;
  double least_ = 0;
  std::int64_t waited_ = 0;
};

std::int64_t InitSize(const MiniBatchOptions& options, std::int64_t rows) {
  const std::int64_t n_clusters = options.first.n_clusters;
  std::int64_t size =
      options.init_size > 0 ? options.init_size : 3 * std::min(options.batch_size, rows);
  if (size < n_clusters) size = 3 * n_clusters;
  return std::min(size, rows);
}

double SquaredMove(const std::vector<double>& a, const std::vector<double>& b) {
  return SquaredDistance(a.data(), b.data(), static_cast<std::int64_t>(a.size()));
}

}  // namespace

double MiniBatchStep(const PointStore& batch, const std::vector<double>& weights,
                     const MiniBatchOptions& options, MiniBatchState& state, const Context& ctx) {
  const std::int64_t cols = batch.cols();
  std::vector<std::int32_t> labels;
  ClusterSums sums;
  AssignPoints(batch, weights, Centers(state.centers, cols), labels, &sums, ctx);
  const double inertia = InertiaOf(batch, weights, state.centers, labels, ctx);
  const bool reassign = IsReassignDue(options, batch.rows(), state);
  for (std::size_t c = 0; c < state.counts.size(); ++c) {
    if (!(sums.weights[c] > 0)) continue;
    const double total = state.counts[c] + sums.weights[c];
    for (std::int64_t j = 0; j < cols; ++j) {
      double& center =
          state.centers[c * static_cast<std::size_t>(cols) + static_cast<std::size_t>(j)];
      const double sum =
          sums.sums[c * static_cast<std::size_t>(cols) + static_cast<std::size_t>(j)];
      center = (center * state.counts[c] + sum) / total;
    }
    state.counts[c] = total;
  }
  if (reassign && options.reassignment_ratio > 0) Reassign(batch, options, state);
  ++state.n_steps;
  return inertia;
}

MiniBatchState BeginMiniBatch(const PointStore& points, const std::vector<double>& weights,
                              const MiniBatchOptions& options, const Context& ctx) {
  MiniBatchState state;
  state.shift = points.shift();
  state.counts.assign(static_cast<std::size_t>(options.first.n_clusters), 0.0);
  const std::uint64_t seed = options.first.seed;
  const std::int64_t size = InitSize(options, points.rows());
  const RowDraw any(points.rows(), {});
  const std::vector<std::int64_t> valid_rows = Draw(any, size, seed, kValidRows, 0);
  const PointStore valid = Gather(points, valid_rows);
  const std::vector<double> valid_weights = GatherWeights(weights, valid_rows);
  double least = 0;
  for (std::int64_t run = 0; run < options.first.n_init; ++run) {
    const auto part = static_cast<std::uint64_t>(run);
    std::vector<double> centers;
    if (options.first.init == KMeansInit::kGiven || size == points.rows()) {
      centers = StartCenters(points, weights, options.first, part, ctx);
    } else {
      const std::vector<std::int64_t> rows = Draw(any, size, seed, kInitRows, part);
      centers = StartCenters(Gather(points, rows), GatherWeights(weights, rows), options.first,
                             part, ctx);
    }
    std::vector<std::int32_t> labels;
    AssignPoints(valid, valid_weights, Centers(centers, points.cols()), labels, nullptr, ctx);
    const double inertia = InertiaOf(valid, valid_weights, centers, labels, ctx);
    if (run == 0 || inertia < least) {
      least = inertia;
      state.centers = std::move(centers);
    }
  }
  return state;
}

MiniBatchModel FitMiniBatch(const PointStore& points, const std::vector<double>& weights,
                            const MiniBatchOptions& options, const Context& ctx) {
  MiniBatchModel model;
  model.state = BeginMiniBatch(points, weights, options, ctx);
  const std::int64_t batch_size = std::min(options.batch_size, points.rows());
  const std::int64_t n_steps = options.first.max_iter * points.rows() / batch_size;
  const RowDraw by_weight(points.rows(), weights);
  const double tol = options.first.tol > 0 ? options.first.tol * MeanVariance(points, ctx) : 0;
  Patience patience(options, batch_size, points.rows());
  for (std::int64_t step = 0; step < n_steps; ++step) {
    const std::vector<std::int64_t> rows = Draw(by_weight, batch_size, options.first.seed,
                                                kBatchRows, static_cast<std::uint64_t>(step));
    const std::vector<double> before = model.state.centers;
    const double inertia = MiniBatchStep(Gather(points, rows), {}, options, model.state, ctx);
    ctx.progress.Report(step + 1, n_steps, inertia);
    const double moved = SquaredMove(before, model.state.centers);
    if (step > 0 && tol > 0 && moved <= tol) break;
    if (patience.IsOver(step, inertia)) break;
  }
  model.n_iter = (model.state.n_steps * batch_size + points.rows() - 1) / points.rows();
  const Centers centers(model.state.centers, points.cols());
  AssignPoints(points, weights, centers, model.labels, nullptr, ctx);
  model.inertia = InertiaOf(points, weights, model.state.centers, model.labels, ctx);
  return model;
}

}  // namespace treeline
