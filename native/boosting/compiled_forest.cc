#include "boosting/compiled_forest.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace treeline::boosting {

namespace {

constexpr std::size_t kMaxThresholds = 255;  // bins 0 … 254 and the missing one
constexpr std::size_t kMaxNodes = 511;       // 256 leaves
// Kernels compare signed bytes: bin 0 is -128.
constexpr std::uint8_t kSignedZero = 128;

/// The distinct thresholds of every feature, ascending.
std::vector<std::vector<double>> ThresholdsOf(const Model& model, std::int64_t first_tree,
                                              std::int64_t last_tree) {
  std::vector<std::vector<double>> by_feature(static_cast<std::size_t>(model.n_features));
  for (std::int64_t t = first_tree; t < last_tree; ++t) {
    for (const TreeNode& node : model.trees[t].nodes) {
      if (node.feature >= 0 && node.set < 0) by_feature[node.feature].push_back(node.threshold);
    }
  }
  for (std::vector<double>& thresholds : by_feature) {
    std::sort(thresholds.begin(), thresholds.end());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  }
  return by_feature;
}

/// A set of the bins that kernels see.
simd::BinSet OfSignedBins(const simd::BinSet& set) {
  simd::BinSet moved;
  for (int i = 0; i < 32; ++i) moved.bytes[(i + kSignedZero / 8) % 32] = set.bytes[i];
  return moved;
}

/// Whether a byte can number every category of the model.
bool HaveNarrowBins(const std::vector<Categories>& categories) {
  return std::none_of(categories.begin(), categories.end(),
                      [](const Categories& feature) { return IsWide(feature.n_bins()); });
}

bool FitsBytes(const std::vector<double>& thresholds) {
  if (thresholds.empty()) return true;
  const bool ends_in_infinity = std::isinf(thresholds.back());
  return thresholds.size() <= kMaxThresholds - (ends_in_infinity ? 0 : 1);
}

}  // namespace

std::unique_ptr<const CompiledForest> CompiledForest::Of(const Model& model, std::int64_t first,
                                                         std::int64_t last) {
  const std::int64_t first_tree = first * model.trees_per_iteration();
  const std::int64_t last_tree = last * model.trees_per_iteration();
  if (!HaveNarrowBins(model.categories)) return nullptr;
  for (std::int64_t t = first_tree; t < last_tree; ++t) {
    if (model.trees[t].nodes.size() > kMaxNodes || !model.trees[t].linear.empty()) return nullptr;
  }
  std::vector<std::vector<double>> by_feature = ThresholdsOf(model, first_tree, last_tree);
  if (!std::all_of(by_feature.begin(), by_feature.end(), FitsBytes)) return nullptr;

  std::unique_ptr<CompiledForest> forest(new CompiledForest());
  forest->used_features_ = UsedFeatures(model, first, last);
  std::vector<std::int32_t> used_of_feature(by_feature.size(), -1);
  std::vector<std::vector<double>> thresholds;
  for (const std::int64_t feature : forest->used_features_) {
    used_of_feature[feature] = static_cast<std::int32_t>(thresholds.size());
    thresholds.push_back(std::move(by_feature[feature]));
  }
  forest->column_of_used_.assign(2 * thresholds.size(), -1);
  for (std::int64_t t = first_tree; t < last_tree; ++t)
    forest->AddTree(model.trees[t], thresholds, used_of_feature);
  for (const std::vector<double>& sorted : thresholds) {
    simd::BucketTable<float>& floats = forest->float_buckets_.emplace_back();
    simd::BucketTable<double>& doubles = forest->double_buckets_.emplace_back();
    forest->has_buckets_.push_back(!sorted.empty() && FillBucketTable(sorted, floats) &&
                                   FillBucketTable(sorted, doubles));
  }
  forest->mapper_ = std::make_unique<const BinMapper>(std::move(thresholds),
                                                      CategoriesOf(model, forest->used_features_));
  return forest;
}

/// Splits in the tree's order (parents before children): the left child keeps its parent's leaf,
/// the right one gets the next free one.
void CompiledForest::AddTree(const Tree& tree, const std::vector<std::vector<double>>& thresholds,
                             const std::vector<std::int32_t>& used_of_feature) {
  TreeRange range{
      static_cast<std::int64_t>(splits_.size()), static_cast<std::int64_t>(numbers_.size()),
      static_cast<std::int64_t>(values_.size()), static_cast<std::int64_t>(sets_.size())};
  const std::int64_t n_leaves = tree.n_leaves();
  values_.resize(values_.size() + static_cast<std::size_t>(n_leaves * tree.n_values));
  numbers_.resize(numbers_.size() + static_cast<std::size_t>(n_leaves));
  std::vector<std::uint8_t> slots(tree.nodes.size());
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const TreeNode& node = tree.nodes[i];
    const std::uint8_t slot = slots[i];
    if (node.feature < 0) {
      for (std::int64_t k = 0; k < tree.n_values; ++k) {
        values_[range.first_value + k * n_leaves + slot] =
            tree.value(static_cast<std::int32_t>(i), k);
      }
      numbers_[range.first_leaf + slot] = static_cast<std::uint8_t>(node.leaf);
      continue;
    }
    const std::int32_t used = used_of_feature[node.feature];
    if (node.set >= 0) {
      splits_.push_back({ColumnOf(used, false), range.n_sets++, slot, 0});
      sets_.push_back(OfSignedBins(tree.sets[node.set]));
    } else {
      const std::vector<double>& sorted = thresholds[used];
      const auto rank = std::lower_bound(sorted.begin(), sorted.end(), node.threshold) -
                        sorted.begin() + (node.missing_left ? 1 : 0);
      splits_.push_back({ColumnOf(used, node.missing_left), -1, slot,
                         static_cast<std::uint8_t>(rank + kSignedZero)});
    }
    slots[node.left] = slot;
    slots[node.right] = static_cast<std::uint8_t>(++range.n_splits);
  }
  trees_.push_back(range);
}

std::int32_t CompiledForest::ColumnOf(std::int64_t used, bool missing_left) {
  std::int32_t& column = column_of_used_[2 * used + (missing_left ? 1 : 0)];
  if (column < 0) {
    column = static_cast<std::int32_t>(columns_.size());
    columns_.push_back({used, static_cast<std::uint8_t>(kSignedZero + (missing_left ? 1 : 0))});
  }
  return column;
}

void CompiledForest::Bin(std::int64_t used, const float* x, std::int64_t n,
                         std::uint8_t* bins) const noexcept {
  if (has_buckets_[used]) {
    simd::Active().predict.bin_floats(float_buckets_[used], x, n, bins);
  } else {
    mapper_->Bin(used, x, n, bins);
  }
}

void CompiledForest::Bin(std::int64_t used, const double* x, std::int64_t n,
                         std::uint8_t* bins) const noexcept {
  if (has_buckets_[used]) {
    simd::Active().predict.bin_doubles(double_buckets_[used], x, n, bins);
  } else {
    mapper_->Bin(used, x, n, bins);
  }
}

void CompiledForest::FillColumns(std::int64_t used, const std::uint8_t* bins, std::int64_t n,
                                 std::uint8_t* tile) const noexcept {
  for (const std::int64_t variant : {2 * used, 2 * used + 1}) {
    const std::int32_t column = column_of_used_[variant];
    if (column < 0) continue;
    simd::Active().predict.shift_bins(bins, columns_[column].shift, n,
                                      tile + column * simd::kTileRows);
  }
}

std::size_t CompiledForest::bytes() const noexcept {
  const std::size_t buckets = used_features_.size() * (sizeof(simd::BucketTable<float>) +
                                                       sizeof(simd::BucketTable<double>));
  return mapper_->bytes() + buckets + splits_.size() * sizeof(simd::FlatSplit) +
         sets_.size() * sizeof(simd::BinSet) + values_.size() * sizeof(double) + numbers_.size();
}

}  // namespace treeline::boosting
