#include "boosting/monotonic.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/random.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

std::vector<double> Weights(const Tree& tree) {
  std::vector<double> weights;
  for (const TreeNode& node : tree.nodes) weights.push_back(static_cast<double>(node.count));
  return weights;
}

/// A random tree on `n_features` features, a row or more in each leaf.
Tree RandomTree(std::uint64_t seed, int n_splits, std::uint64_t n_features) {
  Tree tree;
  tree.nodes.resize(1);
  std::vector<std::int32_t> leaves = {0};
  for (int s = 0; s < n_splits; ++s) {
    const std::uint64_t word = RandomBits(seed, 1, static_cast<std::uint64_t>(s));
    const std::size_t at = (word >> 8) % leaves.size();
    const std::int32_t parent = leaves[at];
    const auto left = static_cast<std::int32_t>(tree.nodes.size());
    tree.nodes.resize(tree.nodes.size() + 2);
    tree.nodes[parent].feature = static_cast<std::int32_t>(word % n_features);
    tree.nodes[parent].left = left;
    tree.nodes[parent].right = left + 1;
    leaves[at] = left;
    leaves.push_back(left + 1);
  }
  for (std::size_t i = tree.nodes.size(); i-- > 0;) {
    TreeNode& node = tree.nodes[i];
    node.count = 1 + static_cast<std::int64_t>(RandomBits(seed, 2, i) % 50);
    node.value = RandomUniform(seed, 3, i);
    if (node.feature >= 0) node.count = tree.nodes[node.left].count + tree.nodes[node.right].count;
  }
  return tree;
}

std::vector<double> LeavesBelow(const Tree& tree, std::int32_t node) {
  if (tree.nodes[node].feature < 0) return {tree.nodes[node].value};
  std::vector<double> values = LeavesBelow(tree, tree.nodes[node].left);
  const std::vector<double> right = LeavesBelow(tree, tree.nodes[node].right);
  values.insert(values.end(), right.begin(), right.end());
  return values;
}

}  // namespace

TEST_CASE(
    "after the walk every monotonic split keeps its sides apart, and what kept them is kept") {
  const std::vector<std::int8_t> signs = {1, 0, -1};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Tree tree = RandomTree(seed, static_cast<int>(seed), 3);
    const Tree before = tree;
    KeepMonotonic({}, Weights(tree), tree);
    CHECK(LeavesBelow(tree, 0) == LeavesBelow(before, 0));
    KeepMonotonic(signs, Weights(tree), tree);
    for (const TreeNode& node : tree.nodes) {
      if (node.feature < 0 || signs[node.feature] == 0) continue;
      std::vector<double> low = LeavesBelow(tree, node.left);
      std::vector<double> high = LeavesBelow(tree, node.right);
      if (signs[node.feature] < 0) low.swap(high);
      CHECK(*std::max_element(low.begin(), low.end()) <=
            *std::min_element(high.begin(), high.end()));
    }
    const std::vector<double> old_values = LeavesBelow(before, 0);
    const std::vector<double> values = LeavesBelow(tree, 0);
    CHECK(*std::min_element(values.begin(), values.end()) >=
          *std::min_element(old_values.begin(), old_values.end()));
    CHECK(*std::max_element(values.begin(), values.end()) <=
          *std::max_element(old_values.begin(), old_values.end()));
  }
  Tree sorted = RandomTree(7, 1, 1);
  sorted.nodes[1].value = 1;
  sorted.nodes[2].value = 2;
  KeepMonotonic(signs, Weights(sorted), sorted);
  CHECK(LeavesBelow(sorted, 0) == std::vector<double>{1, 2});
}
