#include "forest/pruning.h"

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>

namespace treeline::forest {

namespace {

/// Cuts the weakest branch, again and again. A branch's effective alpha only changes when something
/// in it is cut, so a queue has the weakest: entries that are no longer true are skipped.
class Pruner {
 public:
  explicit Pruner(const TreeNodes& tree) : tree_(tree) {
    const std::int32_t n = tree.size();
    parent_.assign(n, -1);
    own_.resize(n);
    branch_.resize(n);
    n_leaves_.assign(n, 1);
    is_open_.assign(n, 0);
    for (std::int32_t i = 0; i < n; ++i) {
      own_[i] = tree.weight[i] * tree.impurity[i] / tree.weight[0];
      if (tree.left[i] == kLeafChild) continue;
      parent_[tree.left[i]] = parent_[tree.right[i]] = i;
    }
    for (std::int32_t i = n - 1; i >= 0; --i) {
      is_open_[i] = tree.left[i] != kLeafChild;
      if (!is_open_[i]) {
        branch_[i] = own_[i];
        continue;
      }
      branch_[i] = branch_[tree.left[i]] + branch_[tree.right[i]];
      n_leaves_[i] = n_leaves_[tree.left[i]] + n_leaves_[tree.right[i]];
      queue_.push({AlphaOf(i), i});
    }
  }

  double impurity() const noexcept { return branch_[0]; }
  bool is_done() const noexcept { return !is_open_[0]; }
  bool IsOpen(std::int32_t node) const noexcept { return is_open_[node] != 0; }

  /// The smallest effective alpha of a branch that is left.
  double Next() {
    while (true) {
      const auto [alpha, node] = queue_.top();
      if (is_open_[node] != 0 && alpha == AlphaOf(node)) return alpha;
      queue_.pop();
    }
  }

  /// Makes a leaf of the branch that Next spoke of.
  void Cut() {
    const std::int32_t cut = queue_.top().second;
    queue_.pop();
    Close(cut);
    const double change = own_[cut] - branch_[cut];
    const std::int64_t fewer = n_leaves_[cut] - 1;
    branch_[cut] = own_[cut];
    n_leaves_[cut] = 1;
    for (std::int32_t node = parent_[cut]; node >= 0; node = parent_[node]) {
      branch_[node] += change;
      n_leaves_[node] -= fewer;
      queue_.push({AlphaOf(node), node});
    }
  }

 private:
  double AlphaOf(std::int32_t node) const noexcept {
    return (own_[node] - branch_[node]) / static_cast<double>(n_leaves_[node] - 1);
  }

  void Close(std::int32_t branch) {
    std::vector<std::int32_t> stack = {branch};
    while (!stack.empty()) {
      const std::int32_t node = stack.back();
      stack.pop_back();
      if (is_open_[node] == 0) continue;
      is_open_[node] = 0;
      stack.push_back(tree_.left[node]);
      stack.push_back(tree_.right[node]);
    }
  }

  using Branch = std::pair<double, std::int32_t>;  // of equal alphas the first node's is cut first
  const TreeNodes& tree_;
  std::vector<std::int32_t> parent_;
  std::vector<double> own_, branch_;  // weighted impurity as a leaf, and of the leaves below
  std::vector<std::int64_t> n_leaves_;
  std::vector<std::uint8_t> is_open_;  // still a split
  std::priority_queue<Branch, std::vector<Branch>, std::greater<>> queue_;
};

}  // namespace

PruningPath PruningPathOf(const TreeNodes& tree) {
  Pruner pruner(tree);
  PruningPath path{{0}, {pruner.impurity()}};
  while (!pruner.is_done()) {
    path.alphas.push_back(pruner.Next());
    pruner.Cut();
    path.impurities.push_back(pruner.impurity());
  }
  return path;
}

TreeNodes Pruned(const TreeNodes& tree, std::int64_t n_values, double ccp_alpha) {
  Pruner pruner(tree);
  while (!pruner.is_done() && pruner.Next() <= ccp_alpha) pruner.Cut();
  TreeNodes out;
  struct Place {
    std::int32_t node, parent;
    bool is_left;
  };
  std::vector<Place> stack = {{0, -1, false}};
  while (!stack.empty()) {
    const auto [node, parent, is_left] = stack.back();
    stack.pop_back();
    const std::int32_t id = out.size();
    const bool is_leaf = !pruner.IsOpen(node);
    out.feature.push_back(is_leaf ? kLeafFeature : tree.feature[node]);
    out.threshold.push_back(is_leaf ? kLeafFeature : tree.threshold[node]);
    out.left.push_back(kLeafChild);
    out.right.push_back(kLeafChild);
    out.missing_left.push_back(is_leaf ? 0 : tree.missing_left[node]);
    out.impurity.push_back(tree.impurity[node]);
    out.n_rows.push_back(tree.n_rows[node]);
    out.weight.push_back(tree.weight[node]);
    const auto values = tree.values.begin() + node * n_values;
    out.values.insert(out.values.end(), values, values + n_values);
    if (parent >= 0) (is_left ? out.left : out.right)[parent] = id;
    if (is_leaf) continue;
    stack.push_back({tree.right[node], id, false});
    stack.push_back({tree.left[node], id, true});
  }
  return out;
}

}  // namespace treeline::forest
