#include "neighbors/neighbor_store.h"

#include <algorithm>
#include <cmath>

#include "matrix/row_cutter.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// A row as one of length 1, and where it is zero.
void PrepareAngle(const double* row, std::int64_t cols, bool of_store, double* out) {
  double most = 0;
  for (std::int64_t j = 0; j < cols; ++j) most = std::max(most, std::abs(row[j]));
  out[cols] = most == 0 && of_store ? 1 : 0;
  out[cols + 1] = most == 0 && !of_store ? 1 : 0;
  if (most == 0) {
    std::fill_n(out, cols, 0.0);
    return;
  }
  for (std::int64_t j = 0; j < cols; ++j) out[j] = row[j] / most;  // so that no square is lost
  const double length = std::sqrt(simd::Active().vectors.dot(out, out, cols));
  for (std::int64_t j = 0; j < cols; ++j) out[j] /= length;
}

}  // namespace

RowMetric DistanceRule::metric() const noexcept {
  switch (distance_) {
    case Distance::kManhattan: return RowMetric::kManhattan;
    case Distance::kChebyshev: return RowMetric::kChebyshev;
    case Distance::kMinkowski: return RowMetric::kMinkowski;
    default: return RowMetric::kSquaredEuclidean;
  }
}

void DistanceRule::Prepare(std::span<const double> rows, std::int64_t cols, bool of_store,
                           double* out) const {
  if (distance_ != Distance::kCosine) {
    std::copy(rows.begin(), rows.end(), out);
    return;
  }
  for (std::size_t at = 0; at < rows.size(); at += static_cast<std::size_t>(cols), out += cols + 2)
    PrepareAngle(rows.data() + at, cols, of_store, out);
}

double DistanceRule::FromSearch(double distance) const noexcept {
  switch (distance_) {
    case Distance::kEuclidean: return std::sqrt(distance);
    case Distance::kMinkowski: return std::pow(distance, 1 / p_);
    case Distance::kCosine: return std::min(distance / 2, 2.0);
    default: return distance;
  }
}

double DistanceRule::ToSearch(double distance) const noexcept {
  switch (distance_) {
    case Distance::kEuclidean: return distance * distance;
    case Distance::kMinkowski: return std::pow(distance, p_);
    case Distance::kCosine: return distance * 2;
    default: return distance;
  }
}

void NeighborStore::Push(const Block& block, const Context& /*ctx*/) {
  std::vector<double> rows(static_cast<std::size_t>(block.rows * cols()));
  ReadRows(block, 0, block.rows, rows.data(), cols());
  if (!simd::Active().rows.is_finite(rows.data(), block.rows * cols()))
    labels_.RefuseNonFinite(block, 0, block.rows);
  const std::size_t at = values_.size();
  values_.resize(at + static_cast<std::size_t>(block.rows * rule_.CompareCols(cols())));
  rule_.Prepare(rows, cols(), true, values_.data() + at);
  rows_ += block.rows;
}

std::size_t NeighborStore::bytes() const noexcept {
  return 8 * values_.capacity() + (search_ ? search_->bytes() : 0);
}

void NeighborStore::Finish(const Context& ctx) {
  search_ = std::make_unique<const NeighborSearch>(values_, rule_.CompareCols(cols()),
                                                   rule_.metric(), rule_.p(), ctx);
  values_ = {};
}

/// Calls answer(first row, questions) for tasks of a block's rows.
template <typename Answer>
void NeighborStore::ForTasks(const Block& block, const FeatureLabels& labels, const Context& ctx,
                             const Answer& answer) const {
  // Rows of a short block are shared out among the threads.
  const std::int64_t share = (block.rows + 4 * ctx.n_jobs - 1) / (4 * ctx.n_jobs);
  const std::int64_t task_rows =
      std::clamp<std::int64_t>(share, 4, std::max<std::int64_t>(4, search_->task_rows()));
  ctx.ParallelFor((block.rows + task_rows - 1) / task_rows, [&](std::int64_t task, int) {
    const std::int64_t begin = task * task_rows;
    const std::int64_t count = std::min(task_rows, block.rows - begin);
    std::vector<double> rows(static_cast<std::size_t>(count * cols()));
    ReadRows(block, begin, count, rows.data(), cols());
    if (!simd::Active().rows.is_finite(rows.data(), count * cols()))
      labels.RefuseNonFinite(block, begin, count);
    std::vector<double> prepared(static_cast<std::size_t>(count * rule_.CompareCols(cols())));
    rule_.Prepare(rows, cols(), false, prepared.data());
    answer(begin, Questions{prepared.data(), count});
  });
}

/// The same for the rows held, in the order of the blocks: `first` is a place.
template <typename Answer>
void NeighborStore::ForOwnTasks(const Context& ctx, const Answer& answer) const {
  const RowBlocks& blocks = search_->blocks();
  const std::int64_t task_rows = search_->task_rows();
  ctx.ParallelFor((rows_ + task_rows - 1) / task_rows, [&](std::int64_t task, int) {
    const std::int64_t first = task * task_rows;
    const std::int64_t count = std::min(task_rows, rows_ - first);
    std::vector<std::int64_t> self(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) self[i] = blocks.number(first + i);
    answer(first, Questions{blocks.row(first), count, self.data()});
  });
}

void NeighborStore::WriteNearest(const std::vector<Neighbor>& found, std::int64_t k,
                                 double* out) const {
  for (std::size_t i = 0; i < found.size(); ++i) {
    out[i] = rule_.FromSearch(found[i].distance);
    out[static_cast<std::size_t>(k) + i] = static_cast<double>(found[i].number);
  }
}

void NeighborStore::Nearest(const Block& block, const FeatureLabels& labels, std::int64_t k,
                            double* out, const Context& ctx) const {
  ForTasks(block, labels, ctx, [&](std::int64_t first, const Questions& questions) {
    const auto found = search_->Nearest(questions, k);
    for (std::int64_t i = 0; i < questions.count; ++i)
      WriteNearest(found[i], k, out + (first + i) * 2 * k);
  });
}

void NeighborStore::NearestOfOwn(std::int64_t k, double* out, const Context& ctx) const {
  ForOwnTasks(ctx, [&](std::int64_t, const Questions& questions) {
    const auto found = search_->Nearest(questions, k);
    for (std::int64_t i = 0; i < questions.count; ++i)
      WriteNearest(found[i], k, out + questions.self[i] * 2 * k);
  });
}

RadiusNeighbors NeighborStore::Joined(const std::vector<std::vector<Neighbor>>& found) const {
  RadiusNeighbors joined;
  joined.begin.push_back(0);
  for (const auto& neighbors : found) {
    for (const Neighbor& neighbor : neighbors) {
      joined.distances.push_back(rule_.FromSearch(neighbor.distance));
      joined.indices.push_back(static_cast<double>(neighbor.number));
    }
    joined.begin.push_back(static_cast<double>(joined.indices.size()));
  }
  return joined;
}

RadiusNeighbors NeighborStore::Within(const Block& block, const FeatureLabels& labels,
                                      double radius, const Context& ctx) const {
  std::vector<std::vector<Neighbor>> all(static_cast<std::size_t>(block.rows));
  ForTasks(block, labels, ctx, [&](std::int64_t first, const Questions& questions) {
    auto found = search_->Within(questions, rule_.ToSearch(radius));
    std::move(found.begin(), found.end(), all.begin() + first);
  });
  return Joined(all);
}

RadiusNeighbors NeighborStore::WithinOfOwn(double radius, const Context& ctx) const {
  std::vector<std::vector<Neighbor>> all(static_cast<std::size_t>(rows_));
  ForOwnTasks(ctx, [&](std::int64_t, const Questions& questions) {
    auto found = search_->Within(questions, rule_.ToSearch(radius));
    for (std::int64_t i = 0; i < questions.count; ++i) all[questions.self[i]] = std::move(found[i]);
  });
  return Joined(all);
}

void NeighborsMap::Apply(const Block& block, float* out, const Context& ctx) const {
  std::vector<double> wide(static_cast<std::size_t>(block.rows * n_outputs()));
  Apply(block, wide.data(), ctx);
  std::transform(wide.begin(), wide.end(), out, [](double x) { return static_cast<float>(x); });
}

}  // namespace treeline
