#include "forest/sample.h"

#include <cmath>
#include <numeric>

#include "core/random.h"

namespace treeline::forest {

namespace {

constexpr std::uint64_t kDrawStream = 1;

/// Of every row: its own weight times its class's.
double WeightOf(const TreeProblem& problem, std::int64_t row) noexcept {
  double weight = problem.weights.empty() ? 1 : problem.weights[row];
  if (!problem.class_weights.empty()) weight *= problem.class_weights[problem.codes[row]];
  return weight;
}

bool AreCounts(const std::vector<double>& weights) {
  double sum = 0;
  for (const double w : weights) {
    if (w != std::floor(w)) return false;
    sum += w;
  }
  return sum < static_cast<double>(INT32_MAX);
}

/// Uniform in [0, n) from a random word.
std::int64_t Below(std::uint64_t bits, std::int64_t n) noexcept {
  return static_cast<std::int64_t>(((bits >> 32) * static_cast<std::uint64_t>(n)) >> 32);
}

}  // namespace

RowDrawer::RowDrawer(const TreeProblem& problem, SamplingParams params)
    : problem_(problem), params_(params) {
  if (!params_.bootstrap || (problem.weights.empty() && problem.class_weights.empty())) return;
  const std::int64_t n = problem.rows();
  double total = 0;
  for (std::int64_t row = 0; row < n; ++row) total += WeightOf(problem, row);
  keep_.resize(static_cast<std::size_t>(n));
  alias_.resize(static_cast<std::size_t>(n));
  std::vector<std::int32_t> small, large;
  for (std::int64_t row = 0; row < n; ++row) {
    keep_[row] = WeightOf(problem, row) * static_cast<double>(n) / total;
    alias_[row] = static_cast<std::int32_t>(row);
    (keep_[row] < 1 ? small : large).push_back(static_cast<std::int32_t>(row));
  }
  while (!small.empty() && !large.empty()) {
    const std::int32_t poor = small.back(), rich = large.back();
    small.pop_back();
    alias_[poor] = rich;
    keep_[rich] -= 1 - keep_[poor];
    if (keep_[rich] >= 1) continue;
    large.pop_back();
    small.push_back(rich);
  }
  // What is left differs from 1 by rounding only, unless its weight is 0.
  for (const std::int32_t row : large) keep_[row] = 1;
  for (const std::int32_t row : small)
    if (WeightOf(problem, row) > 0) keep_[row] = 1;
}

std::int64_t RowDrawer::RowOf(std::int64_t tree, std::int64_t draw) const noexcept {
  const std::uint64_t bits =
      RandomBits(RandomBits(params_.seed, kDrawStream, static_cast<std::uint64_t>(tree)), 0,
                 static_cast<std::uint64_t>(draw));
  const std::int64_t row = Below(bits, problem_.rows());
  if (keep_.empty()) return row;
  return static_cast<double>(bits & 0xffffffff) * 0x1.0p-32 < keep_[row] ? row : alias_[row];
}

std::vector<std::int32_t> RowDrawer::Counts(std::int64_t tree) const {
  std::vector<std::int32_t> counts(static_cast<std::size_t>(problem_.rows()));
  for (std::int64_t draw = 0; draw < params_.n_draws; ++draw) ++counts[RowOf(tree, draw)];
  return counts;
}

std::vector<std::int32_t> RowDrawer::Rows(std::int64_t tree) const {
  std::vector<std::int32_t> rows(static_cast<std::size_t>(params_.n_draws));
  for (std::int64_t draw = 0; draw < params_.n_draws; ++draw)
    rows[draw] = static_cast<std::int32_t>(RowOf(tree, draw));
  return rows;
}

TreeSample RowDrawer::Draw(std::int64_t tree) const {
  if (!params_.bootstrap) return All();
  const std::vector<std::int32_t> counts = Counts(tree);
  TreeSample sample;
  sample.entries.reserve(counts.size());
  std::vector<double> in_class(static_cast<std::size_t>(problem_.n_classes));
  for (std::size_t row = 0; row < counts.size(); ++row) {
    if (counts[row] == 0) continue;
    const std::int32_t code = problem_.n_classes > 0 ? problem_.codes[row] : 0;
    sample.entries.push_back({static_cast<std::int32_t>(row), code, counts[row]});
    if (problem_.n_classes > 0) in_class[code] += counts[row];
  }
  if (params_.balanced_subsample) {
    std::int64_t n_present = 0;
    for (const double count : in_class) n_present += count > 0 ? 1 : 0;
    for (double& count : in_class) {
      count = count > 0
                  ? static_cast<double>(params_.n_draws) / (static_cast<double>(n_present) * count)
                  : 0;
    }
    sample.class_weights = std::move(in_class);
  }
  return sample;
}

TreeSample RowDrawer::All() const {
  TreeSample sample;
  sample.is_counted = AreCounts(problem_.weights);
  sample.class_weights = problem_.class_weights;
  const std::int64_t n = problem_.rows();
  sample.entries.reserve(static_cast<std::size_t>(n));
  for (std::int64_t row = 0; row < n; ++row) {
    if (WeightOf(problem_, row) <= 0) continue;
    const std::int32_t code = problem_.n_classes > 0 ? problem_.codes[row] : 0;
    const bool has_count = sample.is_counted && !problem_.weights.empty();
    sample.entries.push_back({static_cast<std::int32_t>(row), code,
                              has_count ? static_cast<std::int32_t>(problem_.weights[row]) : 1});
  }
  return sample;
}

}  // namespace treeline::forest
