#pragma once

#include <cstdint>
#include <vector>

#include "bins/bin_mapper.h"
#include "boosting/tree.h"

namespace treeline::boosting {

/// Features that a tree of iterations [first, last) splits on, ascending.
std::vector<std::int64_t> UsedFeatures(const Model& model, std::int64_t first, std::int64_t last);
/// The categories of some features; none if there are none in the model.
std::vector<Categories> CategoriesOf(const Model& model, const std::vector<std::int64_t>& features);

/// Some iterations of a model as one array of nodes, for one row at a time: several trees are
/// walked at once, since each step waits for the one before it. No limits on leaves or thresholds.
class WalkedForest {
 public:
  WalkedForest(const Model& model, std::int64_t first, std::int64_t last);

  /// Features that a tree splits on, ascending.
  const std::vector<std::int64_t>& used_features() const noexcept { return used_features_; }
  /// Doubles that a row takes: the used features, in order, and what Prepare puts behind them.
  std::int64_t row_size() const noexcept {
    return 2 * static_cast<std::int64_t>(used_features_.size()) + 1;
  }
  std::int64_t n_trees() const noexcept { return static_cast<std::int64_t>(roots_.size()); }
  /// Completes a row whose used features are filled in.
  void Prepare(double* row) const noexcept;
  /// Adds the values of the trees to the raw predictions of a prepared row, tree by tree.
  void AddTrees(const double* row, double* raw) const noexcept;
  /// The number of the leaf in every tree, among its leaves in the order of its nodes.
  void FindLeaves(const double* row, std::int32_t* leaves) const noexcept;
  std::size_t bytes() const noexcept {
    return nodes_.size() * sizeof(Node) + values_.size() * sizeof(double) +
           roots_.size() * sizeof(std::int32_t);
  }

 private:
  /// x <= threshold goes to `left`, all else to the next node. A leaf leads to itself.
  struct Node {
    double threshold;  // or the number of a set
    std::int32_t left;
    std::int32_t column;  // of the prepared row; -1 - column: a bin, to be looked up in the set
  };

  void AddTree(const Tree& tree, const std::vector<std::int32_t>& used_of_feature);
  template <int kTrees, bool kHasSets>
  void Walk(const double* row, std::int64_t tree, std::int32_t* at) const noexcept;
  template <bool kHasSets>
  bool GoesRight(const Node& node, const double* row) const noexcept;
  template <bool kHasSets, typename Visit>
  void WalkTrees(const double* row, Visit visit) const noexcept;
  template <typename Visit>
  void WalkAll(const double* row, Visit visit) const noexcept;

  std::int64_t n_outputs_;
  std::int64_t n_values_;  // of a leaf: 1, or n_outputs_
  std::vector<std::int64_t> used_features_;
  BinMapper mapper_;  // of categories only
  std::vector<std::int32_t> roots_;
  std::vector<Node> nodes_;
  std::vector<simd::BinSet> sets_;
  std::vector<double> values_;         // of leaves, n_values_ a node
  std::vector<std::int32_t> numbers_;  // of leaves, a node each
  std::vector<LinearLeaf> linear_;     // a node each, on used features; empty: no leaf is linear
};

}  // namespace treeline::boosting
