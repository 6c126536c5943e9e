#pragma once

#include <cstdint>
#include <vector>

#include "forest/tree_nodes.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline::forest {

enum class ForestOutput : std::uint8_t {
  kMean,   // of the trees' values: n_values a row
  kLeaves  // the node a row ends in, of every tree
};

/// Predicts by a forest: tiles of rows go through one tree after another, several rows at a time,
/// so that their look-ups do not wait for one another.
class ForestMap final : public BlockMap {
 public:
  /// Throws Error{kInvalidData} for trees that are none.
  ForestMap(const Forest& forest, ForestOutput output, FeatureLabels labels);

  std::int64_t n_inputs() const noexcept override { return labels_.size(); }
  std::int64_t n_outputs() const noexcept override {
    return output_ == ForestOutput::kMean ? n_values_ : static_cast<std::int64_t>(roots_.size());
  }
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override;

 private:
  /// Siblings are neighbours: the next node is first_child, or the one behind it. A leaf is its own
  /// first child and every row goes left there.
  struct Step {
    double threshold;
    std::int32_t first_child;
    std::int32_t feature;  // twice its number, and 1 if missing values go left
  };

  void AddTree(const Forest& forest, std::int64_t tree);
  void WalkTile(const double* rows, std::int64_t n, std::int64_t tree, std::int32_t* ends) const;
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;

  FeatureLabels labels_;
  ForestOutput output_;
  std::int64_t n_values_;
  std::vector<std::int32_t> roots_;
  std::vector<Step> steps_;
  std::vector<std::int32_t> node_of_;   // of a step: its number in its tree
  std::vector<std::int32_t> value_of_;  // of a leaf's step: its first value
  std::vector<double> values_;
};

}  // namespace treeline::forest
