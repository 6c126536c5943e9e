#include "neighbors/impute_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "matrix/row_cutter.h"
#include "neighbors/search.h"

namespace treeline {

namespace {

constexpr std::int64_t kTaskRows = 16;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// A row's values, 0 where missing, and 1 where it has one.
void Split(const double* row, std::int64_t cols, double* values, double* has) {
  for (std::int64_t j = 0; j < cols; ++j) {
    has[j] = std::isnan(row[j]) ? 0 : 1;
    values[j] = std::isnan(row[j]) ? 0 : row[j];
  }
}

/// The mean of donors, nearest first.
double MeanOf(const std::vector<std::pair<Neighbor, double>>& donors, bool by_distance) {
  const bool at_once = by_distance && donors.front().first.distance == 0;
  double sum = 0;
  double total = 0;
  for (const auto& [neighbor, value] : donors) {
    double weight = 1;
    if (at_once) weight = neighbor.distance == 0 ? 1 : 0;
    if (by_distance && !at_once) weight = 1 / neighbor.distance;
    sum += weight * value;
    total += weight;
  }
  return sum / total;
}

}  // namespace

ImputeMap::ImputeMap(FeatureLabels labels, const std::vector<double>& values, std::int64_t k,
                     bool by_distance)
    : labels_(std::move(labels)),
      rows_(static_cast<std::int64_t>(values.size()) / labels_.size()),
      k_(k),
      by_distance_(by_distance),
      values_(values.size()),
      has_(values.size()) {
  const std::int64_t cols = labels_.size();
  std::vector<double> count(static_cast<std::size_t>(cols));
  means_.assign(static_cast<std::size_t>(cols), 0.0);
  for (std::int64_t i = 0; i < rows_; ++i) {
    Split(values.data() + i * cols, cols, values_.data() + i * cols, has_.data() + i * cols);
    for (std::int64_t j = 0; j < cols; ++j) {
      means_[j] += values_[i * cols + j];
      count[j] += has_[i * cols + j];
    }
  }
  for (std::int64_t j = 0; j < cols; ++j) means_[j] = count[j] > 0 ? means_[j] / count[j] : kNone;
}

std::vector<double> ImputeMap::DistancesFrom(const double* row) const {
  const std::int64_t cols = labels_.size();
  std::vector<double> x(static_cast<std::size_t>(cols));
  std::vector<double> has(x.size());
  Split(row, cols, x.data(), has.data());
  std::vector<double> distances(static_cast<std::size_t>(rows_));
  for (std::int64_t i = 0; i < rows_; ++i) {
    const double* y = values_.data() + i * cols;
    const double* y_has = has_.data() + i * cols;
    double sum[4] = {};
    double common[4] = {};
    for (std::int64_t j = 0; j < cols; ++j) {
      const double both = has[j] * y_has[j];
      const double t = (x[j] - y[j]) * both;
      sum[j & 3] += t * t;
      common[j & 3] += both;
    }
    const double shared = (common[0] + common[1]) + (common[2] + common[3]);
    const double square = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    distances[i] = shared > 0 ? std::sqrt(square * (static_cast<double>(cols) / shared)) : kNone;
  }
  return distances;
}

double ImputeMap::Imputed(const std::vector<double>& distances, std::int64_t column) const {
  const std::int64_t cols = labels_.size();
  std::vector<std::pair<Neighbor, double>> donors;  // a heap of the nearest k
  const auto nearer = [](const auto& a, const auto& b) { return a.first < b.first; };
  for (std::int64_t i = 0; i < rows_; ++i) {
    if (has_[i * cols + column] == 0 || std::isnan(distances[i])) continue;
    const std::pair<Neighbor, double> donor{{distances[i], i}, values_[i * cols + column]};
    if (static_cast<std::int64_t>(donors.size()) == k_) {
      if (!nearer(donor, donors.front())) continue;
      std::pop_heap(donors.begin(), donors.end(), nearer);
      donors.pop_back();
    }
    donors.push_back(donor);
    std::push_heap(donors.begin(), donors.end(), nearer);
  }
  if (donors.empty()) return means_[column];
  std::sort_heap(donors.begin(), donors.end(), nearer);
  return MeanOf(donors, by_distance_);
}

void ImputeMap::FillRow(double* row) const {
  const std::int64_t cols = labels_.size();
  if (std::none_of(row, row + cols, [](double x) { return std::isnan(x); })) return;
  const std::vector<double> distances = DistancesFrom(row);
  for (std::int64_t j = 0; j < cols; ++j) {
    if (std::isnan(row[j])) row[j] = Imputed(distances, j);
  }
}

void ImputeMap::Apply(const Block& block, double* out, const Context& ctx) const {
  labels_.RefuseInfinite(block);
  ctx.ParallelFor((block.rows + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    const std::int64_t begin = task * kTaskRows;
    const std::int64_t count = std::min(kTaskRows, block.rows - begin);
    double* const rows = out + begin * labels_.size();
    ReadRows(block, begin, count, rows, labels_.size());
    for (std::int64_t i = 0; i < count; ++i) FillRow(rows + i * labels_.size());
  });
}

void ImputeMap::Apply(const Block& block, float* out, const Context& ctx) const {
  std::vector<double> wide(static_cast<std::size_t>(block.rows * n_outputs()));
  Apply(block, wide.data(), ctx);
  std::transform(wide.begin(), wide.end(), out, [](double x) { return static_cast<float>(x); });
}

}  // namespace treeline
