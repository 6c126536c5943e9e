#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bins/bin_mapper.h"
#include "bins/bucket_table.h"
#include "boosting/tree.h"
#include "boosting/walked_forest.h"
#include "simd/kernels.h"

namespace treeline::boosting {

/// Some iterations of a model as comparisons of bytes: values are binned by the thresholds the
/// trees use, and every split becomes "bin above a limit?" (simd/predict-inl.h). Missing values
/// are the largest byte, or, in a second column of the same feature, the smallest, so that a split
/// that sends them left needs no question of its own. Categories have one column.
class CompiledForest {
 public:
  /// Trees with linear leaves or of more leaves, or features of more thresholds or categories, than
  /// bytes can number: nullptr.
  static std::unique_ptr<const CompiledForest> Of(const Model& model, std::int64_t first,
                                                  std::int64_t last);

  /// Features that a tree splits on, ascending: what a tile is made from.
  const std::vector<std::int64_t>& used_features() const noexcept { return used_features_; }
  /// Bins of `n` values of used feature `used`.
  void Bin(std::int64_t used, const float* x, std::int64_t n, std::uint8_t* bins) const noexcept;
  void Bin(std::int64_t used, const double* x, std::int64_t n, std::uint8_t* bins) const noexcept;
  std::int64_t n_columns() const noexcept { return static_cast<std::int64_t>(columns_.size()); }
  std::int64_t n_trees() const noexcept { return static_cast<std::int64_t>(trees_.size()); }

  /// Turns the bins of used feature `used` (of some rows of a tile) into its columns of a tile:
  /// n_columns() × kTileRows bytes.
  void FillColumns(std::int64_t used, const std::uint8_t* bins, std::int64_t n,
                   std::uint8_t* tile) const noexcept;
  /// The leaf of every row of a tile in a tree: an index of leaf_values.
  void FindLeaves(std::int64_t tree, const std::uint8_t* tile, std::int64_t n_rows,
                  std::uint8_t* leaves) const noexcept {
    const TreeRange& range = trees_[tree];
    simd::Active().predict.find_leaves(
        {splits_.data() + range.first_split,
         range.n_sets > 0 ? sets_.data() + range.first_set : nullptr, range.n_splits},
        tile, n_rows, leaves);
  }
  /// What every leaf adds to one of the outputs that a tree has values of.
  const double* leaf_values(std::int64_t tree, std::int64_t output) const noexcept {
    const TreeRange& range = trees_[tree];
    return values_.data() + range.first_value + output * (range.n_splits + 1);
  }
  /// Of every leaf, its number among the leaves of the tree in the order of its nodes.
  const std::uint8_t* leaf_numbers(std::int64_t tree) const noexcept {
    return numbers_.data() + trees_[tree].first_leaf;
  }
  std::size_t bytes() const noexcept;

 private:
  struct TreeRange {
    std::int64_t first_split, first_leaf, first_value, first_set;
    std::int32_t n_splits = 0;
    std::int16_t n_sets = 0;
  };
  /// A column of a tile: bins of a feature, shifted.
  struct ColumnSource {
    std::int64_t used;
    std::uint8_t shift;
  };

  CompiledForest() = default;
  void AddTree(const Tree& tree, const std::vector<std::vector<double>>& thresholds,
               const std::vector<std::int32_t>& used_of_feature);
  std::int32_t ColumnOf(std::int64_t used, bool missing_left);

  std::vector<std::int64_t> used_features_;
  std::vector<bool> has_buckets_;  // a used feature each: else the mapper bins it
  std::vector<simd::BucketTable<float>> float_buckets_;
  std::vector<simd::BucketTable<double>> double_buckets_;
  std::unique_ptr<const BinMapper> mapper_;   // of the used features
  std::vector<std::int32_t> column_of_used_;  // 2 a used feature (missing right, left); -1: none
  std::vector<ColumnSource> columns_;
  std::vector<TreeRange> trees_;
  std::vector<simd::FlatSplit> splits_;
  std::vector<simd::BinSet> sets_;
  std::vector<double> values_;
  std::vector<std::uint8_t> numbers_;
};

}  // namespace treeline::boosting
