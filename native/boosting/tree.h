#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "bins/categories.h"
#include "simd/kernels.h"

namespace treeline::boosting {

/// A node of a tree. Inner nodes send x <= threshold left and NaN as missing_left says; splits on
/// categories (set >= 0) send those left whose bin is a member of the tree's set (which holds
/// MissingBin if missing_left). Values are already shrunk.
struct TreeNode {
  std::int32_t feature = -1;  // -1: a leaf
  std::int32_t left = -1;     // children come after their parents
  std::int32_t right = -1;
  bool missing_left = false;
  std::int32_t set = -1;   // the first of its parts in Tree::sets; -1: a threshold
  std::int32_t leaf = -1;  // its number among the leaves, in the order of the nodes
  double threshold = 0;
  double value = 0;
  double gain = 0;
  std::int64_t count = 0;  // training rows
};

/// A leaf's regression on features of its path.
struct LinearLeaf {
  double constant = 0;
  std::vector<std::int32_t> features;  // ascending; none: the leaf has one value
  std::vector<double> slopes;

  /// Its value for a row: of one without a finite value of a feature, the leaf's `value`.
  template <typename ValueOf>
  double At(double value, ValueOf&& value_of) const {
    if (features.empty()) return value;
    double sum = constant;
    for (std::size_t j = 0; j < features.size(); ++j) {
      const double x = value_of(features[j]);
      if (!std::isfinite(x)) return value;
      sum += slopes[j] * x;
    }
    return sum;
  }
};

struct Tree {
  std::vector<TreeNode> nodes;     // nodes[0] is the root
  std::vector<simd::BinSet> sets;  // of bins (Model::categories) that go left: SetParts each
  /// A tree of vector leaves: n_values a leaf, in the order of the nodes; node values are unused.
  std::vector<double> vectors;
  std::int64_t n_values = 1;       // outputs that a leaf has a value of
  std::vector<LinearLeaf> linear;  // one a leaf, in the order of the nodes; or none

  bool has_vectors() const noexcept { return n_values > 1; }
  std::int64_t n_leaves() const noexcept { return static_cast<std::int64_t>(nodes.size() + 1) / 2; }
  /// Numbers the leaves, in the order of the nodes, and makes room for their vectors.
  void NumberLeaves() {
    std::int32_t number = 0;
    for (TreeNode& node : nodes) node.leaf = node.feature < 0 ? number++ : -1;
    if (has_vectors()) vectors.resize(static_cast<std::size_t>(n_leaves() * n_values));
  }
  /// What a leaf adds to the raw prediction of an output, 0 … n_values - 1.
  double& value(std::int32_t node, std::int64_t output) noexcept {
    return has_vectors() ? vectors[nodes[node].leaf * n_values + output] : nodes[node].value;
  }
  double value(std::int32_t node, std::int64_t output) const noexcept {
    return has_vectors() ? vectors[nodes[node].leaf * n_values + output] : nodes[node].value;
  }
};

/// A fitted ensemble: what predicts and what is saved.
struct Model {
  std::int64_t n_features = 0;
  std::int64_t n_outputs = 1;          // raw predictions of a row: 1, or one a target or class
  bool has_vector_leaves = false;      // a tree an iteration has the values of all outputs
  bool has_linear_leaves = false;      // some trees have
  std::vector<double> baseline;        // one an output
  std::vector<Tree> trees;             // iteration by iteration, trees_per_iteration() each
  std::vector<Categories> categories;  // one a feature, or none at all: no feature is categorical
  std::int64_t trees_per_iteration() const noexcept { return has_vector_leaves ? 1 : n_outputs; }
  std::int64_t n_iterations() const noexcept {
    return static_cast<std::int64_t>(trees.size()) / trees_per_iteration();
  }
  /// The first output that a tree has values of; Tree::n_values says of how many.
  std::int64_t output_of(std::int64_t tree) const noexcept { return tree % trees_per_iteration(); }
};

}  // namespace treeline::boosting
