#pragma once

#include <cstdint>
#include <vector>

namespace treeline::forest {

inline constexpr std::int32_t kLeafChild = -1;    // scikit-learn's TREE_LEAF
inline constexpr std::int32_t kLeafFeature = -2;  // scikit-learn's TREE_UNDEFINED

/// The nodes of a tree, or of trees one after another, as scikit-learn's `tree_` has them: column
/// by column, the root first; children are numbered within their tree and come after their parents.
/// Rows with x <= threshold go left, NaN as missing_left says.
struct TreeNodes {
  std::vector<std::int32_t> feature;  // kLeafFeature in leaves
  std::vector<double> threshold;      // kLeafFeature in leaves
  std::vector<std::int32_t> left;     // kLeafChild in leaves
  std::vector<std::int32_t> right;
  std::vector<std::uint8_t> missing_left;
  std::vector<double> impurity;
  std::vector<double> n_rows;  // training rows, each once
  std::vector<double> weight;  // of the training rows
  std::vector<double> values;  // of a node: class fractions, or predictions

  std::int32_t size() const noexcept { return static_cast<std::int32_t>(feature.size()); }
  void Append(const TreeNodes& other);
};

/// Trees one after another.
struct Forest {
  std::int64_t n_features = 0;
  std::int64_t n_values = 1;                   // of a node
  std::vector<std::int64_t> first_node = {0};  // of every tree, and the end
  TreeNodes nodes;

  std::int64_t n_trees() const noexcept { return static_cast<std::int64_t>(first_node.size()) - 1; }
  void Append(const TreeNodes& tree);
  /// Throws Error{kInvalidData} unless every tree is one: what walks it stays inside it.
  void Check() const;
};

}  // namespace treeline::forest
