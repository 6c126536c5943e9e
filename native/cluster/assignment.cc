#include "cluster/assignment.h"

#include <algorithm>

#include "simd/kernels.h"

namespace treeline {

namespace {

/// Partial sums kept at a time, if that leaves groups for a few threads.
constexpr std::int64_t kPartialNumbers = std::int64_t{8} << 20;

/// Consecutive slots that share a partial sum of `size` numbers: of the shape of the problem only.
std::int64_t SlotsPerGroup(std::int64_t n_slots, std::int64_t size) noexcept {
  const std::int64_t groups =
      std::clamp<std::int64_t>(kPartialNumbers / std::max<std::int64_t>(size, 1), 8, 128);
  return std::max<std::int64_t>(1, (n_slots + groups - 1) / groups);
}

}  // namespace

void AssignPoints(const PointStore& points, const std::vector<double>& weights,
                  const Centers& centers, std::vector<std::int32_t>& labels, ClusterSums* sums,
                  const Context& ctx) {
  const auto label_slot = [&](std::int64_t slot, std::int32_t* label) {
    std::vector<double> scores(static_cast<std::size_t>(kSlotRows));
    centers.Nearest(points.slot(slot), points.slot_rows(slot), label, scores.data());
  };
  AssignPoints(points, weights, centers.size(), label_slot, labels, sums, ctx);
}

void AssignPoints(const PointStore& points, const std::vector<double>& weights,
                  std::int64_t n_centers, const SlotLabeller& label_slot,
                  std::vector<std::int32_t>& labels, ClusterSums* sums, const Context& ctx) {
  const std::int64_t cols = points.cols();
  const std::int64_t per_group = SlotsPerGroup(points.n_slots(), n_centers * cols);
  const std::int64_t n_groups = (points.n_slots() + per_group - 1) / per_group;
  const auto size = static_cast<std::size_t>(n_centers * cols);
  std::vector<ClusterSums> parts(static_cast<std::size_t>(sums != nullptr ? n_groups : 0));
  labels.resize(static_cast<std::size_t>(points.rows()));
  const auto axpy = simd::Active().vectors.axpy;
  ctx.ParallelFor(n_groups, [&](std::int64_t g, int) {
    if (sums != nullptr) {
      parts[g].sums.resize(size);
      parts[g].weights.resize(static_cast<std::size_t>(n_centers));
    }
    const std::int64_t end = std::min(points.n_slots(), (g + 1) * per_group);
    for (std::int64_t s = g * per_group; s < end; ++s) {
      std::int32_t* label = labels.data() + s * kSlotRows;
      label_slot(s, label);
      if (sums == nullptr) continue;
      for (std::int64_t i = 0; i < points.slot_rows(s); ++i) {
        const double weight = weights.empty() ? 1.0 : weights[s * kSlotRows + i];
        axpy(weight, points.slot(s) + i * cols, cols, parts[g].sums.data() + label[i] * cols);
        parts[g].weights[label[i]] += weight;
      }
    }
  });
  if (sums == nullptr) return;
  sums->sums.assign(size, 0.0);
  sums->weights.assign(static_cast<std::size_t>(n_centers), 0.0);
  for (const ClusterSums& part : parts) {
    for (std::size_t i = 0; i < size; ++i) sums->sums[i] += part.sums[i];
    for (std::size_t c = 0; c < sums->weights.size(); ++c) sums->weights[c] += part.weights[c];
  }
}

double InertiaOf(const PointStore& points, const std::vector<double>& weights,
                 const std::vector<double>& centers, const std::vector<std::int32_t>& labels,
                 const Context& ctx) {
  const std::int64_t cols = points.cols();
  std::vector<double> parts(static_cast<std::size_t>(points.n_slots()));
  ctx.ParallelFor(points.n_slots(), [&](std::int64_t s, int) {
    for (std::int64_t i = 0; i < points.slot_rows(s); ++i) {
      const std::int64_t row = s * kSlotRows + i;
      const double distance =
          SquaredDistance(points.slot(s) + i * cols, centers.data() + labels[row] * cols, cols);
      parts[s] += distance * (weights.empty() ? 1.0 : weights[row]);
    }
  });
  double inertia = 0;
  for (const double part : parts) inertia += part;
  return inertia;
}

}  // namespace treeline
