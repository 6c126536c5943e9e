#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bins/bin_mapper.h"
#include "boosting/tree.h"
#include "matrix/sink.h"

namespace treeline::boosting {

/// Splits of a path from a root to a leaf on one feature, taken together.
struct PathFeature {
  std::int32_t used;      // index among the used features
  double lo, hi;          // lo < x <= hi goes along the path; lo NaN: no bound
  bool with_missing;      // so do missing values
  std::int32_t set = -1;  // index of a set of bins that go along, instead of lo, hi, with_missing
};

/// Exact Shapley values of raw predictions, "path dependent" (Lundberg, Erion, Lee 2018): features
/// out of a coalition follow both sides of a split, in the proportions of the training rows.
///
/// A path on features i = 1 … m with shares z_i of the training rows and o_i = 1 where the row's
/// own value goes along, else 0, is worth v ∏_{i ∈ S} o_i ∏_{i ∉ S} z_i to a coalition S. By Owen's
/// multilinear extension its Shapley values are
///   φ_i = v (o_i - z_i) ∫₀¹ ∏_{j ≠ i} (t o_j + (1 - t) z_j) dt,
/// and the interaction index of i and j is likewise an integral without both. The integrands are
/// polynomials of degree below m: Gauss-Legendre quadrature with ⌈m/2⌉ nodes is exact. One path
/// costs O(m²) a row, pairs O(m³).
class ShapMap final : public BlockMap {
 public:
  /// Of all iterations. Without interactions a row is, output by output, n_features values and the
  /// mean prediction: their sum is the raw prediction. With interactions it is, output by output, a
  /// symmetric matrix of n_features + 1 rows, whose rows add up to those values.
  ShapMap(std::shared_ptr<const Model> model, bool interactions);

  std::int64_t n_inputs() const noexcept override { return model_->n_features; }
  std::int64_t n_outputs() const noexcept override;
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override;

 private:
  struct Scratch;
  struct Path {
    double value;
    std::int64_t first;  // in features_
    std::int32_t n_features;
    std::int32_t output;
  };

  void AddTree(const Tree& tree, std::int32_t output);
  void AddPath(const Tree& tree, const std::vector<std::int32_t>& nodes, std::int32_t output);
  void Narrow(const Tree& tree, const TreeNode& node, bool left, PathFeature& feature);
  template <typename Out>
  void ApplyTiles(const Block& block, Out* out, const Context& ctx) const;
  void ReadTile(const Block& block, std::int64_t begin, std::int64_t count, Scratch& scratch) const;
  void AddPaths(std::int64_t count, Scratch& scratch) const;
  template <typename Out>
  void WriteValues(std::int64_t count, const Scratch& scratch, Out* out) const;
  template <typename Out>
  void WriteInteractions(std::int64_t count, const Scratch& scratch, Out* out) const;

  std::shared_ptr<const Model> model_;
  bool interactions_;
  std::vector<std::int64_t> used_features_;
  std::vector<std::int32_t> used_of_feature_;
  std::unique_ptr<const BinMapper> mapper_;  // of categories
  std::vector<Path> paths_;                  // tree by tree
  std::vector<PathFeature> features_;
  std::vector<double> shares_;  // one a feature of a path
  std::vector<simd::BinSet> sets_;
  std::vector<double> means_;                         // one an output
  std::int32_t longest_ = 0;                          // most features of a path
  std::vector<std::vector<double>> nodes_, weights_;  // of the quadrature, by number of nodes
};

}  // namespace treeline::boosting
