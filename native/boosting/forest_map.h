#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "boosting/compiled_forest.h"
#include "boosting/tree.h"
#include "boosting/walked_forest.h"
#include "loss/pointwise.h"
#include "matrix/sink.h"

namespace treeline::boosting {

/// What a ForestMap writes for a row.
enum class ForestOutput {
  kRaw,       // raw predictions, n_outputs of them
  kResponse,  // what they mean: probabilities of the classes, the mean (RawToResponse)
  kLeaves,    // the number of the leaf in every tree
};

/// Predicts with a range of a model's iterations, tile by tile: with bytes where the trees fit in
/// them (CompiledForest), else walking row by row (WalkedForest). Both give the same bits.
class ForestMap final : public BlockMap {
 public:
  /// Iterations [first, last) of the model; the baseline counts to iteration 0.
  ForestMap(std::shared_ptr<const Model> model, LossKind loss, ForestOutput output,
            std::int64_t first, std::int64_t last);

  std::int64_t n_inputs() const noexcept override { return model_->n_features; }
  std::int64_t n_outputs() const noexcept override;
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override;

 private:
  struct Scratch;

  template <typename Out>
  void ApplyTiles(const Block& block, Out* out, const Context& ctx) const;
  void BinTile(const Block& block, std::int64_t begin, std::int64_t count, Scratch& scratch) const;
  bool ReadsByRows(const Block& block) const noexcept;
  void BinRows(const Block& block, std::int64_t begin, std::int64_t count, Scratch& scratch) const;
  void ScoreTile(std::int64_t count, Scratch& scratch) const;
  void WalkTile(const Block& block, std::int64_t begin, std::int64_t count, Scratch& scratch) const;
  template <typename Out>
  void WriteScores(std::int64_t count, Scratch& scratch, Out* out) const;
  template <typename Out>
  void WriteLeaves(std::int64_t count, Scratch& scratch, Out* out) const;

  std::shared_ptr<const Model> model_;
  LossKind loss_;
  ForestOutput output_;
  std::int64_t first_, last_;
  std::unique_ptr<const CompiledForest> compiled_;  // nullptr: trees are walked
  std::unique_ptr<const WalkedForest> walked_;
};

}  // namespace treeline::boosting
