#include "cluster/bounds.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "simd/kernels.h"

namespace treeline {

namespace {

/// Rows compared with the centres at a time.
constexpr std::int64_t kBatchRows = 64;
/// What many additions to a bound may have rounded away, as a share of it.
constexpr double kDrift = 1e-9;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

double Length(const double* x, std::int64_t n) noexcept {
  return std::sqrt(simd::Active().vectors.dot(x, x, n));
}

}  // namespace

NearestBounds::NearestBounds(const PointStore& points, const Context& ctx)
    : rows_(static_cast<std::size_t>(points.rows())),
      rounding_(2 * static_cast<double>(points.cols() + 8) *
                std::numeric_limits<double>::epsilon()) {
  ctx.ParallelFor(points.n_slots(), [&](std::int64_t s, int) {
    for (std::int64_t i = 0; i < points.slot_rows(s); ++i) {
      rows_[s * kSlotRows + i] = {Length(points.slot(s) + i * points.cols(), points.cols()),
                                  kInfinity, 0};
    }
  });
}

void NearestBounds::Move(const std::vector<double>& centers, std::int64_t cols) {
  const std::int64_t n = static_cast<std::int64_t>(centers.size()) / cols;
  moved_.assign(static_cast<std::size_t>(n), centers_.empty() ? kInfinity : 0.0);
  gap_.assign(static_cast<std::size_t>(n), kInfinity);
  longest_ = most_ = next_ = 0;
  fastest_ = 0;
  for (std::int64_t c = 0; c < n; ++c) {
    const double* center = centers.data() + c * cols;
    longest_ = std::max(longest_, Length(center, cols));
    if (!centers_.empty())
      moved_[c] = std::sqrt(SquaredDistance(center, centers_.data() + c * cols, cols));
    if (moved_[c] > most_) {
      next_ = most_;
      most_ = moved_[c];
      fastest_ = c;
    } else {
      next_ = std::max(next_, moved_[c]);
    }
    for (std::int64_t other = 0; other < c; ++other) {
      const double apart = std::sqrt(SquaredDistance(center, centers.data() + other * cols, cols));
      gap_[c] = std::min(gap_[c], apart);
      gap_[other] = std::min(gap_[other], apart);
    }
  }
  centers_ = centers;
}

double NearestBounds::Slack(double length) const noexcept {
  return rounding_ * (length + longest_) * (length + longest_);
}

/// Brings a row's bounds up to date; whether its label is certain.
bool NearestBounds::Loosen(Row& row, std::int32_t label) const noexcept {
  row.upper += moved_[label];
  row.lower = std::max(row.lower - (label == fastest_ ? next_ : most_), gap_[label] - row.upper);
  const double upper = row.upper * (1 + kDrift);
  const double lower = row.lower * (1 - kDrift);
  return lower > upper && (lower - upper) * (lower + upper) > 2 * Slack(row.length);
}

void NearestBounds::LabelSlot(const PointStore& points, const Centers& centers, std::int64_t slot,
                              std::int32_t* labels) {
  const std::int64_t cols = points.cols();
  std::vector<double> batch(static_cast<std::size_t>(kBatchRows * cols));
  std::int64_t rows[kBatchRows];
  std::int32_t nearest[kBatchRows];
  double score[kBatchRows];
  double second[kBatchRows];
  std::int64_t count = 0;
  Row* const bounds = rows_.data() + slot * kSlotRows;
  const std::int64_t n = points.slot_rows(slot);
  for (std::int64_t i = 0; i < n; ++i) {
    if (!Loosen(bounds[i], labels[i])) {
      std::copy_n(points.slot(slot) + i * cols, cols, batch.data() + count * cols);
      rows[count++] = i;
    }
    if (count < kBatchRows && i + 1 < n) continue;
    centers.Nearest(batch.data(), count, nearest, score, second);
    for (std::int64_t b = 0; b < count; ++b) {
      Row& row = bounds[rows[b]];
      const double slack = Slack(row.length);
      const double square = row.length * row.length;
      labels[rows[b]] = nearest[b];
      row.upper = std::sqrt(std::max(0.0, square + score[b]) + slack);
      row.lower = std::sqrt(std::max(0.0, square + second[b] - slack));
    }
    count = 0;
  }
}

void NearestBounds::Assign(const PointStore& points, const std::vector<double>& weights,
                           const std::vector<double>& centers, std::vector<std::int32_t>& labels,
                           ClusterSums* sums, const Context& ctx) {
  Move(centers, points.cols());
  labels.resize(static_cast<std::size_t>(points.rows()));
  const Centers compared(centers, points.cols());
  const auto label_slot = [&](std::int64_t slot, std::int32_t* label) {
    LabelSlot(points, compared, slot, label);
  };
  AssignPoints(points, weights, compared.size(), label_slot, labels, sums, ctx);
}

}  // namespace treeline
