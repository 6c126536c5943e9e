#include "cluster/seeding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "cluster/assignment.h"
#include "core/random.h"

namespace treeline {

namespace {

/// Streams of random numbers, so that no two uses of a seed draw the same.
enum Stream : std::uint64_t { kFirst = 101, kCandidates, kRounds, kSample };

double WeightOf(const std::vector<double>& weights, std::int64_t row) noexcept {
  return weights.empty() ? 1.0 : weights[row];
}

/// Distance of every row from the nearest centre so far, and its weighted sums by slot.
struct Closest {
  std::vector<double> distance;
  std::vector<double> slot_sums;
  double total = 0;
};

/// The row at which the running weighted sum of distances passes `target`.
std::int64_t RowAt(const PointStore& points, const std::vector<double>& weights,
                   const Closest& closest, double target) {
  std::int64_t last = 0;
  for (std::int64_t s = 0; s < points.n_slots(); ++s) {
    if (target >= closest.slot_sums[s] && s + 1 < points.n_slots()) {
      target -= closest.slot_sums[s];
      continue;
    }
    for (std::int64_t i = 0; i < points.slot_rows(s); ++i) {
      const std::int64_t row = s * kSlotRows + i;
      const double share = closest.distance[row] * WeightOf(weights, row);
      if (share > 0) last = row;
      if (share > target) return row;
      target -= share;
    }
  }
  return last;  // rounding: the last row that counts
}

std::vector<double> RowsOf(const PointStore& points, const std::vector<std::int64_t>& rows) {
  std::vector<double> values;
  for (const std::int64_t row : rows)
    values.insert(values.end(), points.row(row), points.row(row) + points.cols());
  return values;
}

/// What the distances would become with each of some candidates: weighted sums by slot, slots x
/// candidates.
std::vector<double> TrySums(const PointStore& points, const std::vector<double>& weights,
                            const Closest& closest, const Centers& candidates, const Context& ctx) {
  const std::int64_t n = candidates.size();
  std::vector<double> sums(static_cast<std::size_t>(points.n_slots() * n));
  ctx.ParallelFor(points.n_slots(), [&](std::int64_t s, int) {
    std::vector<double> distances(static_cast<std::size_t>(points.slot_rows(s) * n));
    candidates.SquaredDistances(points.slot(s), points.slot_rows(s), distances.data());
    for (std::int64_t i = 0; i < points.slot_rows(s); ++i) {
      const std::int64_t row = s * kSlotRows + i;
      for (std::int64_t c = 0; c < n; ++c) {
        sums[s * n + c] +=
            std::min(closest.distance[row], distances[i * n + c]) * WeightOf(weights, row);
      }
    }
  });
  return sums;
}

/// Distances with more centres.
void Lower(const PointStore& points, const std::vector<double>& weights, const Centers& centers,
           Closest& closest, const Context& ctx) {
  const std::int64_t n = centers.size();
  closest.slot_sums.assign(static_cast<std::size_t>(points.n_slots()), 0.0);
  ctx.ParallelFor(points.n_slots(), [&](std::int64_t s, int) {
    std::vector<double> distances(static_cast<std::size_t>(points.slot_rows(s) * n));
    centers.SquaredDistances(points.slot(s), points.slot_rows(s), distances.data());
    for (std::int64_t i = 0; i < points.slot_rows(s); ++i) {
      const std::int64_t row = s * kSlotRows + i;
      double& nearest = closest.distance[row];
      for (std::int64_t c = 0; c < n; ++c) nearest = std::min(nearest, distances[i * n + c]);
      closest.slot_sums[s] += nearest * WeightOf(weights, row);
    }
  });
  closest.total = std::accumulate(closest.slot_sums.begin(), closest.slot_sums.end(), 0.0);
}

/// All rows at distance 1: to draw a first row by weight.
Closest Everywhere(const PointStore& points, const std::vector<double>& weights) {
  Closest closest;
  closest.distance.assign(static_cast<std::size_t>(points.rows()), 1.0);
  closest.slot_sums.assign(static_cast<std::size_t>(points.n_slots()), 0.0);
  for (std::int64_t row = 0; row < points.rows(); ++row)
    closest.slot_sums[row / kSlotRows] += WeightOf(weights, row);
  closest.total = std::accumulate(closest.slot_sums.begin(), closest.slot_sums.end(), 0.0);
  return closest;
}

/// The first centre, a row drawn by weight; then all distances are from it.
std::int64_t DrawFirst(const PointStore& points, const std::vector<double>& weights,
                       std::uint64_t seed, Closest& closest, const Context& ctx) {
  closest = Everywhere(points, weights);
  const std::int64_t first =
      RowAt(points, weights, closest, RandomUniform(seed, kFirst, 0) * closest.total);
  std::fill(closest.distance.begin(), closest.distance.end(),
            std::numeric_limits<double>::infinity());
  Lower(points, weights, Centers(RowsOf(points, {first}), points.cols()), closest, ctx);
  return first;
}

}  // namespace

std::vector<double> SeedPlusPlus(const PointStore& points, const std::vector<double>& weights,
                                 std::int64_t n, std::uint64_t seed, const Context& ctx) {
  const auto trials = 2 + static_cast<std::int64_t>(std::log(static_cast<double>(n)));
  Closest closest;
  std::vector<std::int64_t> chosen = {DrawFirst(points, weights, seed, closest, ctx)};
  while (static_cast<std::int64_t>(chosen.size()) < n) {
    std::vector<std::int64_t> rows;
    for (std::int64_t t = 0; t < trials; ++t) {
      const auto index =
          static_cast<std::uint64_t>(static_cast<std::int64_t>(chosen.size()) * trials + t);
      const double target = RandomUniform(seed, kCandidates, index) * closest.total;
      rows.push_back(RowAt(points, weights, closest, target));
    }
    const Centers candidates(RowsOf(points, rows), points.cols());
    const std::vector<double> sums = TrySums(points, weights, closest, candidates, ctx);
    std::vector<double> totals(static_cast<std::size_t>(trials));
    for (std::size_t i = 0; i < sums.size(); ++i) totals[i % totals.size()] += sums[i];
    const std::int64_t best = std::min_element(totals.begin(), totals.end()) - totals.begin();
    chosen.push_back(rows[best]);
    Lower(points, weights, Centers(RowsOf(points, {rows[best]}), points.cols()), closest, ctx);
  }
  return RowsOf(points, chosen);
}

std::vector<double> SeedParallel(const PointStore& points, const std::vector<double>& weights,
                                 std::int64_t n, std::uint64_t seed, const Context& ctx) {
  constexpr int kPasses = 5;
  const double wanted = 2 * static_cast<double>(n);
  Closest closest;
  std::vector<std::int64_t> sample = {DrawFirst(points, weights, seed, closest, ctx)};
  for (int pass = 0; pass < kPasses && closest.total > 0; ++pass) {
    std::vector<std::int64_t> drawn;
    for (std::int64_t row = 0; row < points.rows(); ++row) {
      const double share = wanted * closest.distance[row] * WeightOf(weights, row) / closest.total;
      const auto index = static_cast<std::uint64_t>(row);
      if (RandomUniform(seed, kRounds + 10 * static_cast<std::uint64_t>(pass), index) < share)
        drawn.push_back(row);
    }
    if (drawn.empty()) continue;
    Lower(points, weights, Centers(RowsOf(points, drawn), points.cols()), closest, ctx);
    sample.insert(sample.end(), drawn.begin(), drawn.end());
  }
  if (static_cast<std::int64_t>(sample.size()) <= n)
    return SeedPlusPlus(points, weights, n, seed, ctx);
  const std::vector<double> values = RowsOf(points, sample);
  std::vector<std::int32_t> labels;
  ClusterSums sums;
  AssignPoints(points, weights, Centers(values, points.cols()), labels, &sums, ctx);
  const PointStore candidates(values, static_cast<std::int64_t>(sample.size()), points.cols());
  return SeedPlusPlus(candidates, sums.weights, n, seed, ctx);
}

std::vector<double> SeedRandom(const PointStore& points, const std::vector<double>& weights,
                               std::int64_t n, std::uint64_t seed) {
  // The n largest of log(u) / w are a weighted sample without replacement (Efraimidis, Spirakis).
  std::vector<std::pair<double, std::int64_t>> keys;
  for (std::int64_t row = 0; row < points.rows(); ++row) {
    const double weight = WeightOf(weights, row);
    const double u = 1 - RandomUniform(seed, kSample, static_cast<std::uint64_t>(row));
    const double key = weights.empty() ? u
                       : weight > 0    ? std::log(u) / weight
                                       : -std::numeric_limits<double>::infinity();
    keys.emplace_back(-key, row);
  }
  std::nth_element(keys.begin(), keys.begin() + (n - 1), keys.end());
  std::sort(keys.begin(), keys.begin() + n);
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < n; ++i) rows.push_back(keys[i].second);
  return RowsOf(points, rows);
}

}  // namespace treeline
