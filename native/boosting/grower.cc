#include "boosting/grower.h"

#include <algorithm>
#include <utility>

namespace treeline::boosting {

namespace {

constexpr double kTinyHessian = 1e-15;  // scikit-learn's guard against a division by zero
constexpr std::int64_t kFeaturesPerTask = 8;

std::int64_t GradientOf(std::int64_t packed) noexcept { return packed >> 32; }
std::int64_t HessianOf(std::int64_t packed) noexcept { return packed & 0xffffffff; }

std::int64_t SumParts(std::span<const std::int64_t* const> parts, std::int64_t index) noexcept {
  std::int64_t sum = 0;
  for (const std::int64_t* part : parts) sum += part[index];
  return sum;
}

}  // namespace

Grower::Grower(const BinnedStore& store, const BinMapper& mapper, std::vector<bool> has_missing,
               const GrowerParams& params, FitTrace& trace)
    : store_(store),
      mapper_(mapper),
      has_missing_(std::move(has_missing)),
      params_(params),
      partition_(store),
      builder_(store),
      trace_(trace) {}

Tree Grower::Grow(const QuantizedGradients& gradients, const Context& ctx) {
  gradients_ = &gradients;
  StartRoot(ctx);
  while (!queue_.empty() && partition_.n_leaves() < params_.max_leaf_nodes) {
    const std::int64_t left = PopBest();
    if (!HasEnoughRows(left, ctx)) continue;
    const std::int64_t right = SplitLeaf(left, ctx);
    if (partition_.n_leaves() < params_.max_leaf_nodes) FindSplitsOfChildren(left, right, ctx);
  }
  return Finish();
}

void Grower::StartRoot(const Context& ctx) {
  partition_.Reset();
  queue_ = {};
  steps_.clear();
  tree_.nodes.assign(1, TreeNode{});
  tree_.sets.clear();
  tree_.nodes[0].count = store_.rows();
  Leaf root;
  root.gradient = gradients_->gradient_sum;
  root.hessian = gradients_->hessian_sum;
  leaves_.assign(1, root);
  const bool has_hessian =
      static_cast<double>(root.hessian) * gradients_->hessian_unit >= params_.min_hessian;
  if (!MayBeSplit(0) || !has_hessian || params_.max_leaf_nodes < 2) return;
  leaves_[0].histogram = TakeHistogram();
  BuildHistogram(0, gradients_->pairs, ctx);
  const StageTimer timer(trace_, Stage::kSplit);
  const auto parts = builder_.parts();
  std::int64_t* histogram = histograms_[leaves_[0].histogram].data();
  std::vector<NodeSplit> found(static_cast<std::size_t>(store_.n_features()));
  ForFeatures(ctx, [&](std::int64_t feature) {
    std::int64_t* bins = histogram + feature * kHistogramBins;
    for (std::int64_t b = 0; b < kHistogramBins; ++b)
      bins[b] = SumParts(parts, feature * kHistogramBins + b);
    found[feature] = FindSplit(feature, bins, nullptr, QueryOf(leaves_[0], feature));
  });
  for (const NodeSplit& split : found) {
    if (IsBetter(split, leaves_[0].split)) leaves_[0].split = split;
  }
  Enqueue(0);
}

/// Sums over a leaf's rows, left in the builder's parts.
void Grower::BuildHistogram(std::int64_t leaf, const GradientPairs& pairs, const Context& ctx) {
  const StageTimer timer(trace_, Stage::kHistogram);
  builder_.Build(partition_, leaf, pairs, ctx);
  trace_.histogram_updates += partition_.count(leaf) * trace_.stored_columns;
}

std::int64_t Grower::PopBest() {
  const std::int64_t leaf = -queue_.top().second;
  queue_.pop();
  return leaf;
}

/// Whether the leaf's best split leaves min_samples_leaf rows on both sides. The histograms do not
/// count rows unless hessians are constant, so a split is checked when its turn comes: by the bound
/// rows >= hessian / largest hessian, else by counting. If it fails, the leaf's rows are counted
/// bin by bin, the best allowed split takes its place in the queue, and the answer is no. Since the
/// rule only lowers gains, the tree is the one that checking everything at once would give.
bool Grower::HasEnoughRows(std::int64_t index, const Context& ctx) {
  Leaf& leaf = leaves_[index];
  if (gradients_->constant_hessian || leaf.has_counted || params_.min_samples_leaf <= 1)
    return true;
  const auto [left_gradient, left_hessian] = LeftSums(leaf);
  const std::int64_t enough = params_.min_samples_leaf * gradients_->max_hessian;
  if (left_hessian >= enough && leaf.hessian - left_hessian >= enough) return true;
  std::int64_t n_left = 0;
  {
    const StageTimer timer(trace_, Stage::kPartition);
    n_left = partition_.CountLeft(index, leaf.split.bins(), ctx);
  }
  const std::int64_t n_right = partition_.count(index) - n_left;
  if (std::min(n_left, n_right) >= params_.min_samples_leaf) return true;
  SearchWithCounts(index, ctx);
  Enqueue(index);
  return false;
}

void Grower::SearchWithCounts(std::int64_t index, const Context& ctx) {
  Leaf& leaf = leaves_[index];
  if (ones_.empty()) {
    ones_ = AlignedBuffer<std::uint32_t>(kChunkRows);
    std::fill(ones_.begin(), ones_.end(), 1);
  }
  const GradientPairs ones(static_cast<std::size_t>(store_.n_chunks()), ones_.data());
  BuildHistogram(index, ones, ctx);
  const StageTimer timer(trace_, Stage::kSplit);
  const auto parts = builder_.parts();
  const std::int64_t* histogram = histograms_[leaf.histogram].data();
  std::vector<NodeSplit> found(static_cast<std::size_t>(store_.n_features()));
  ForFeatures(ctx, [&](std::int64_t feature) {
    std::int64_t counts[kHistogramBins];
    for (std::int64_t b = 0; b < kHistogramBins; ++b)
      counts[b] = SumParts(parts, feature * kHistogramBins + b);
    simd::SplitQuery query = QueryOf(leaf, feature);
    query.n_rows = partition_.count(index);
    query.min_rows = params_.min_samples_leaf;
    found[feature] = FindSplit(feature, histogram + feature * kHistogramBins, counts, query);
  });
  leaf.split = {};
  leaf.has_counted = true;
  for (const NodeSplit& split : found) {
    if (IsBetter(split, leaf.split)) leaf.split = split;
  }
}

/// Splits the rows and the node; the leaf becomes the left child, the index of the right one is
/// returned.
std::int64_t Grower::SplitLeaf(std::int64_t index, const Context& ctx) {
  Leaf& left = leaves_[index];
  const StageTimer timer(trace_, Stage::kPartition);
  NodeSplit split = left.split;
  const auto [left_gradient, left_hessian] = LeftSums(left);
  const std::int64_t n_left = partition_.Split(index, split.bins(), ctx);
  const auto right_index = static_cast<std::int64_t>(leaves_.size());
  const std::int64_t n_right = partition_.count(right_index);
  if (!has_missing_[split.feature]) split.SendMissing(n_left > n_right);  // for rows to predict
  steps_.push_back({index, split.bins()});

  const auto left_node = static_cast<std::int32_t>(tree_.nodes.size());
  TreeNode& parent = tree_.nodes[left.node];
  parent.feature = static_cast<std::int32_t>(split.feature);
  if (split.has_set) {
    parent.set = static_cast<std::int32_t>(tree_.sets.size());
    tree_.sets.push_back(split.set);
  } else {
    parent.threshold = mapper_.UpperBound(split.feature, split.bin);
  }
  parent.missing_left = split.missing_left;
  parent.gain = split.gain;
  parent.left = left_node;
  parent.right = left_node + 1;
  tree_.nodes.resize(tree_.nodes.size() + 2);
  tree_.nodes[left_node].count = n_left;
  tree_.nodes[left_node + 1].count = n_right;

  Leaf right = left;
  right.node = left_node + 1;
  right.gradient = left.gradient - left_gradient;
  right.hessian = left.hessian - left_hessian;
  left.node = left_node;
  left.gradient = left_gradient;
  left.hessian = left_hessian;
  for (Leaf* child : {&left, &right}) {
    ++child->depth;
    child->parent_loss = LossOf(child->gradient, child->hessian);
    child->split = {};
    child->has_counted = false;
  }
  right.histogram = -1;  // the parent's stays with the left child until both are searched
  leaves_.push_back(right);
  return right_index;
}

/// Builds the histograms of the child with fewer rows, makes the sibling's by subtraction and finds
/// the best splits of both: one pass over the features.
void Grower::FindSplitsOfChildren(std::int64_t left_index, std::int64_t right_index,
                                  const Context& ctx) {
  const bool left_may = MayBeSplit(left_index);
  const bool right_may = MayBeSplit(right_index);
  if (!left_may && !right_may) return Release(leaves_[left_index]);
  const bool left_is_small = partition_.count(left_index) < partition_.count(right_index);
  const std::int64_t small_index = left_is_small ? left_index : right_index;
  const std::int64_t large_index = left_is_small ? right_index : left_index;
  BuildHistogram(small_index, gradients_->pairs, ctx);
  const StageTimer timer(trace_, Stage::kSplit);
  const auto parts = builder_.parts();

  const int parent_histogram = leaves_[left_index].histogram;
  const int small_histogram = TakeHistogram();
  Leaf& small = leaves_[small_index];
  Leaf& large = leaves_[large_index];
  small.histogram = small_histogram;
  large.histogram = parent_histogram;
  std::int64_t* small_sums = histograms_[small_histogram].data();
  std::int64_t* large_sums = histograms_[parent_histogram].data();
  const bool small_may = left_is_small ? left_may : right_may;
  const bool large_may = left_is_small ? right_may : left_may;
  std::vector<std::pair<NodeSplit, NodeSplit>> found(static_cast<std::size_t>(store_.n_features()));
  ForFeatures(ctx, [&](std::int64_t feature) {
    std::int64_t* small_bins = small_sums + feature * kHistogramBins;
    std::int64_t* large_bins = large_sums + feature * kHistogramBins;
    for (std::int64_t b = 0; b < kHistogramBins; ++b) {
      const std::int64_t sum = SumParts(parts, feature * kHistogramBins + b);
      small_bins[b] = sum;
      large_bins[b] -= sum;
    }
    if (small_may)
      found[feature].first = FindSplit(feature, small_bins, nullptr, QueryOf(small, feature));
    if (large_may)
      found[feature].second = FindSplit(feature, large_bins, nullptr, QueryOf(large, feature));
  });
  for (const auto& [of_small, of_large] : found) {
    if (IsBetter(of_small, small.split)) small.split = of_small;
    if (IsBetter(of_large, large.split)) large.split = of_large;
  }
  Enqueue(left_index);
  Enqueue(right_index);
}

Tree Grower::Finish() {
  leaf_values_.clear();
  for (Leaf& leaf : leaves_) {
    Release(leaf);
    // A tree that could not split at all predicts 0, as scikit-learn's does.
    const double value = leaves_.size() == 1 ? 0 : ValueOf(leaf);
    tree_.nodes[leaf.node].value = value;
    leaf_values_.push_back(value);
  }
  return std::move(tree_);
}

std::size_t Grower::bytes() const noexcept {
  std::size_t bytes = partition_.bytes() + builder_.bytes() + ones_.bytes();
  for (const Histogram& histogram : histograms_) bytes += histogram.bytes();
  return bytes;
}

/// Whether the rules leave room for two children.
bool Grower::MayBeSplit(std::int64_t leaf) const noexcept {
  return partition_.count(leaf) >= std::max<std::int64_t>(2, 2 * params_.min_samples_leaf) &&
         leaves_[leaf].depth < params_.max_depth;
}

void Grower::Enqueue(std::int64_t index) {
  Leaf& leaf = leaves_[index];
  if (leaf.split.feature < 0) {
    Release(leaf);
  } else {
    queue_.emplace(leaf.split.gain, -index);
  }
}

void Grower::Release(Leaf& leaf) {
  if (leaf.histogram >= 0) free_histograms_.push_back(std::exchange(leaf.histogram, -1));
}

int Grower::TakeHistogram() {
  if (free_histograms_.empty()) {
    histograms_.emplace_back(static_cast<std::size_t>(store_.n_features() * kHistogramBins));
    return static_cast<int>(histograms_.size()) - 1;
  }
  const int index = free_histograms_.back();
  free_histograms_.pop_back();
  return index;
}

simd::SplitQuery Grower::QueryOf(const Leaf& leaf, std::int64_t feature) const noexcept {
  simd::SplitQuery query{};
  query.gradient = static_cast<double>(leaf.gradient) * gradients_->gradient_unit;
  query.hessian = static_cast<double>(leaf.hessian) * gradients_->hessian_unit;
  query.gradient_unit = gradients_->gradient_unit;
  query.hessian_unit = gradients_->hessian_unit;
  query.parent_loss = leaf.parent_loss;
  query.regularization = params_.l2_regularization + kTinyHessian;
  query.min_hessian = params_.min_hessian;
  if (gradients_->constant_hessian) {
    query.min_hessian = std::max(query.min_hessian, static_cast<double>(params_.min_samples_leaf));
  }
  query.min_gain = params_.min_gain;
  query.n_bins = mapper_.n_bins(feature);
  query.has_missing = has_missing_[feature];
  return query;
}

/// Integer gradient and hessian sums of the rows that the leaf's best split sends left.
std::pair<std::int64_t, std::int64_t> Grower::LeftSums(const Leaf& leaf) const noexcept {
  const std::int64_t* bins =
      histograms_[leaf.histogram].data() + leaf.split.feature * kHistogramBins;
  std::int64_t sum = leaf.split.missing_left ? bins[simd::kMissingBin] : 0;
  if (leaf.split.has_set) {
    for (int b = 0; b < simd::kMissingBin; ++b) sum += leaf.split.set.Has(b) ? bins[b] : 0;
  } else {
    for (int b = 0; b <= leaf.split.bin; ++b) sum += bins[b];
  }
  return {GradientOf(sum), HessianOf(sum)};
}

double Grower::LossOf(std::int64_t gradient, std::int64_t hessian) const noexcept {
  const double g = static_cast<double>(gradient) * gradients_->gradient_unit;
  const double h = static_cast<double>(hessian) * gradients_->hessian_unit;
  return g * g / (h + params_.l2_regularization + kTinyHessian);
}

double Grower::ValueOf(const Leaf& leaf) const noexcept {
  const double g = static_cast<double>(leaf.gradient) * gradients_->gradient_unit;
  const double h = static_cast<double>(leaf.hessian) * gradients_->hessian_unit;
  return -g / (h + params_.l2_regularization + kTinyHessian) * params_.learning_rate;
}

/// body(feature) for every feature, a few features a task.
template <typename Body>
void Grower::ForFeatures(const Context& ctx, Body&& body) const {
  const std::int64_t n = store_.n_features();
  ctx.ParallelFor((n + kFeaturesPerTask - 1) / kFeaturesPerTask, [&](std::int64_t task, int) {
    const std::int64_t end = std::min(n, (task + 1) * kFeaturesPerTask);
    for (std::int64_t feature = task * kFeaturesPerTask; feature < end; ++feature) body(feature);
  });
}

}  // namespace treeline::boosting
