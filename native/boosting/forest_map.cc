#include "boosting/forest_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "simd/kernels.h"

namespace treeline::boosting {

namespace {

constexpr std::int64_t kTileRows = 1024;
constexpr std::size_t kMaxThresholds = 255;  // bins 0 … 254 and the missing one
constexpr std::size_t kMaxCompiledNodes = 2048;

/// The value of the leaf that a row of doubles, one a used feature and `stride` apart, reaches; of
/// categorical features they are bins.
double WalkTree(const Tree& tree, const std::vector<std::int32_t>& column_of_feature,
                const double* row, std::int64_t stride) noexcept {
  const TreeNode* node = &tree.nodes[0];
  while (node->feature >= 0) {
    const double x = row[column_of_feature[node->feature] * stride];
    const bool left = node->set >= 0  ? tree.sets[node->set].Has(static_cast<int>(x))
                      : std::isnan(x) ? node->missing_left
                                      : x <= node->threshold;
    node = &tree.nodes[left ? node->left : node->right];
  }
  return node->value;
}

}  // namespace

/// Of one thread: a tile of rows.
struct ForestMap::Scratch {
  AlignedBuffer<double>
      strip;  // kTileRows values of one feature, or of all used ones when trees are walked
  AlignedBuffer<std::uint8_t> bins;  // kTileRows bins per used feature
  AlignedBuffer<std::uint64_t> masks;
  AlignedBuffer<double> scores;  // kTileRows per raw output
  AlignedBuffer<double> rows;    // the tile's result, row-major
};

ForestMap::ForestMap(std::shared_ptr<const Model> model, LossKind loss, ForestOutput output,
                     std::int64_t first, std::int64_t last)
    : model_(std::move(model)), loss_(loss), output_(output), first_(first), last_(last) {
  Compile();
}

std::int64_t ForestMap::n_outputs() const noexcept {
  return output_ == ForestOutput::kResponse && loss_ == LossKind::kLogLoss ? 2 : model_->n_outputs;
}

/// Collects the thresholds of every feature and turns the trees into tests of bins, unless there
/// are too many thresholds for bytes, or too many nodes.
void ForestMap::Compile() {
  std::vector<std::vector<double>> by_feature(static_cast<std::size_t>(model_->n_features));
  std::vector<bool> is_used(by_feature.size());
  for (std::int64_t t = first_ * model_->n_outputs; t < last_ * model_->n_outputs; ++t) {
    walks_ = walks_ || model_->trees[t].nodes.size() > kMaxCompiledNodes;
    for (const TreeNode& node : model_->trees[t].nodes) {
      if (node.feature < 0) continue;
      is_used[node.feature] = true;
      if (node.set < 0) by_feature[node.feature].push_back(node.threshold);
    }
  }
  std::vector<Categories> categories;
  column_of_feature_.assign(by_feature.size(), -1);
  for (std::size_t feature = 0; feature < by_feature.size(); ++feature) {
    if (!is_used[feature]) continue;
    std::vector<double>& thresholds = by_feature[feature];
    std::sort(thresholds.begin(), thresholds.end());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    const bool ends_in_infinity = !thresholds.empty() && std::isinf(thresholds.back());
    walks_ = walks_ || thresholds.size() > kMaxThresholds - (ends_in_infinity ? 0 : 1);
    column_of_feature_[feature] = static_cast<std::int32_t>(used_features_.size());
    used_features_.push_back(static_cast<std::int64_t>(feature));
    thresholds_.push_back(std::move(thresholds));
    if (!model_->categories.empty()) categories.push_back(model_->categories[feature]);
  }
  if (walks_) {
    const std::vector<std::vector<double>> none(thresholds_.size());
    mapper_ = std::make_unique<const BinMapper>(none, std::move(categories));
    return;
  }
  mapper_ = std::make_unique<const BinMapper>(thresholds_, std::move(categories));
  for (std::int64_t t = first_ * model_->n_outputs; t < last_ * model_->n_outputs; ++t)
    compiled_.push_back(CompileTree(model_->trees[t]));
}

/// Inner nodes first, in the tree's order (parents before children), then leaves.
ForestMap::CompiledTree ForestMap::CompileTree(const Tree& tree) const {
  CompiledTree compiled;
  compiled.sets = tree.sets.empty() ? nullptr : tree.sets.data();
  std::vector<std::uint32_t> number(tree.nodes.size());
  std::uint32_t n_splits = 0;
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (tree.nodes[i].feature >= 0) number[i] = n_splits++;
  }
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (tree.nodes[i].feature >= 0) continue;
    number[i] = n_splits + static_cast<std::uint32_t>(compiled.values.size());
    compiled.values.push_back(tree.nodes[i].value);
  }
  for (const TreeNode& node : tree.nodes) {
    if (node.feature < 0) continue;
    const std::int32_t column = column_of_feature_[node.feature];
    const std::vector<double>& thresholds = thresholds_[column];
    const auto rank =
        std::lower_bound(thresholds.begin(), thresholds.end(), node.threshold) - thresholds.begin();
    const auto shift = static_cast<std::uint8_t>(node.missing_left);
    compiled.splits.push_back({column, number[node.left], number[node.right], node.set, shift,
                               static_cast<std::uint8_t>(rank + shift)});
  }
  return compiled;
}

void ForestMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTiles(block, out, ctx);
}
void ForestMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTiles(block, out, ctx);
}

template <typename Out>
void ForestMap::ApplyTiles(const Block& block, Out* out, const Context& ctx) const {
  std::vector<Scratch> scratch(static_cast<std::size_t>(ctx.n_jobs));
  const std::int64_t width = n_outputs();
  ctx.ParallelFor((block.rows + kTileRows - 1) / kTileRows, [&](std::int64_t task, int slot) {
    const std::int64_t begin = task * kTileRows;
    const std::int64_t count = std::min(kTileRows, block.rows - begin);
    ScoreTile(block, begin, count, scratch[slot]);
    std::copy_n(scratch[slot].rows.data(), count * width, out + begin * width);
  });
}

/// Leaves the tile's result in scratch.rows.
void ForestMap::ScoreTile(const Block& block, std::int64_t begin, std::int64_t count,
                          Scratch& scratch) const {
  const std::int64_t n_raw = model_->n_outputs;
  if (scratch.scores.empty()) {
    const auto n_used = static_cast<std::int64_t>(used_features_.size());
    scratch.strip =
        AlignedBuffer<double>(static_cast<std::size_t>(kTileRows * (walks_ ? n_used + 1 : 1)));
    scratch.bins = AlignedBuffer<std::uint8_t>(static_cast<std::size_t>(kTileRows * n_used));
    scratch.masks = AlignedBuffer<std::uint64_t>(kMaxCompiledNodes);
    scratch.scores = AlignedBuffer<double>(static_cast<std::size_t>(kTileRows * n_raw));
    scratch.rows = AlignedBuffer<double>(
        static_cast<std::size_t>(kTileRows * std::max<std::int64_t>(2, n_raw) * 2));
  }
  for (std::int64_t k = 0; k < n_raw; ++k) {
    std::fill_n(scratch.scores.data() + k * kTileRows, kTileRows,
                first_ == 0 ? model_->baseline[k] : 0.0);
  }
  if (walks_) {
    WalkTile(block, begin, count, scratch);
  } else {
    if (FitsFloat(block)) {
      BinTile(block, begin, count, reinterpret_cast<float*>(scratch.strip.data()), scratch);
    } else {
      BinTile(block, begin, count, scratch.strip.data(), scratch);
    }
    for (std::size_t t = 0; t < compiled_.size(); ++t) {
      const CompiledTree& tree = compiled_[t];
      const simd::FlatTree flat{tree.splits.data(), tree.values.data(), tree.sets,
                                static_cast<std::int32_t>(tree.splits.size()),
                                static_cast<std::int32_t>(tree.values.size())};
      simd::Active().predict.add_tree(
          flat, scratch.bins.data(), kTileRows, (count + 63) / 64, scratch.masks.data(),
          scratch.scores.data() + static_cast<std::int64_t>(t) % n_raw * kTileRows);
    }
  }
  const bool is_raw = output_ == ForestOutput::kRaw;
  double* raw = is_raw ? scratch.rows.data()
                       : scratch.rows.data() + kTileRows * std::max<std::int64_t>(2, n_raw);
  for (std::int64_t k = 0; k < n_raw; ++k) {
    const double* scores = scratch.scores.data() + k * kTileRows;
    for (std::int64_t i = 0; i < count; ++i) raw[i * n_raw + k] = scores[i];
  }
  if (!is_raw) RawToResponse(loss_, raw, count, n_raw, scratch.rows.data());
}

template <typename T>
void ForestMap::BinTile(const Block& block, std::int64_t begin, std::int64_t count, T* strip,
                        Scratch& scratch) const {
  for (std::size_t column = 0; column < used_features_.size(); ++column) {
    std::uint8_t* bins = scratch.bins.data() + static_cast<std::int64_t>(column) * kTileRows;
    ReadColumn(block.columns[used_features_[column]], begin, count, strip);
    mapper_->Bin(static_cast<std::int64_t>(column), strip, count, bins);
    std::fill(bins + count, bins + (count + 63) / 64 * 64, std::uint8_t{0});
  }
}

void ForestMap::WalkTile(const Block& block, std::int64_t begin, std::int64_t count,
                         Scratch& scratch) const {
  for (std::size_t column = 0; column < used_features_.size(); ++column) {
    double* strip = scratch.strip.data() + static_cast<std::int64_t>(column) * kTileRows;
    ReadColumn(block.columns[used_features_[column]], begin, count, strip);
    if (!mapper_->is_categorical(static_cast<std::int64_t>(column))) continue;
    mapper_->Bin(static_cast<std::int64_t>(column), strip, count, scratch.bins.data());
    std::copy_n(scratch.bins.data(), count, strip);
  }
  for (std::int64_t t = first_ * model_->n_outputs; t < last_ * model_->n_outputs; ++t) {
    double* scores = scratch.scores.data() + t % model_->n_outputs * kTileRows;
    for (std::int64_t i = 0; i < count; ++i) {
      scores[i] +=
          WalkTree(model_->trees[t], column_of_feature_, scratch.strip.data() + i, kTileRows);
    }
  }
}

std::size_t ForestMap::bytes() const noexcept {
  std::size_t bytes = mapper_->bytes();
  for (const CompiledTree& tree : compiled_) {
    bytes += tree.splits.size() * sizeof(simd::FlatSplit) + tree.values.size() * sizeof(double);
  }
  return bytes;
}

}  // namespace treeline::boosting
