#include "boosting/shap_map.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "boosting/quadrature.h"
#include "boosting/walked_forest.h"
#include "core/error.h"
#include "simd/kernels.h"

namespace treeline::boosting {

namespace {

using simd::kShapRows;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr simd::BinSet kAllBins = [] {
  simd::BinSet all;
  for (std::uint8_t& byte : all.bytes) byte = 0xff;
  return all;
}();

/// The share of a node's training rows that a child got; half where nobody knows.
double ShareOf(const TreeNode& parent, const TreeNode& child) noexcept {
  return parent.count > 0 ? static_cast<double>(child.count) / static_cast<double>(parent.count)
                          : 0.5;
}

/// Place of a pair j < i among the pairs of the used features.
std::int64_t PairOf(std::int64_t i, std::int64_t j) noexcept {
  return i > j ? i * (i - 1) / 2 + j : j * (j - 1) / 2 + i;
}

}  // namespace

/// Of one thread: a tile of rows.
struct ShapMap::Scratch {
  explicit Scratch(const ShapMap& map) {
    const auto n_used = map.used_features_.size();
    const auto n_outputs = static_cast<std::size_t>(map.model_->n_outputs);
    constexpr auto kRows = static_cast<std::size_t>(kShapRows);
    const auto longest = static_cast<std::size_t>(map.longest_);
    tile.resize(n_used * kRows);
    bins.resize(kRows);
    values.resize(n_outputs * n_used * kRows);
    if (map.interactions_ && n_used > 0)
      pairs.resize(n_outputs * (n_used * (n_used - 1) / 2) * kRows);
    ones.resize(longest * kRows);
    sums.resize((longest / 2 + 2) * kRows);
    targets.resize(longest * (longest + 1) / 2);
  }

  std::vector<double> tile;         // used feature by used feature
  std::vector<std::uint16_t> bins;  // of one categorical feature
  std::vector<double> values;       // output by output, used feature by used feature
  std::vector<double> pairs;        // output by output, pair by pair
  std::vector<double> ones, sums;   // of one path
  std::vector<double*> targets;     // of one path
};

ShapMap::ShapMap(std::shared_ptr<const Model> model, bool interactions)
    : model_(std::move(model)),
      interactions_(interactions),
      used_features_(UsedFeatures(*model_, 0, model_->n_iterations())),
      used_of_feature_(static_cast<std::size_t>(model_->n_features), -1),
      means_(model_->baseline) {
  if (model_->has_linear_leaves) {
    throw Error(ErrorCode::kInvalidArgument,
                "Shapley values are not defined for trees with linear leaves (linearTree)");
  }
  for (std::size_t used = 0; used < used_features_.size(); ++used)
    used_of_feature_[used_features_[used]] = static_cast<std::int32_t>(used);
  mapper_ =
      std::make_unique<const BinMapper>(std::vector<std::vector<double>>(used_features_.size()),
                                        CategoriesOf(*model_, used_features_));
  for (std::size_t t = 0; t < model_->trees.size(); ++t) {
    AddTree(model_->trees[t],
            static_cast<std::int32_t>(model_->output_of(static_cast<std::int64_t>(t))));
  }
  const auto n_rules = static_cast<std::size_t>(longest_ / 2) + 2;
  nodes_.resize(n_rules);
  weights_.resize(n_rules);
  for (std::size_t n = 1; n < n_rules; ++n)
    GaussLegendre(static_cast<int>(n), nodes_[n], weights_[n]);
}

void ShapMap::AddTree(const Tree& tree, std::int32_t output) {
  std::vector<std::int32_t> parent(tree.nodes.size(), -1);
  std::vector<std::int32_t> path;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(tree.nodes.size()); ++i) {
    const TreeNode& node = tree.nodes[i];
    if (node.feature >= 0) {
      parent[node.left] = i;
      parent[node.right] = i;
      continue;
    }
    path.clear();
    for (std::int32_t at = i; at >= 0; at = parent[at]) path.push_back(at);
    std::reverse(path.begin(), path.end());
    AddPath(tree, path, output);
  }
}

/// `nodes`: from the root to a leaf. A path an output that the leaf has a value of.
void ShapMap::AddPath(const Tree& tree, const std::vector<std::int32_t>& nodes,
                      std::int32_t output) {
  Path path{0, static_cast<std::int64_t>(features_.size()), 0, output};
  double share_of_all = 1;
  for (std::size_t depth = 0; depth + 1 < nodes.size(); ++depth) {
    const TreeNode& node = tree.nodes[nodes[depth]];
    const std::int32_t used = used_of_feature_[node.feature];
    const auto begin = features_.begin() + path.first;
    const auto same =
        std::find_if(begin, features_.end(), [&](const PathFeature& f) { return f.used == used; });
    const auto at = static_cast<std::size_t>(same - features_.begin());
    if (same == features_.end()) {
      features_.push_back({used, kNaN, kInfinity, true});
      shares_.push_back(1);
      ++path.n_features;
    }
    const double share = ShareOf(node, tree.nodes[nodes[depth + 1]]);
    shares_[at] *= share;
    share_of_all *= share;
    Narrow(tree, node, node.left == nodes[depth + 1], features_[at]);
  }
  longest_ = std::max(longest_, path.n_features);
  for (std::int64_t k = 0; k < tree.n_values; ++k, ++path.output) {
    path.value = tree.value(nodes.back(), k);
    means_[path.output] += share_of_all * path.value;
    if (path.n_features > 0) paths_.push_back(path);
  }
}

/// Leaves those of the feature's values on the path that a split sends to one side.
void ShapMap::Narrow(const Tree& tree, const TreeNode& node, bool left, PathFeature& feature) {
  if (node.set >= 0) {
    const int parts = SetParts(mapper_->n_bins(feature.used));
    if (feature.set < 0) {
      feature.set = static_cast<std::int32_t>(sets_.size());
      sets_.resize(sets_.size() + static_cast<std::size_t>(parts), kAllBins);
    }
    for (int part = 0; part < parts; ++part) {
      const simd::BinSet& set = tree.sets[node.set + part];
      for (int i = 0; i < 32; ++i)
        sets_[feature.set + part].bytes[i] &= left ? set.bytes[i] : ~set.bytes[i];
    }
    return;
  }
  if (left) {
    feature.hi = std::min(feature.hi, node.threshold);
  } else if (!(feature.lo >= node.threshold)) {
    feature.lo = node.threshold;
  }
  feature.with_missing = feature.with_missing && left == node.missing_left;
}

std::int64_t ShapMap::n_outputs() const noexcept {
  const std::int64_t n = model_->n_features + 1;
  return model_->n_outputs * (interactions_ ? n * n : n);
}

void ShapMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTiles(block, out, ctx);
}
void ShapMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTiles(block, out, ctx);
}

template <typename Out>
void ShapMap::ApplyTiles(const Block& block, Out* out, const Context& ctx) const {
  std::vector<std::unique_ptr<Scratch>> scratch(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor((block.rows + kShapRows - 1) / kShapRows, [&](std::int64_t task, int slot) {
    if (!scratch[slot]) scratch[slot] = std::make_unique<Scratch>(*this);
    Scratch& mine = *scratch[slot];
    const std::int64_t begin = task * kShapRows;
    const std::int64_t count = std::min(kShapRows, block.rows - begin);
    ReadTile(block, begin, count, mine);
    AddPaths(count, mine);
    Out* to = out + begin * n_outputs();
    std::fill_n(to, count * n_outputs(), Out{0});
    if (interactions_) {
      WriteInteractions(count, mine, to);
    } else {
      WriteValues(count, mine, to);
    }
  });
}

/// Values of the used features, bins of those that are categorical.
void ShapMap::ReadTile(const Block& block, std::int64_t begin, std::int64_t count,
                       Scratch& scratch) const {
  for (std::size_t used = 0; used < used_features_.size(); ++used) {
    double* x = scratch.tile.data() + static_cast<std::int64_t>(used) * kShapRows;
    ReadColumn(block.columns[used_features_[used]], begin, count, x);
    if (!mapper_->is_categorical(static_cast<std::int64_t>(used))) continue;
    mapper_->Bin(static_cast<std::int64_t>(used), x, count, scratch.bins.data());
    std::copy_n(scratch.bins.data(), count, x);
  }
}

/// Sums over all paths, in their order.
void ShapMap::AddPaths(std::int64_t count, Scratch& scratch) const {
  const simd::ShapKernels& kernels = simd::Active().shap;
  const auto n_used = static_cast<std::int64_t>(used_features_.size());
  const std::int64_t n_pairs = n_used * (n_used - 1) / 2;
  std::fill(scratch.values.begin(), scratch.values.end(), 0.0);
  std::fill(scratch.pairs.begin(), scratch.pairs.end(), 0.0);
  for (const Path& path : paths_) {
    const PathFeature* features = features_.data() + path.first;
    for (std::int32_t i = 0; i < path.n_features; ++i) {
      const PathFeature& feature = features[i];
      const double* x = scratch.tile.data() + feature.used * kShapRows;
      double* ones = scratch.ones.data() + i * kShapRows;
      if (feature.set < 0) {
        kernels.mark_interval(x, count, feature.lo, feature.hi, feature.with_missing, ones);
      } else {
        const simd::BinSet* set = sets_.data() + feature.set;
        for (std::int64_t r = 0; r < count; ++r)
          ones[r] = HasBin(set, static_cast<int>(x[r])) ? 1 : 0;
      }
    }
    const std::int32_t n_nodes = (path.n_features + 1) / 2;
    const simd::ShapPath shap{path.value, shares_.data() + path.first, path.n_features,
                              n_nodes,    nodes_[n_nodes].data(),      weights_[n_nodes].data()};
    double* values = scratch.values.data() + path.output * n_used * kShapRows;
    for (std::int32_t i = 0; i < path.n_features; ++i)
      scratch.targets[i] = values + features[i].used * kShapRows;
    kernels.add_values(shap, scratch.ones.data(), count, scratch.sums.data(),
                       scratch.targets.data());
    if (!interactions_) continue;
    double* pairs = scratch.pairs.data() + path.output * n_pairs * kShapRows;
    for (std::int32_t i = 0; i < path.n_features; ++i) {
      for (std::int32_t j = 0; j < i; ++j) {
        scratch.targets[i * (i - 1) / 2 + j] =
            pairs + PairOf(features[i].used, features[j].used) * kShapRows;
      }
    }
    kernels.add_interactions(shap, scratch.ones.data(), count, scratch.sums.data(),
                             scratch.targets.data());
  }
}

template <typename Out>
void ShapMap::WriteValues(std::int64_t count, const Scratch& scratch, Out* out) const {
  const auto n_used = static_cast<std::int64_t>(used_features_.size());
  const std::int64_t width = model_->n_features + 1;
  for (std::int64_t k = 0; k < model_->n_outputs; ++k) {
    for (std::int64_t used = 0; used < n_used; ++used) {
      const double* values = scratch.values.data() + (k * n_used + used) * kShapRows;
      Out* to = out + k * width + used_features_[used];
      for (std::int64_t r = 0; r < count; ++r) to[r * n_outputs()] = static_cast<Out>(values[r]);
    }
    for (std::int64_t r = 0; r < count; ++r)
      out[r * n_outputs() + k * width + width - 1] = static_cast<Out>(means_[k]);
  }
}

/// Off the diagonal half of each interaction on either side, on it what is left of the feature's
/// value.
template <typename Out>
void ShapMap::WriteInteractions(std::int64_t count, const Scratch& scratch, Out* out) const {
  const auto n_used = static_cast<std::int64_t>(used_features_.size());
  const std::int64_t n_pairs = n_used * (n_used - 1) / 2;
  const std::int64_t width = model_->n_features + 1;
  for (std::int64_t r = 0; r < count; ++r) {
    for (std::int64_t k = 0; k < model_->n_outputs; ++k) {
      Out* matrix = out + r * n_outputs() + k * width * width;
      for (std::int64_t i = 0; i < n_used; ++i) {
        double own = scratch.values[(k * n_used + i) * kShapRows + r];
        for (std::int64_t j = 0; j < n_used; ++j) {
          if (i == j) continue;
          const double half = scratch.pairs[(k * n_pairs + PairOf(i, j)) * kShapRows + r] / 2;
          own -= half;
          matrix[used_features_[i] * width + used_features_[j]] = static_cast<Out>(half);
        }
        matrix[used_features_[i] * width + used_features_[i]] = static_cast<Out>(own);
      }
      matrix[width * width - 1] = static_cast<Out>(means_[k]);
    }
  }
}

std::size_t ShapMap::bytes() const noexcept {
  return paths_.size() * sizeof(Path) + features_.size() * (sizeof(PathFeature) + sizeof(double)) +
         sets_.size() * sizeof(simd::BinSet);
}

}  // namespace treeline::boosting
