#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "boosting/bin_mapper.h"
#include "boosting/tree.h"
#include "loss/pointwise.h"
#include "matrix/sink.h"

namespace treeline::boosting {

/// What a ForestMap writes for a row.
enum class ForestOutput {
  kRaw,       // raw predictions, n_outputs of them
  kResponse,  // what they mean: probabilities of the classes, the mean (RawToResponse)
};

/// Predicts with a range of a model's iterations. Features are binned by the thresholds the trees
/// use, so that every node is one comparison of bytes for 64 rows; trees with very many leaves or
/// thresholds are walked row by row instead. Both give the same bits.
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
  struct CompiledTree {
    std::vector<simd::FlatSplit> splits;
    std::vector<double> values;
    const simd::BinSet* sets;
  };
  struct Scratch;

  void Compile();
  CompiledTree CompileTree(const Tree& tree) const;
  template <typename Out>
  void ApplyTiles(const Block& block, Out* out, const Context& ctx) const;
  void ScoreTile(const Block& block, std::int64_t begin, std::int64_t count,
                 Scratch& scratch) const;
  template <typename T>
  void BinTile(const Block& block, std::int64_t begin, std::int64_t count, T* strip,
               Scratch& scratch) const;
  void WalkTile(const Block& block, std::int64_t begin, std::int64_t count, Scratch& scratch) const;

  std::shared_ptr<const Model> model_;
  LossKind loss_;
  ForestOutput output_;
  std::int64_t first_, last_;
  std::vector<std::int64_t> used_features_;      // features that a tree splits on, ascending
  std::vector<std::int32_t> column_of_feature_;  // index in used_features_, -1: unused
  std::vector<std::vector<double>> thresholds_;  // per used feature: distinct, ascending
  bool walks_ = false;                           // trees are walked: nothing is compiled
  std::unique_ptr<const BinMapper> mapper_;      // of the used features; walks_: of categories only
  std::vector<CompiledTree> compiled_;
};

}  // namespace treeline::boosting
