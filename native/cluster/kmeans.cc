#include "cluster/kmeans.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "cluster/assignment.h"
#include "cluster/bounds.h"
#include "cluster/seeding.h"
#include "core/random.h"

namespace treeline {

namespace {

/// Gives each cluster without rows the row that is farthest from its centre (scikit-learn's
/// _relocate_empty_clusters_dense).
void Relocate(const PointStore& points, const std::vector<double>& weights,
              const std::vector<double>& centers, const std::vector<std::int32_t>& labels,
              ClusterSums& sums) {
  std::vector<std::int64_t> empty;
  for (std::size_t c = 0; c < sums.weights.size(); ++c) {
    if (sums.weights[c] == 0) empty.push_back(static_cast<std::int64_t>(c));
  }
  if (empty.empty()) return;
  const std::int64_t cols = points.cols();
  std::vector<double> distance(static_cast<std::size_t>(points.rows()));
  for (std::int64_t row = 0; row < points.rows(); ++row)
    distance[row] = SquaredDistance(points.row(row), centers.data() + labels[row] * cols, cols);
  std::vector<std::int64_t> order(distance.size());
  std::iota(order.begin(), order.end(), 0);
  const auto farther = [&](std::int64_t a, std::int64_t b) {
    return distance[a] != distance[b] ? distance[a] > distance[b] : a < b;
  };
  const std::size_t n = std::min(empty.size(), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
                    farther);
  if (n == 0 || distance[order[0]] == 0) return;  // fewer different rows than clusters
  for (std::size_t e = 0; e < n; ++e) {
    const std::int64_t row = order[e];
    const double weight = weights.empty() ? 1.0 : weights[row];
    double* from = sums.sums.data() + labels[row] * cols;
    double* to = sums.sums.data() + empty[e] * cols;
    for (std::int64_t j = 0; j < cols; ++j) {
      to[j] = points.row(row)[j] * weight;
      from[j] -= to[j];
    }
    sums.weights[empty[e]] = weight;
    sums.weights[labels[row]] -= weight;
  }
}

/// Means of the clusters; one without rows stays where it was. Returns how far they moved, squared.
double MoveCenters(const ClusterSums& sums, std::int64_t cols, std::vector<double>& centers) {
  double moved = 0;
  for (std::size_t c = 0; c < sums.weights.size(); ++c) {
    if (!(sums.weights[c] > 0)) continue;
    for (std::int64_t j = 0; j < cols; ++j) {
      double& center = centers[c * static_cast<std::size_t>(cols) + static_cast<std::size_t>(j)];
      const double mean =
          sums.sums[c * static_cast<std::size_t>(cols) + static_cast<std::size_t>(j)] /
          sums.weights[c];
      moved += (mean - center) * (mean - center);
      center = mean;
    }
  }
  return moved;
}

KMeansModel RunLloyd(const PointStore& points, const std::vector<double>& weights,
                     std::vector<double> centers, double tol, const KMeansOptions& options,
                     std::int64_t done, const Context& ctx) {
  const std::int64_t cols = points.cols();
  const std::int64_t max_iter = options.max_iter;
  std::optional<NearestBounds> bounds;
  if (options.use_bounds) bounds.emplace(points, ctx);
  const auto assign = [&](std::vector<std::int32_t>& to, ClusterSums* sums) {
    if (bounds) return bounds->Assign(points, weights, centers, to, sums, ctx);
    AssignPoints(points, weights, Centers(centers, cols), to, sums, ctx);
  };
  KMeansModel model;
  std::vector<std::int32_t> labels;
  bool settled = false;
  for (model.n_iter = 1; model.n_iter <= max_iter; ++model.n_iter) {
    ClusterSums sums;
    assign(labels, &sums);
    Relocate(points, weights, centers, labels, sums);
    const double moved = MoveCenters(sums, cols, centers);
    ctx.progress.Report(done + model.n_iter, options.n_init * max_iter,
                        std::numeric_limits<double>::quiet_NaN());
    settled = labels == model.labels;
    if (settled || moved <= tol) break;
    model.labels = labels;
  }
  model.n_iter = std::min(model.n_iter, max_iter);
  if (!settled) assign(labels, nullptr);
  model.labels = std::move(labels);
  model.inertia = InertiaOf(points, weights, centers, model.labels, ctx);
  model.centers = std::move(centers);
  return model;
}

std::int64_t CountDistinct(const std::vector<std::int32_t>& labels, std::int64_t n_clusters) {
  std::vector<unsigned char> seen(static_cast<std::size_t>(n_clusters));
  for (const std::int32_t label : labels) seen[label] = 1;
  return std::accumulate(seen.begin(), seen.end(), std::int64_t{0});
}

}  // namespace

double MeanVariance(const PointStore& points, const Context& ctx) {
  const std::int64_t cols = points.cols();
  struct Part {
    std::vector<double> sums;
    std::vector<double> squares;
  };
  std::vector<Part> parts(static_cast<std::size_t>(points.n_slots()));
  ctx.ParallelFor(points.n_slots(), [&](std::int64_t s, int) {
    Part& part = parts[s];
    part.sums.resize(static_cast<std::size_t>(cols));
    part.squares.resize(static_cast<std::size_t>(cols));
    for (std::int64_t i = 0; i < points.slot_rows(s); ++i) {
      const double* row = points.slot(s) + i * cols;
      for (std::int64_t j = 0; j < cols; ++j) {
        part.sums[j] += row[j];
        part.squares[j] += row[j] * row[j];
      }
    }
  });
  double total = 0;
  const auto n = static_cast<double>(points.rows());
  for (std::int64_t j = 0; j < cols; ++j) {
    double sum = 0;
    double square = 0;
    for (const Part& part : parts) {
      sum += part.sums[j];
      square += part.squares[j];
    }
    total += std::max(0.0, square / n - sum / n * (sum / n));
  }
  return total / static_cast<double>(cols);
}

std::vector<double> StartCenters(const PointStore& points, const std::vector<double>& weights,
                                 const KMeansOptions& options, std::uint64_t run,
                                 const Context& ctx) {
  const std::uint64_t seed = MixBits(options.seed + run * 0x9e3779b97f4a7c15ULL);
  switch (options.init) {
    case KMeansInit::kPlusPlus: return SeedPlusPlus(points, weights, options.n_clusters, seed, ctx);
    case KMeansInit::kParallel: return SeedParallel(points, weights, options.n_clusters, seed, ctx);
    case KMeansInit::kRandom: return SeedRandom(points, weights, options.n_clusters, seed);
    case KMeansInit::kGiven: break;
  }
  std::vector<double> centers = options.start;
  const auto cols = static_cast<std::size_t>(points.cols());
  for (std::size_t i = 0; i < centers.size(); ++i) centers[i] -= points.shift()[i % cols];
  return centers;
}

KMeansModel FitKMeans(const PointStore& points, const std::vector<double>& weights,
                      const KMeansOptions& options, const Context& ctx) {
  const double tol = options.tol == 0 ? 0 : options.tol * MeanVariance(points, ctx);
  KMeansModel best;
  for (std::int64_t run = 0; run < options.n_init; ++run) {
    std::vector<double> start =
        StartCenters(points, weights, options, static_cast<std::uint64_t>(run), ctx);
    KMeansModel model =
        RunLloyd(points, weights, std::move(start), tol, options, run * options.max_iter, ctx);
    if (run == 0 || model.inertia < best.inertia) best = std::move(model);
  }
  best.shift = points.shift();
  best.n_distinct = CountDistinct(best.labels, options.n_clusters);
  return best;
}

}  // namespace treeline
