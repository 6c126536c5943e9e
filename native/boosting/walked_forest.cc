#include "boosting/walked_forest.h"

#include <cmath>
#include <limits>

namespace treeline::boosting {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kTreesInFlight = 8;

}  // namespace

std::vector<std::int64_t> UsedFeatures(const Model& model, std::int64_t first, std::int64_t last) {
  std::vector<bool> is_used(static_cast<std::size_t>(model.n_features));
  const std::int64_t n_trees = model.trees_per_iteration();
  for (std::int64_t t = first * n_trees; t < last * n_trees; ++t) {
    for (const TreeNode& node : model.trees[t].nodes) {
      if (node.feature >= 0) is_used[node.feature] = true;
    }
  }
  std::vector<std::int64_t> used;
  for (std::int64_t feature = 0; feature < model.n_features; ++feature) {
    if (is_used[feature]) used.push_back(feature);
  }
  return used;
}

std::vector<Categories> CategoriesOf(const Model& model,
                                     const std::vector<std::int64_t>& features) {
  std::vector<Categories> categories;
  if (model.categories.empty()) return categories;
  for (const std::int64_t feature : features) categories.push_back(model.categories[feature]);
  return categories;
}

WalkedForest::WalkedForest(const Model& model, std::int64_t first, std::int64_t last)
    : n_outputs_(model.n_outputs),
      n_values_(model.has_vector_leaves ? model.n_outputs : 1),
      used_features_(UsedFeatures(model, first, last)),
      mapper_(std::vector<std::vector<double>>(used_features_.size()),
              CategoriesOf(model, used_features_)) {
  std::vector<std::int32_t> used_of_feature(static_cast<std::size_t>(model.n_features), -1);
  for (std::size_t used = 0; used < used_features_.size(); ++used)
    used_of_feature[used_features_[used]] = static_cast<std::int32_t>(used);
  const std::int64_t n_trees = model.trees_per_iteration();
  if (model.has_linear_leaves) linear_.resize(1);
  for (std::int64_t t = first * n_trees; t < last * n_trees; ++t)
    AddTree(model.trees[t], used_of_feature);
}

/// Nodes in an order that has the two children of a node side by side.
void WalkedForest::AddTree(const Tree& tree, const std::vector<std::int32_t>& used_of_feature) {
  const auto n_used = static_cast<std::int32_t>(used_features_.size());
  const auto base = static_cast<std::int32_t>(nodes_.size());
  roots_.push_back(base);
  if (!linear_.empty()) linear_.resize(nodes_.size() + tree.nodes.size());
  std::vector<std::int32_t> place(tree.nodes.size());
  place[0] = base;
  std::int32_t next = base + 1;
  nodes_.resize(nodes_.size() + tree.nodes.size());
  values_.resize(nodes_.size() * static_cast<std::size_t>(n_values_));
  numbers_.resize(nodes_.size());
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    if (node.feature < 0) {
      nodes_[place[i]] = {kInfinity, place[i], 2 * n_used};
      for (std::int64_t k = 0; k < n_values_; ++k)
        values_[place[i] * n_values_ + k] = tree.value(static_cast<std::int32_t>(i), k);
      numbers_[place[i]] = node.leaf;
      if (!tree.linear.empty()) {
        LinearLeaf& leaf = linear_[place[i]] = tree.linear[node.leaf];
        for (std::int32_t& feature : leaf.features) feature = used_of_feature[feature];
      }
      continue;
    }
    const std::int32_t used = used_of_feature[node.feature];
    if (node.set >= 0) {
      nodes_[place[i]] = {static_cast<double>(sets_.size()), next, -1 - used};
      const auto first = tree.sets.begin() + node.set;
      sets_.insert(sets_.end(), first, first + SetParts(mapper_.n_bins(used)));
    } else {
      nodes_[place[i]] = {node.threshold, next, node.missing_left ? n_used + used : used};
    }
    place[node.left] = next++;
    place[node.right] = next++;
  }
}

/// Categories become bins. Behind the features, where NaN goes right: the features once more, where
/// it goes left, and a number that keeps a leaf where it is.
void WalkedForest::Prepare(double* row) const noexcept {
  const auto n_used = static_cast<std::int64_t>(used_features_.size());
  for (std::int64_t i = 0; i < n_used; ++i) {
    if (mapper_.is_categorical(i)) {
      std::uint16_t bin;
      mapper_.Bin(i, row + i, 1, &bin);
      row[i] = bin;
    }
    row[n_used + i] = std::isnan(row[i]) ? -kInfinity : row[i];
  }
  row[2 * n_used] = 0;
}

template <bool kHasSets>
bool WalkedForest::GoesRight(const Node& node, const double* row) const noexcept {
  if (kHasSets && node.column < 0) {
    const auto set = static_cast<std::size_t>(node.threshold);
    return !HasBin(sets_.data() + set, static_cast<int>(row[-1 - node.column]));
  }
  return !(row[node.column] <= node.threshold);
}

template <int kTrees, bool kHasSets>
void WalkedForest::Walk(const double* row, std::int64_t tree, std::int32_t* at) const noexcept {
  for (int t = 0; t < kTrees; ++t) at[t] = roots_[tree + t];
  std::int32_t moved;
  do {
    moved = 0;
    for (int t = 0; t < kTrees; ++t) {
      const Node node = nodes_[at[t]];
      const std::int32_t next = node.left + static_cast<int>(GoesRight<kHasSets>(node, row));
      moved |= next ^ at[t];
      at[t] = next;
    }
  } while (moved != 0);
}

template <bool kHasSets, typename Visit>
void WalkedForest::WalkTrees(const double* row, Visit visit) const noexcept {
  std::int32_t at[kTreesInFlight];
  std::int64_t tree = 0;
  for (; tree + kTreesInFlight <= n_trees(); tree += kTreesInFlight) {
    Walk<kTreesInFlight, kHasSets>(row, tree, at);
    for (int t = 0; t < kTreesInFlight; ++t) visit(tree + t, at[t]);
  }
  for (; tree < n_trees(); ++tree) {
    Walk<1, kHasSets>(row, tree, at);
    visit(tree, at[0]);
  }
}

template <typename Visit>
void WalkedForest::WalkAll(const double* row, Visit visit) const noexcept {
  if (sets_.empty()) {
    WalkTrees<false>(row, visit);
  } else {
    WalkTrees<true>(row, visit);
  }
}

void WalkedForest::AddTrees(const double* row, double* raw) const noexcept {
  if (!linear_.empty()) {
    std::int64_t at = 0;
    WalkAll(row, [&](std::int64_t, std::int32_t leaf) {
      raw[at] += linear_[leaf].At(values_[leaf], [&](std::int32_t used) { return row[used]; });
      at = at + 1 == n_outputs_ ? 0 : at + 1;
    });
    return;
  }
  if (n_outputs_ == 1) {
    double sum = raw[0];
    WalkAll(row, [&](std::int64_t, std::int32_t leaf) { sum += values_[leaf]; });
    raw[0] = sum;
    return;
  }
  if (n_values_ > 1) {
    WalkAll(row, [&](std::int64_t, std::int32_t leaf) {
      const double* values = values_.data() + leaf * n_values_;
      for (std::int64_t k = 0; k < n_values_; ++k) raw[k] += values[k];
    });
    return;
  }
  std::int64_t output = 0;
  WalkAll(row, [&](std::int64_t, std::int32_t leaf) {
    raw[output] += values_[leaf];
    output = output + 1 == n_outputs_ ? 0 : output + 1;
  });
}

void WalkedForest::FindLeaves(const double* row, std::int32_t* leaves) const noexcept {
  WalkAll(row, [&](std::int64_t tree, std::int32_t leaf) { leaves[tree] = numbers_[leaf]; });
}

}  // namespace treeline::boosting
