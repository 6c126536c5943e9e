#include "cluster/centers.h"

#include <algorithm>
#include <limits>

#include "matrix/gemm.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Numbers of a tile of products: they stay in the second-level cache.
constexpr std::int64_t kTileNumbers = 16 * 1024;
/// Partial sums kept at a time, if that leaves groups for a few threads.
constexpr std::int64_t kPartialNumbers = std::int64_t{8} << 20;

/// -2 C^T: cols x n.
std::vector<double> Doubled(const std::vector<double>& centers, std::int64_t cols) {
  const std::int64_t n = cols == 0 ? 0 : static_cast<std::int64_t>(centers.size()) / cols;
  std::vector<double> weights(centers.size());
  for (std::int64_t c = 0; c < n; ++c) {
    for (std::int64_t j = 0; j < cols; ++j) weights[j * n + c] = -2 * centers[c * cols + j];
  }
  return weights;
}

std::int64_t RoundUp(std::int64_t n, std::int64_t step) noexcept {
  return (n + step - 1) / step * step;
}

/// Consecutive slots that share a partial sum of `size` numbers: of the shape of the problem only.
std::int64_t SlotsPerGroup(std::int64_t n_slots, std::int64_t size) noexcept {
  const std::int64_t groups =
      std::clamp<std::int64_t>(kPartialNumbers / std::max<std::int64_t>(size, 1), 8, 128);
  return std::max<std::int64_t>(1, (n_slots + groups - 1) / groups);
}

}  // namespace

double SquaredDistance(const double* a, const double* b, std::int64_t n) noexcept {
  double sum = 0;
  for (std::int64_t j = 0; j < n; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

Centers::Centers(const std::vector<double>& values, std::int64_t cols)
    : n_(static_cast<std::int64_t>(values.size()) / cols),
      values_(values),
      projector_(Doubled(values, cols), std::vector<double>(static_cast<std::size_t>(cols)), n_) {
  norms_.assign(static_cast<std::size_t>(projector_.padded_outputs()),
                std::numeric_limits<double>::infinity());
  for (std::int64_t c = 0; c < n_; ++c) {
    const double* center = values_.data() + c * cols;
    norms_[c] = simd::Active().vectors.dot(center, center, cols);
  }
}

/// Calls use(first row, rows, products, panel stride) for tiles of rows.
template <typename Use>
void Centers::ForTiles(const double* rows, std::int64_t count, const Use& use) const {
  const std::int64_t step = Projector::RowStep();
  const std::int64_t tile =
      std::max(step, kTileNumbers / projector_.padded_outputs() / step * step);
  const std::int64_t most = std::min(tile, RoundUp(count, step));
  AlignedBuffer<double> products(static_cast<std::size_t>(most * projector_.padded_outputs()));
  const std::int64_t stride = most * projector_.panel_width();
  for (std::int64_t i = 0; i < count; i += most) {
    const std::int64_t n = std::min(most, count - i);
    projector_.Multiply(rows + i * cols(), RoundUp(n, step), products.data(), stride);
    use(i, n, products.data(), stride);
  }
}

void Centers::Nearest(const double* rows, std::int64_t count, std::int32_t* label,
                      double* score) const {
  const std::int64_t n_panels = projector_.padded_outputs() / projector_.panel_width();
  ForTiles(rows, count,
           [&](std::int64_t i, std::int64_t n, const double* products, std::int64_t stride) {
             simd::Active().clusters.nearest(products, stride, n_panels, n, norms_.data(),
                                             label + i, score + i);
           });
}

void Centers::SquaredDistances(const double* rows, std::int64_t count, double* out) const {
  constexpr double kCancelled = 1e-4;  // of the digits of a difference, four are gone
  const std::int64_t width = projector_.panel_width();
  ForTiles(rows, count,
           [&](std::int64_t first, std::int64_t n, const double* products, std::int64_t stride) {
             for (std::int64_t i = 0; i < n; ++i) {
               const double* row = rows + (first + i) * cols();
               const double norm = simd::Active().vectors.dot(row, row, cols());
               for (std::int64_t c = 0; c < n_; ++c) {
                 const double whole = norm + norms_[c];
                 double distance = whole + products[c / width * stride + i * width + c % width];
                 if (!(distance > kCancelled * whole))
                   distance = SquaredDistance(row, values_.data() + c * cols(), cols());
                 out[(first + i) * n_ + c] = distance;
               }
             }
           });
}

void AssignPoints(const PointStore& points, const std::vector<double>& weights,
                  const Centers& centers, std::vector<std::int32_t>& labels, ClusterSums* sums,
                  const Context& ctx) {
  const std::int64_t cols = points.cols();
  const std::int64_t per_group = SlotsPerGroup(points.n_slots(), centers.size() * cols);
  const std::int64_t n_groups = (points.n_slots() + per_group - 1) / per_group;
  const auto size = static_cast<std::size_t>(centers.size() * cols);
  std::vector<ClusterSums> parts(static_cast<std::size_t>(sums != nullptr ? n_groups : 0));
  labels.resize(static_cast<std::size_t>(points.rows()));
  const auto axpy = simd::Active().vectors.axpy;
  ctx.ParallelFor(n_groups, [&](std::int64_t g, int) {
    std::vector<double> scores(static_cast<std::size_t>(kSlotRows));
    if (sums != nullptr) {
      parts[g].sums.resize(size);
      parts[g].weights.resize(static_cast<std::size_t>(centers.size()));
    }
    const std::int64_t end = std::min(points.n_slots(), (g + 1) * per_group);
    for (std::int64_t s = g * per_group; s < end; ++s) {
      std::int32_t* label = labels.data() + s * kSlotRows;
      centers.Nearest(points.slot(s), points.slot_rows(s), label, scores.data());
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
  sums->weights.assign(static_cast<std::size_t>(centers.size()), 0.0);
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
