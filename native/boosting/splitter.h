#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "bins/bin_mapper.h"
#include "bins/bin_set.h"
#include "boosting/grower_params.h"
#include "boosting/histogram.h"
#include "boosting/row_partition.h"
#include "simd/kernels.h"

namespace treeline::boosting {

/// The best split of a node over all features. feature < 0: none is allowed. Bins 0 … bin go left,
/// the missing bin as told or, for categories, the members of a set, which holds the missing bin if
/// missing_left.
struct NodeSplit {
  double gain = 0;
  std::int64_t feature = -1;
  int bin = -1;
  bool missing_left = false;
  bool has_set = false;
  BinMembers set{};
  double extra_l2 = 0;  // CategoryRules::l2, where it counts

  BinSplit bins() const {
    return has_set ? BinSplit::Of(feature, set.parts()) : BinSplit::Of(feature, bin, missing_left);
  }
  /// For a feature that no training row misses.
  void SendMissing(bool left, int missing_bin) {
    missing_left = left;
    if (has_set && left) set.Add(missing_bin);
    if (has_set && !left) set.Remove(missing_bin);
  }
};

/// Of two candidates the better one; of equals the lower feature (scikit-learn's order).
inline bool IsBetter(const NodeSplit& a, const NodeSplit& b) noexcept {
  if (a.feature < 0 || b.feature < 0) return b.feature < 0 && a.feature >= 0;
  return a.gain > b.gain || (a.gain == b.gain && a.feature < b.feature);
}

/// The quantised gradients of one output over all training rows, and what their integers mean.
struct QuantizedGradients {
  GradientPairs pairs;
  std::int64_t gradient_sum = 0;
  std::int64_t hessian_sum = 0;
  std::int64_t max_hessian = 0;  // no row has more
  double gradient_unit = 1;      // gradient = integer * unit
  double hessian_unit = 1;
  bool constant_hessian = false;     // every row has 1: hessian sums are row counts
  const RowBitmaps* rows = nullptr;  // to learn from; nullptr: all
};

/// One output of a node.
struct NodeOutput {
  std::int64_t gradient = 0, hessian = 0;  // integer sums
  double value = 0;  // as a leaf, before it is shrunk; of the root only where values are smoothed
};

/// A node as the rules see it.
struct SplitNode {
  std::int32_t number = 0;  // in its tree
  std::int64_t rows = 0;
  NodeOutput first;
  std::vector<NodeOutput> others;  // in trees of vector leaves: of all outputs but the first
  double gain = 0;                 // what its values gain; 0 at the root
  double lower = -std::numeric_limits<double>::infinity();  // bounds of its children's values
  double upper = std::numeric_limits<double>::infinity();
  std::vector<std::int32_t> path;  // features split on above it, each once; with Interactions only

  NodeOutput& output(std::size_t k) noexcept { return k == 0 ? first : others[k - 1]; }
  const NodeOutput& output(std::size_t k) const noexcept { return k == 0 ? first : others[k - 1]; }
};

/// What a split may be: searches histograms under all rules. The answers depend on the sums, the
/// seed, the number of the tree and the number of the node, on nothing else.
class Splitter {
 public:
  Splitter(const BinMapper& mapper, std::vector<bool> has_missing, const GrowerParams& params);

  /// `tree`: its number in the model. `gradients`, of the outputs whose values its leaves are to
  /// hold, must live until the next call.
  void BeginTree(std::span<const QuantizedGradients> gradients, std::int64_t tree);
  SplitNode Root(std::int64_t rows) const;
  /// Hessian sum of a node; of several outputs the mean.
  double HessianOf(const SplitNode& node) const noexcept;
  /// One byte a feature: whether a split of the node may use it. Empty: all may.
  std::vector<std::uint8_t> FeaturesOf(const SplitNode& node) const;
  /// Those that the tree looks at, likewise; empty: all.
  const std::vector<std::uint8_t>& features_of_tree() const noexcept { return features_of_tree_; }
  /// The best split of one feature that gains more than `least_gain`, a pure function of its
  /// histogram (packed sums by bin, and row counts by bin or nullptr).
  NodeSplit Find(const SplitNode& node, std::int64_t feature, const std::int64_t* histogram,
                 const std::int64_t* counts, double least_gain = 0) const;
  /// The same for vector leaves: the gains of all outputs, which have a histogram each, count
  /// together. A child's hessian is the mean of the outputs'.
  NodeSplit FindForAll(const SplitNode& node, std::int64_t feature,
                       std::span<const std::int64_t* const> histograms,
                       const std::int64_t* counts) const;
  /// Gives two children, whose sums, rows and numbers are known, their values, bounds and paths.
  void Descend(const SplitNode& parent, const NodeSplit& split, SplitNode& left,
               SplitNode& right) const;
  bool has_missing(std::int64_t feature) const noexcept { return has_missing_[feature]; }

 private:
  struct Ordered;
  struct JointSearch;
  simd::SplitQuery QueryOf(const SplitNode& node, std::size_t output = 0) const noexcept;
  NodeSplit FindThreshold(const SplitNode& node, std::int64_t feature,
                          const std::int64_t* histogram, const std::int64_t* counts,
                          simd::SplitQuery query) const;
  NodeSplit FindOneCategory(std::int64_t feature, const std::int64_t* histogram,
                            const std::int64_t* counts, simd::SplitQuery query) const;
  NodeSplit FindCategories(const SplitNode& node, std::int64_t feature,
                           const std::int64_t* histogram, const std::int64_t* counts,
                           simd::SplitQuery query) const;
  std::vector<int> OrderedCategories(std::int64_t feature, const std::int64_t* histogram,
                                     const simd::SplitQuery& query) const;
  std::vector<int> JointlyOrdered(std::int64_t feature, const JointSearch& search) const;
  std::vector<int> GroupEnds(const std::vector<int>& order, std::int64_t most,
                             const JointSearch& search) const;
  NodeSplit FindOneCategoryForAll(std::int64_t feature, JointSearch& search) const;
  NodeSplit FindCategoriesForAll(const SplitNode& node, std::int64_t feature,
                                 JointSearch& search) const;
  void AllowInteractions(const SplitNode& node, std::vector<std::uint8_t>& allowed) const;
  void Draw(double share, std::uint64_t stream, std::vector<std::uint8_t>& allowed) const;
  std::uint64_t RandomOf(const SplitNode& node, std::int64_t feature,
                         std::uint64_t choices) const noexcept;

  const BinMapper& mapper_;
  std::vector<bool> has_missing_;
  const GrowerParams& params_;
  bool has_value_rules_;
  bool is_quadratic_;
  std::span<const QuantizedGradients> gradients_;
  std::uint64_t key_ = 0;                       // of the tree's draws
  std::vector<std::uint8_t> features_of_tree_;  // empty: all
};

}  // namespace treeline::boosting
