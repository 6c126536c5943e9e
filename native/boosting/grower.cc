#include "boosting/grower.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace treeline::boosting {

namespace {

/// Leaves of fewer additions are worked on side by side, a thread each; larger ones by all threads.
constexpr std::int64_t kSmallUpdates = 1'000'000;
/// Most leaves that are split before their turn, a thread.
constexpr std::int64_t kAheadPerThread = 2;
/// Fewest histograms: of a leaf, its child, one that counts rows, and one to spare.
constexpr std::int64_t kFewestHistograms = 4;

std::int64_t GradientOf(std::int64_t packed) noexcept { return packed >> 32; }
std::int64_t HessianOf(std::int64_t packed) noexcept { return packed & 0xffffffff; }

bool Allows(const std::vector<std::uint8_t>& allowed, std::int64_t feature) noexcept {
  return allowed.empty() || allowed[feature] != 0;
}

/// The best splits that one thread has found, on cache lines of their own.
struct alignas(64) Found {
  NodeSplit first, second;
};

/// `n_sums`: of a histogram, all outputs together.
std::int64_t MostHistograms(const GrowerParams& params, std::int64_t n_sums) {
  if (params.histogram_bytes <= 0) return std::numeric_limits<std::int64_t>::max();
  const std::int64_t bytes = n_sums * static_cast<std::int64_t>(sizeof(std::int64_t));
  return std::max(kFewestHistograms, params.histogram_bytes / bytes);
}

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
      columns_(store.layout(), {}),
      partition_(store),
      trace_(trace) {}

Tree Grower::Grow(std::span<const QuantizedGradients> gradients, std::int64_t number,
                  const Context& ctx) {
  gradients_ = gradients;
  most_histograms_ = MostHistograms(params_, n_sums());
  splitter_.BeginTree(gradients, number);
  columns_ = UsedColumns(store_.layout(), splitter_.features_of_tree());
  while (workers_.size() < static_cast<std::size_t>(ctx.n_jobs))
    workers_.push_back(std::make_unique<Worker>(store_));
  StartRoot(ctx);
  while (!queue_.empty() && n_leaves() < params_.max_leaf_nodes) {
    const std::int64_t best = -queue_.top().second;
    if (leaves_[best].children == nullptr) {
      ExpandBest(ctx);
    } else {
      queue_.pop();
      Commit(best);
    }
  }
  return Finish();
}

void Grower::StartRoot(const Context& ctx) {
  partition_.Reset(gradients_[0].rows);
  queue_ = {};
  steps_.clear();
  tree_.nodes.assign(1, TreeNode{});
  tree_.sets.clear();
  tree_.n_values = static_cast<std::int64_t>(gradients_.size());
  tree_.nodes[0].count = partition_.count(0);
  leaves_.clear();
  leaves_.emplace_back();
  Leaf& leaf = leaves_[0];
  leaf.node = splitter_.Root(partition_.count(0));
  const bool has_hessian = splitter_.HessianOf(leaf.node) >= params_.min_hessian;
  if (!MayBeSplit(leaf) || !has_hessian || params_.max_leaf_nodes < 2) return;
  leaf.histogram = TakeHistogram();
  leaf.allowed = splitter_.FeaturesOf(leaf.node);
  std::vector<Found> found(static_cast<std::size_t>(ctx.n_jobs));
  const auto search = [&](std::int64_t column, int slot) {
    SearchColumn(leaf, column, found[slot].first);
  };
  SumUp(0, leaf.histogram, -1, search, workers_[0]->builder, ctx, trace_);
  for (const Found& best : found) KeepBetter(best.first, leaf.split);
  Enqueue(0);
}

/// Carries out the split of the best leaf in the queue, unless it leaves too few rows: then the
/// leaf's rows are counted bin by bin and the best allowed split takes its place in the queue.
/// Since the rule only lowers gains, the tree is the one that checking everything at once would
/// give.
void Grower::ExpandBest(const Context& ctx) {
  const std::vector<std::int64_t> batch = NextLeaves(ctx);
  for (const std::int64_t index : batch) Restore(leaves_[index], ctx);
  if (batch.size() > 1) ExpandTogether(batch, ctx);
  for (const std::int64_t index : batch) leaves_[index].is_at_work = index == batch[0];
  const std::int64_t best = batch[0];
  Leaf& leaf = leaves_[best];
  if (leaf.children != nullptr) return;
  const bool is_last = n_leaves() + 1 >= params_.max_leaf_nodes;
  const int histogram = is_last ? -1 : TakeHistogram();
  workers_[0]->trace = {};
  Expand(leaf, {*workers_[0], partition_.AddLeaves(1), histogram, ctx});
  for (std::size_t stage = 0; stage < trace_.nanoseconds.size(); ++stage)
    trace_.nanoseconds[stage] += workers_[0]->trace.nanoseconds[stage];
  trace_.histogram_updates += workers_[0]->trace.histogram_updates;
  if (leaf.children != nullptr) return;
  if (histogram >= 0) free_histograms_.push_back(histogram);
  queue_.pop();
  SearchWithCounts(leaf, ctx);
  leaf.is_at_work = false;
  Enqueue(best);
}

/// The best leaf of the queue and, where leaves are too small to be shared out, those next to it
/// whose turn will come. Whether it does is not certain, but likely as long as many leaves may
/// still be made. Draws depend on the numbers of nodes, which are not known ahead.
std::vector<std::int64_t> Grower::NextLeaves(const Context& ctx) {
  std::vector<std::int64_t> batch{-queue_.top().second};
  const bool draws = params_.max_features < 1 || params_.extra_trees;
  const std::int64_t most =
      std::min({kAheadPerThread * ctx.n_jobs, (params_.max_leaf_nodes - n_leaves()) / 4,
                most_histograms_ / 2});
  if (ctx.n_jobs == 1 || draws || !IsSmall(leaves_[batch[0]])) return batch;
  std::vector<Ranked> seen;
  for (; static_cast<std::int64_t>(batch.size()) < std::min<std::int64_t>(most, 32);) {
    seen.push_back(queue_.top());
    queue_.pop();
    if (queue_.empty()) break;
    const std::int64_t next = -queue_.top().second;
    if (leaves_[next].children == nullptr && IsSmall(leaves_[next])) batch.push_back(next);
  }
  for (const Ranked& entry : seen) queue_.push(entry);
  return batch;
}

/// Expands leaves side by side, each on one thread. One that would leave too few rows on a side is
/// left alone: its turn will tell.
void Grower::ExpandTogether(const std::vector<std::int64_t>& batch, const Context& ctx) {
  const auto n = static_cast<std::int64_t>(batch.size());
  const std::int64_t first = partition_.AddLeaves(n);
  std::vector<int> histograms;
  for (std::int64_t i = 0; i < n; ++i) histograms.push_back(TakeHistogram());
  for (const auto& worker : workers_) worker->trace = {};
  const Context alone{ctx.pool, 1, ctx.cancel, ctx.progress, ctx.reducer};
  const StageClock clock;
  ctx.ParallelFor(n, [&](std::int64_t i, int slot) {
    Expand(leaves_[batch[i]], {*workers_[slot], first + i, histograms[i], alone});
  });
  std::vector<const FitTrace*> traces;
  for (const auto& worker : workers_) traces.push_back(&worker->trace);
  clock.ShareOut(traces, trace_);
  for (std::int64_t i = 0; i < n; ++i) {
    if (leaves_[batch[i]].children == nullptr) free_histograms_.push_back(histograms[i]);
  }
}

void Grower::SearchWithCounts(Leaf& leaf, const Context& ctx) {
  if (ones_.empty()) {
    ones_ = AlignedBuffer<std::uint32_t>(kChunkRows);
    std::fill(ones_.begin(), ones_.end(), 1);
  }
  const GradientPairs ones(static_cast<std::size_t>(store_.n_chunks()), ones_.data());
  const int counting = TakeHistogram();
  std::vector<Found> found(static_cast<std::size_t>(ctx.n_jobs));
  workers_[0]->builder.Build(
      {columns_, partition_, leaf.rows, ones, histograms_[counting].data(), nullptr},
      [&](std::int64_t column, int slot) {
        SearchColumn(leaf, column, found[slot].first, counting);
      },
      ctx, trace_);
  free_histograms_.push_back(counting);
  leaf.split = {};
  for (const Found& best : found) KeepBetter(best.first, leaf.split);
}

/// Carries out a leaf's split, so that it can be committed: its rows are divided and the best
/// splits of the children found. Without effect if the split leaves too few rows on a side. May run
/// for several leaves at once.
void Grower::Expand(Leaf& leaf, const Means& means) {
  SplitRows(leaf, means);
  if (leaf.children != nullptr && means.histogram >= 0)
    FindSplits(leaf.children->left, leaf.children->right, means);
}

/// Histograms do not count rows unless hessians are constant: whether a split leaves
/// min_samples_leaf rows on both sides is known when it has been carried out.
void Grower::SplitRows(Leaf& leaf, const Means& means) {
  const StageTimer timer(means.worker.trace, Stage::kPartition);
  const std::int64_t n_left =
      partition_.SplitInto(leaf.rows, means.right_rows, leaf.split.bins(), means.ctx);
  const std::int64_t n_right = leaf.node.rows - n_left;
  if (std::min(n_left, n_right) < params_.min_samples_leaf)
    return partition_.Rejoin(leaf.rows, means.right_rows);
  auto children = std::make_unique<Children>();
  Leaf& left = children->left;
  Leaf& right = children->right;
  NodeSplit& split = children->split = leaf.split;
  if (!splitter_.has_missing(split.feature))
    split.SendMissing(n_left > n_right, MissingBin(mapper_.n_bins(split.feature)));  // to predict
  left.rows = leaf.rows;
  right.rows = means.right_rows;
  left.depth = right.depth = leaf.depth + 1;
  left.node = right.node = leaf.node;
  left.node.number = static_cast<std::int32_t>(tree_.nodes.size());  // if it is committed at once
  left.node.rows = n_left;
  right.node.number = left.node.number + 1;
  right.node.rows = n_right;
  for (std::size_t k = 0; k < gradients_.size(); ++k) {
    const auto [gradient, hessian] = LeftSums(leaf, k);
    left.node.output(k).gradient = gradient;
    left.node.output(k).hessian = hessian;
    right.node.output(k).gradient -= gradient;
    right.node.output(k).hessian -= hessian;
  }
  splitter_.Descend(leaf.node, split, left.node, right.node);
  left.histogram = std::exchange(leaf.histogram, -1);  // until both are searched
  leaf.children = std::move(children);
}

/// Builds the histograms of the child with fewer rows, makes the sibling's by subtraction and finds
/// the best splits of both: one pass over the columns.
void Grower::FindSplits(Leaf& left, Leaf& right, const Means& means) {
  const bool left_is_small = left.node.rows < right.node.rows;
  Leaf& small = left_is_small ? left : right;
  Leaf& large = left_is_small ? right : left;
  large.histogram = std::exchange(left.histogram, -1);
  small.histogram = means.histogram;
  const bool small_may = MayBeSplit(small);
  const bool large_may = MayBeSplit(large);
  if (!small_may && !large_may) return;
  small.allowed = splitter_.FeaturesOf(small.node);
  large.allowed = splitter_.FeaturesOf(large.node);
  std::vector<Found> found(static_cast<std::size_t>(means.ctx.n_jobs));
  const auto search = [&](std::int64_t column, int slot) {
    if (small_may) SearchColumn(small, column, found[slot].first);
    if (large_may) SearchColumn(large, column, found[slot].second);
  };
  SumUp(small.rows, small.histogram, large.histogram, search, means.worker.builder, means.ctx,
        means.worker.trace);
  for (const Found& best : found) {
    KeepBetter(best.first, small.split);
    KeepBetter(best.second, large.split);
  }
}

/// Builds the histograms of a leaf of the partition, output by output, in histograms_[sums];
/// histograms_[rest], its parent's, becomes its sibling's (-1: there is none). `then` is called
/// once a column, when the sums of all outputs are there.
void Grower::SumUp(std::int64_t rows, int sums, int rest, const HistogramBuilder::Then& then,
                   HistogramBuilder& builder, const Context& ctx, FitTrace& trace) {
  const HistogramBuilder::Then nothing = [](std::int64_t, int) {};
  for (std::size_t k = 0; k < gradients_.size(); ++k) {
    const std::int64_t at = static_cast<std::int64_t>(k) * store_.layout().n_sums();
    builder.Build({columns_, partition_, rows, gradients_[k].pairs, histograms_[sums].data() + at,
                   rest < 0 ? nullptr : histograms_[rest].data() + at},
                  k + 1 == gradients_.size() ? then : nothing, ctx, trace);
  }
}

/// Gives the tree a split that has been carried out: the leaf becomes the left child, a new leaf
/// the right one.
void Grower::Commit(std::int64_t index) {
  const std::unique_ptr<Children> children = std::move(leaves_[index].children);
  const NodeSplit& split = children->split;
  steps_.push_back({index, split.bins()});
  const auto left_node = static_cast<std::int32_t>(tree_.nodes.size());
  TreeNode& parent = tree_.nodes[leaves_[index].node.number];
  parent.feature = static_cast<std::int32_t>(split.feature);
  if (split.has_set) {
    const std::vector<simd::BinSet>& parts = split.set.parts();
    parent.set = static_cast<std::int32_t>(tree_.sets.size());
    tree_.sets.insert(tree_.sets.end(), parts.begin(), parts.end());
  } else {
    parent.threshold = mapper_.UpperBound(split.feature, split.bin);
  }
  parent.missing_left = split.missing_left;
  parent.gain = split.gain;
  parent.left = left_node;
  parent.right = left_node + 1;
  tree_.nodes.resize(tree_.nodes.size() + 2);
  tree_.nodes[left_node].count = children->left.node.rows;
  tree_.nodes[left_node + 1].count = children->right.node.rows;
  children->left.node.number = left_node;
  children->right.node.number = left_node + 1;
  leaves_[index] = std::move(children->left);
  leaves_.push_back(std::move(children->right));
  Enqueue(index);
  Enqueue(n_leaves() - 1);
}

Tree Grower::Finish() {
  tree_.NumberLeaves();
  std::vector<std::int64_t> rows;
  for (Leaf& leaf : leaves_) {
    rows.push_back(leaf.rows);
    Release(leaf);
    if (leaf.children != nullptr) {  // its turn did not come
      Release(leaf.children->left);
      Release(leaf.children->right);
      partition_.Rejoin(leaf.rows, leaf.children->right.rows);
    }
    // A tree that could not split at all predicts 0, as scikit-learn's does.
    if (leaves_.size() == 1) continue;
    for (std::size_t k = 0; k < gradients_.size(); ++k) {
      tree_.value(leaf.node.number, static_cast<std::int64_t>(k)) =
          leaf.node.output(k).value * params_.learning_rate;
    }
  }
  partition_.Renumber(rows);
  return std::move(tree_);
}

std::size_t Grower::bytes() const noexcept {
  std::size_t bytes = partition_.bytes() + ones_.bytes();
  for (const auto& worker : workers_) bytes += worker->builder.bytes();
  for (const Histogram& histogram : histograms_) bytes += histogram.bytes();
  return bytes;
}

/// Whether the rules leave room for two children.
bool Grower::MayBeSplit(const Leaf& leaf) const noexcept {
  return leaf.node.rows >= std::max<std::int64_t>(2, 2 * params_.min_samples_leaf) &&
         leaf.depth < params_.max_depth;
}

bool Grower::IsSmall(const Leaf& leaf) const noexcept {
  const auto outputs = static_cast<std::int64_t>(gradients_.size());
  return leaf.node.rows * columns_.count() * outputs < kSmallUpdates;
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

/// A histogram that nobody has: beyond most_histograms_ one is taken from a leaf.
int Grower::TakeHistogram() {
  if (free_histograms_.empty() &&
      static_cast<std::int64_t>(histograms_.size()) >= most_histograms_) {
    Evict();
  }
  if (free_histograms_.empty()) {
    histograms_.emplace_back(static_cast<std::size_t>(n_sums()));
    return static_cast<int>(histograms_.size()) - 1;
  }
  const int index = free_histograms_.back();
  free_histograms_.pop_back();
  return index;
}

/// Takes the histogram of the leaf whose turn is the last to come, if there is one to take.
void Grower::Evict() {
  Leaf* last = nullptr;
  const auto consider = [&](Leaf& leaf) {
    if (leaf.histogram < 0 || leaf.is_at_work) return;
    if (last == nullptr || leaf.split.gain < last->split.gain) last = &leaf;
  };
  for (Leaf& leaf : leaves_) {
    consider(leaf);
    if (leaf.children == nullptr) continue;
    consider(leaf.children->left);
    consider(leaf.children->right);
  }
  if (last != nullptr) Release(*last);
}

/// Builds the histogram of a leaf again, if it was taken; it keeps it while it is at work.
void Grower::Restore(Leaf& leaf, const Context& ctx) {
  leaf.is_at_work = true;
  if (leaf.histogram >= 0 || leaf.children != nullptr) return;
  leaf.histogram = TakeHistogram();
  SumUp(leaf.rows, leaf.histogram, -1, [](std::int64_t, int) {}, workers_[0]->builder, ctx, trace_);
}

/// Where the sums of one output and column begin.
const std::int64_t* Grower::ColumnSums(int histogram, std::size_t output,
                                       std::int64_t column) const noexcept {
  const ColumnLayout& layout = store_.layout();
  return histograms_[histogram].data() + static_cast<std::int64_t>(output) * layout.n_sums() +
         layout.first_sum(column);
}

/// Keeps the best split of a leaf on the features of one stored column if it beats `best`. Of equal
/// gains the lower feature's counts, so that those are asked for too; lower gains are not.
/// `counts`: a histogram of ones, if rows are to be counted.
void Grower::SearchColumn(const Leaf& leaf, std::int64_t column, NodeSplit& best,
                          int counts) const {
  const ColumnLayout& layout = store_.layout();
  std::int64_t scratch[kHistogramBins];
  for (const std::int64_t feature : layout.members(column)) {
    if (!Allows(leaf.allowed, feature)) continue;
    const std::int64_t* rows =
        counts < 0 ? nullptr : layout.FeatureSums(feature, ColumnSums(counts, 0, column), scratch);
    const double least_gain = best.feature < 0 ? 0 : std::nextafter(best.gain, 0);
    KeepBetter(SplitOfFeature(leaf, feature, column, rows, least_gain), best);
  }
}

NodeSplit Grower::SplitOfFeature(const Leaf& leaf, std::int64_t feature, std::int64_t column,
                                 const std::int64_t* counts, double least_gain) const {
  const ColumnLayout& layout = store_.layout();
  if (gradients_.size() == 1) {
    std::int64_t scratch[kHistogramBins];
    const std::int64_t* sums =
        layout.FeatureSums(feature, ColumnSums(leaf.histogram, 0, column), scratch);
    return splitter_.Find(leaf.node, feature, sums, counts, least_gain);
  }
  std::vector<std::int64_t> scratch(gradients_.size() * kHistogramBins);
  std::vector<const std::int64_t*> sums;
  for (std::size_t k = 0; k < gradients_.size(); ++k) {
    sums.push_back(layout.FeatureSums(feature, ColumnSums(leaf.histogram, k, column),
                                      scratch.data() + k * kHistogramBins));
  }
  return splitter_.FindForAll(leaf.node, feature, sums, counts);
}

/// Integer gradient and hessian sums of the rows that the leaf's best split sends left.
std::pair<std::int64_t, std::int64_t> Grower::LeftSums(const Leaf& leaf,
                                                       std::size_t output) const noexcept {
  const ColumnLayout& layout = store_.layout();
  std::int64_t scratch[kHistogramBins];
  const std::int64_t* bins = layout.FeatureSums(
      leaf.split.feature,
      ColumnSums(leaf.histogram, output, layout.feature(leaf.split.feature).column), scratch);
  const int n_bins = mapper_.n_bins(leaf.split.feature);
  std::int64_t sum = leaf.split.missing_left ? bins[MissingBin(n_bins)] : 0;
  if (leaf.split.has_set) {
    for (int b = 0; b < n_bins; ++b) sum += leaf.split.set.Has(b) ? bins[b] : 0;
  } else {
    for (int b = 0; b <= leaf.split.bin; ++b) sum += bins[b];
  }
  return {GradientOf(sum), HessianOf(sum)};
}

}  // namespace treeline::boosting
