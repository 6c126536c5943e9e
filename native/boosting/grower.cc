#include "boosting/grower.h"

#include <algorithm>
#include <utility>

namespace treeline::boosting {

namespace {

std::int64_t GradientOf(std::int64_t packed) noexcept { return packed >> 32; }
std::int64_t HessianOf(std::int64_t packed) noexcept { return packed & 0xffffffff; }

bool Allows(const std::vector<std::uint8_t>& allowed, std::int64_t feature) noexcept {
  return allowed.empty() || allowed[feature] != 0;
}

/// The best splits that one thread has found, on cache lines of their own.
struct alignas(64) Found {
  NodeSplit first, second;
};

void KeepBetter(const NodeSplit& candidate, NodeSplit& best) noexcept {
  if (IsBetter(candidate, best)) best = candidate;
}

}  // namespace

Grower::Grower(const BinnedStore& store, const BinMapper& mapper, std::vector<bool> has_missing,
               const GrowerParams& params, FitTrace& trace)
    : store_(store),
      mapper_(mapper),
      params_(params),
      splitter_(mapper, std::move(has_missing), params_),
      partition_(store),
      builder_(store),
      trace_(trace) {}

Tree Grower::Grow(const QuantizedGradients& gradients, std::int64_t number, const Context& ctx) {
  gradients_ = &gradients;
  splitter_.BeginTree(gradients, number);
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
  leaves_.assign(1, {});
  Leaf& leaf = leaves_[0];
  leaf.node = splitter_.Root(store_.rows());
  const bool has_hessian =
      static_cast<double>(leaf.node.hessian) * gradients_->hessian_unit >= params_.min_hessian;
  if (!MayBeSplit(0) || !has_hessian || params_.max_leaf_nodes < 2) return;
  leaf.histogram = TakeHistogram();
  leaf.allowed = splitter_.FeaturesOf(leaf.node);
  const Histogram& histogram = histograms_[leaf.histogram];
  std::vector<Found> found(static_cast<std::size_t>(ctx.n_jobs));
  builder_.Build(
      {partition_, 0, gradients_->pairs, histograms_[leaf.histogram].data(), nullptr},
      [&](std::int64_t column, int slot) {
        KeepBetter(SplitOfColumn(leaf, column, histogram), found[slot].first);
      },
      ctx, trace_);
  for (const Found& best : found) KeepBetter(best.first, leaf.split);
  Enqueue(0);
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
  if (left_hessian >= enough && leaf.node.hessian - left_hessian >= enough) return true;
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
  const int counting = TakeHistogram();
  const Histogram& counts = histograms_[counting];
  const Histogram& histogram = histograms_[leaf.histogram];
  std::vector<Found> found(static_cast<std::size_t>(ctx.n_jobs));
  builder_.Build(
      {partition_, index, ones, histograms_[counting].data(), nullptr},
      [&](std::int64_t column, int slot) {
        const std::int64_t at = store_.layout().first_sum(column);
        std::int64_t sums_scratch[kHistogramBins], counts_scratch[kHistogramBins];
        for (const std::int64_t feature : store_.layout().members(column)) {
          if (!Allows(leaf.allowed, feature)) continue;
          const auto* sums =
              store_.layout().FeatureSums(feature, histogram.data() + at, sums_scratch);
          const auto* rows =
              store_.layout().FeatureSums(feature, counts.data() + at, counts_scratch);
          KeepBetter(splitter_.Find(leaf.node, feature, sums, rows), found[slot].first);
        }
      },
      ctx, trace_);
  free_histograms_.push_back(counting);
  leaf.split = {};
  leaf.has_counted = true;
  for (const Found& best : found) KeepBetter(best.first, leaf.split);
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
  if (!splitter_.has_missing(split.feature))
    split.SendMissing(n_left > n_right);  // for rows to predict
  steps_.push_back({index, split.bins()});

  const auto left_node = static_cast<std::int32_t>(tree_.nodes.size());
  TreeNode& parent = tree_.nodes[left.node.number];
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

  const SplitNode above = left.node;
  Leaf right = left;
  right.node.number = left_node + 1;
  right.node.gradient = above.gradient - left_gradient;
  right.node.hessian = above.hessian - left_hessian;
  right.node.rows = n_right;
  left.node.number = left_node;
  left.node.gradient = left_gradient;
  left.node.hessian = left_hessian;
  left.node.rows = n_left;
  splitter_.Descend(above, split, left.node, right.node);
  for (Leaf* child : {&left, &right}) {
    ++child->depth;
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
  const int parent_histogram = leaves_[left_index].histogram;
  const int small_histogram = TakeHistogram();
  Leaf& small = leaves_[small_index];
  Leaf& large = leaves_[large_index];
  small.histogram = small_histogram;
  large.histogram = parent_histogram;
  small.allowed = splitter_.FeaturesOf(small.node);
  large.allowed = splitter_.FeaturesOf(large.node);
  const Histogram& small_sums = histograms_[small_histogram];
  const Histogram& large_sums = histograms_[parent_histogram];
  const bool small_may = left_is_small ? left_may : right_may;
  const bool large_may = left_is_small ? right_may : left_may;
  std::vector<Found> found(static_cast<std::size_t>(ctx.n_jobs));
  builder_.Build(
      {partition_, small_index, gradients_->pairs, histograms_[small_histogram].data(),
       histograms_[parent_histogram].data()},
      [&](std::int64_t column, int slot) {
        if (small_may) KeepBetter(SplitOfColumn(small, column, small_sums), found[slot].first);
        if (large_may) KeepBetter(SplitOfColumn(large, column, large_sums), found[slot].second);
      },
      ctx, trace_);
  for (const Found& best : found) {
    KeepBetter(best.first, small.split);
    KeepBetter(best.second, large.split);
  }
  Enqueue(left_index);
  Enqueue(right_index);
}

Tree Grower::Finish() {
  leaf_values_.clear();
  for (Leaf& leaf : leaves_) {
    Release(leaf);
    // A tree that could not split at all predicts 0, as scikit-learn's does.
    const double value = leaves_.size() == 1 ? 0 : leaf.node.value * params_.learning_rate;
    tree_.nodes[leaf.node.number].value = value;
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
    histograms_.emplace_back(static_cast<std::size_t>(store_.layout().n_sums()));
    return static_cast<int>(histograms_.size()) - 1;
  }
  const int index = free_histograms_.back();
  free_histograms_.pop_back();
  return index;
}

/// The best split of a leaf on the features of one stored column.
NodeSplit Grower::SplitOfColumn(const Leaf& leaf, std::int64_t column,
                                const Histogram& histogram) const {
  const ColumnLayout& layout = store_.layout();
  std::int64_t scratch[kHistogramBins];
  NodeSplit best;
  for (const std::int64_t feature : layout.members(column)) {
    if (!Allows(leaf.allowed, feature)) continue;
    const std::int64_t* sums =
        layout.FeatureSums(feature, histogram.data() + layout.first_sum(column), scratch);
    KeepBetter(splitter_.Find(leaf.node, feature, sums, nullptr), best);
  }
  return best;
}

/// Integer gradient and hessian sums of the rows that the leaf's best split sends left.
std::pair<std::int64_t, std::int64_t> Grower::LeftSums(const Leaf& leaf) const noexcept {
  const ColumnLayout& layout = store_.layout();
  const std::int64_t at = layout.first_sum(layout.feature(leaf.split.feature).column);
  std::int64_t scratch[kHistogramBins];
  const std::int64_t* bins =
      layout.FeatureSums(leaf.split.feature, histograms_[leaf.histogram].data() + at, scratch);
  std::int64_t sum = leaf.split.missing_left ? bins[simd::kMissingBin] : 0;
  if (leaf.split.has_set) {
    const int n_bins = mapper_.n_bins(leaf.split.feature);
    for (int b = 0; b < n_bins; ++b) sum += leaf.split.set.Has(b) ? bins[b] : 0;
  } else {
    for (int b = 0; b <= leaf.split.bin; ++b) sum += bins[b];
  }
  return {GradientOf(sum), HessianOf(sum)};
}

}  // namespace treeline::boosting
