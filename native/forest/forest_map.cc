#include "forest/forest_map.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"
#include "matrix/row_cutter.h"

namespace treeline::forest {

namespace {

constexpr std::int64_t kTogether = 8;
constexpr std::int64_t kTileBytes = 64 * 1024;

}  // namespace

ForestMap::ForestMap(const Forest& forest, ForestOutput output, FeatureLabels labels)
    : labels_(std::move(labels)), output_(output), n_values_(forest.n_values) {
  forest.Check();
  if (forest.n_features != labels_.size() ||
      forest.nodes.feature.size() * static_cast<std::size_t>(n_values_) >= INT32_MAX) {
    throw Error(ErrorCode::kInvalidData, "the trees do not fit the features, or are too large");
  }
  for (std::int64_t t = 0; t < forest.n_trees(); ++t) AddTree(forest, t);
}

void ForestMap::AddTree(const Forest& forest, std::int64_t tree) {
  const TreeNodes& nodes = forest.nodes;
  const std::int64_t first = forest.first_node[tree];
  const auto begin = static_cast<std::int32_t>(steps_.size());
  roots_.push_back(begin);
  std::vector<std::int32_t> order = {0};  // nodes, siblings side by side
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::int64_t at = first + order[i];
    const auto here = begin + static_cast<std::int32_t>(i);
    node_of_.push_back(order[i]);
    if (nodes.left[at] == kLeafChild) {
      steps_.push_back({std::numeric_limits<double>::infinity(), here, 1});
      value_of_.push_back(static_cast<std::int32_t>(values_.size()));
      const auto values = nodes.values.begin() + at * n_values_;
      values_.insert(values_.end(), values, values + n_values_);
      continue;
    }
    steps_.push_back({nodes.threshold[at], begin + static_cast<std::int32_t>(order.size()),
                      2 * nodes.feature[at] + nodes.missing_left[at]});
    value_of_.push_back(-1);
    order.push_back(nodes.left[at]);
    order.push_back(nodes.right[at]);
  }
}

void ForestMap::WalkTile(const double* rows, std::int64_t n, std::int64_t tree,
                         std::int32_t* ends) const {
  const std::int64_t stride = labels_.size();
  for (std::int64_t begin = 0; begin < n; begin += kTogether) {
    const std::int64_t count = std::min(kTogether, n - begin);
    std::int32_t* at = ends + begin;
    std::fill_n(at, count, roots_[tree]);
    const double* row = rows + begin * stride;
    for (bool is_moving = true; is_moving;) {
      is_moving = false;
      for (std::int64_t k = 0; k < count; ++k) {
        const Step& step = steps_[at[k]];
        const double x = row[k * stride + (step.feature >> 1)];
        const bool missing_left = (step.feature & 1) != 0;
        const bool goes_left = x <= step.threshold || (missing_left && x != x);
        const std::int32_t next = step.first_child + (goes_left ? 0 : 1);
        is_moving |= next != at[k];
        at[k] = next;
      }
    }
  }
}

template <typename T>
void ForestMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t stride = labels_.size(), width = n_outputs();
  if (block.cols() != stride) {
    throw Error(ErrorCode::kInvalidData, labels_.where() + " has " + std::to_string(block.cols()) +
                                             " columns, not " + std::to_string(stride));
  }
  const auto n_trees = static_cast<std::int64_t>(roots_.size());
  const std::int64_t tile_rows =
      std::clamp<std::int64_t>(kTileBytes / (8 * stride) / kTogether * kTogether, kTogether, 1024);
  ctx.ParallelFor((block.rows + tile_rows - 1) / tile_rows, [&](std::int64_t task, int) {
    const std::int64_t begin = task * tile_rows, n = std::min(tile_rows, block.rows - begin);
    std::vector<double> rows(static_cast<std::size_t>(n * stride));
    std::vector<std::int32_t> ends(static_cast<std::size_t>(n));
    std::vector<double> sums(output_ == ForestOutput::kMean ? static_cast<std::size_t>(n * width)
                                                            : 0);
    ReadRows(block, begin, n, rows.data(), stride);
    for (std::int64_t t = 0; t < n_trees; ++t) {
      WalkTile(rows.data(), n, t, ends.data());
      for (std::int64_t i = 0; i < n; ++i) {
        if (output_ == ForestOutput::kLeaves) {
          out[(begin + i) * width + t] = static_cast<T>(node_of_[ends[i]]);
          continue;
        }
        const double* values = values_.data() + value_of_[ends[i]];
        for (std::int64_t k = 0; k < width; ++k) sums[i * width + k] += values[k];
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
      out[begin * width + static_cast<std::int64_t>(i)] =
          static_cast<T>(sums[i] / static_cast<double>(n_trees));
  });
}

void ForestMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}
void ForestMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

std::size_t ForestMap::bytes() const noexcept {
  return steps_.size() * (sizeof(Step) + 8) + values_.size() * 8;
}

}  // namespace treeline::forest
