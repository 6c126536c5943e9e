#include "forest/tree_grower.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "core/random.h"
#include "forest/node_totals.h"

namespace treeline::forest {

namespace {

constexpr std::int64_t kSharedCells = 40'000;  // of a node that threads share out
constexpr std::int64_t kKeptRows = 2'048;      // of a node whose histograms are worth keeping
constexpr std::int64_t kKeptBytes = 64 * 1024 * 1024;  // of all histograms that wait, about
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Histograms of a node, of the features that it or its parent looked at.
struct KeptHistograms {
  AlignedBuffer<std::int32_t> sums;
  std::vector<std::uint8_t> has;  // of every feature
};

/// A node that waits to be split.
struct Waiting {
  std::int64_t begin = 0, end = 0;
  std::int64_t depth = 0;
  std::int32_t parent = -1;
  bool is_left = false;
  NodeTotals totals;
  std::vector<std::uint8_t> constant;  // features known to be; empty: none
  std::unique_ptr<KeptHistograms> kept;
  double lower_bound = -kInfinity, upper_bound = kInfinity;
};

struct Expanded {
  bool is_leaf = true;
  SplitCandidate split;
  double decrease = 0;
  Waiting left, right;
};

template <typename T>
class Growth {
 public:
  Growth(const BinTable& table, const TreeProblem& problem, const TreeParams& params,
         const Context& ctx, TreeSample sample, std::uint64_t seed, double weight)
      : table_(table),
        problem_(problem),
        params_(params),
        ctx_(ctx),
        sample_(std::move(sample)),
        seed_(seed),
        weight_(weight),
        search_(table, problem, params, sample_.class_weights,
                params.min_weight_fraction_leaf * weight),
        summer_(problem, params, sample_, search_.layout()),
        other_(sample_.entries.size()),
        scratch_(static_cast<std::size_t>(ctx.n_jobs)),
        order_(static_cast<std::size_t>(table.n_features())) {
    for (std::size_t f = 0; f < order_.size(); ++f) order_[f] = static_cast<std::int32_t>(f);
    std::int64_t at = 0;
    for (std::int64_t f = 0; f < table.n_features(); ++f) {
      first_sum_.push_back(at);
      at += search_.HistogramSize(f);
    }
    first_sum_.push_back(at);
    if (problem.n_classes == 0)
      stats_ = AlignedBuffer<double>(sample_.entries.size() *
                                     static_cast<std::size_t>(search_.layout().width()));
  }

  TreeNodes Run() {
    Waiting root;
    root.end = static_cast<std::int64_t>(sample_.entries.size());
    root.totals = summer_.Sum(EntriesOf(root));
    if (params_.max_leaf_nodes > 0) {
      BestFirst(std::move(root));
    } else {
      DepthFirst(std::move(root));
    }
    return std::move(nodes_);
  }

 private:
  std::span<const Entry> EntriesOf(const Waiting& node) const noexcept {
    return std::span(sample_.entries)
        .subspan(static_cast<std::size_t>(node.begin),
                 static_cast<std::size_t>(node.end - node.begin));
  }

  void DepthFirst(Waiting root) {
    std::vector<Waiting> stack;
    stack.push_back(std::move(root));
    while (!stack.empty()) {
      ctx_.cancel.ThrowIfCancelled();
      Waiting node = std::move(stack.back());
      stack.pop_back();
      Expanded expanded = Expand(node);
      const std::int32_t id = Add(node, expanded);
      if (expanded.is_leaf) continue;
      expanded.left.parent = expanded.right.parent = id;
      stack.push_back(std::move(expanded.right));
      stack.push_back(std::move(expanded.left));
    }
  }

  struct Frontier {
    double decrease;
    std::int32_t id;
    Expanded expanded;
  };

  /// The order of equal decreases is that of a heap, as scikit-learn's.
  void BestFirst(Waiting root) {
    const auto is_less = [](const Frontier& a, const Frontier& b) {
      return a.decrease < b.decrease;
    };
    std::vector<Frontier> frontier;
    const auto push = [&](Waiting node) {
      ctx_.cancel.ThrowIfCancelled();
      Expanded expanded = Expand(node);
      const std::int32_t id = Add(node, expanded);
      frontier.push_back({expanded.decrease, id, std::move(expanded)});
    };
    push(std::move(root));
    std::int64_t splits_left = params_.max_leaf_nodes - 1;
    while (!frontier.empty()) {
      std::pop_heap(frontier.begin(), frontier.end(), is_less);
      Frontier best = std::move(frontier.back());
      frontier.pop_back();
      if (best.expanded.is_leaf || splits_left <= 0) {
        nodes_.left[best.id] = nodes_.right[best.id] = kLeafChild;
        nodes_.feature[best.id] = kLeafFeature;
        nodes_.threshold[best.id] = kLeafFeature;
        nodes_.missing_left[best.id] = 0;
        continue;
      }
      --splits_left;
      for (Waiting* child : {&best.expanded.left, &best.expanded.right}) {
        child->parent = best.id;
        push(std::move(*child));
      }
      std::push_heap(frontier.begin(), frontier.end() - 1, is_less);
      std::push_heap(frontier.begin(), frontier.end(), is_less);
    }
  }

  std::int32_t Add(const Waiting& node, const Expanded& expanded) {
    const std::int32_t id = nodes_.size();
    const bool is_leaf = expanded.is_leaf;
    nodes_.feature.push_back(is_leaf ? kLeafFeature
                                     : static_cast<std::int32_t>(expanded.split.feature));
    nodes_.threshold.push_back(is_leaf ? kLeafFeature : expanded.split.threshold);
    nodes_.left.push_back(kLeafChild);
    nodes_.right.push_back(kLeafChild);
    nodes_.missing_left.push_back(!is_leaf && expanded.split.missing_left ? 1 : 0);
    nodes_.impurity.push_back(node.totals.impurity);
    nodes_.n_rows.push_back(static_cast<double>(node.end - node.begin));
    nodes_.weight.push_back(node.totals.weight);
    summer_.Values(node.totals, nodes_.values);
    if (!params_.monotonic.empty()) Clip(node);
    if (node.parent >= 0) (node.is_left ? nodes_.left : nodes_.right)[node.parent] = id;
    return id;
  }

  /// The last node's values stay inside the bounds that monotonic splits above it set.
  void Clip(const Waiting& node) {
    double* values = nodes_.values.data() + nodes_.values.size() - search_.layout().n_sums;
    const std::int64_t at = problem_.n_classes > 0 ? 1 : 0;
    values[at] = std::clamp(values[at], node.lower_bound, node.upper_bound);
    if (problem_.n_classes > 0) values[0] = 1 - values[1];
  }

  Expanded Expand(Waiting& node) {
    Expanded expanded;
    const std::int64_t rows = node.end - node.begin;
    const double min_weight = params_.min_weight_fraction_leaf * weight_;
    if (node.depth >= params_.max_depth || rows < params_.min_samples_split ||
        rows < 2 * params_.min_samples_leaf || node.totals.weight < 2 * min_weight ||
        node.totals.impurity <= kEpsilon) {
      Drop(std::move(node.kept));
      return expanded;
    }
    expanded.split = FindSplit(node);
    if (expanded.split.bin < 0) {
      Drop(std::move(node.kept));
      return expanded;
    }
    const std::int64_t middle = Partition(node, expanded.split);
    if (!expanded.split.has_missing)
      expanded.split.missing_left = middle - node.begin > node.end - middle;
    SetChildren(node, middle, expanded);
    expanded.decrease =
        ImpurityDecrease(node.totals.impurity, node.totals.weight, expanded.left.totals.impurity,
                         expanded.left.totals.weight, expanded.right.totals.impurity,
                         expanded.right.totals.weight, weight_);
    expanded.is_leaf = expanded.decrease + kEpsilon < params_.min_impurity_decrease;
    return expanded;
  }

  void SetChildren(Waiting& node, std::int64_t middle, Expanded& expanded) {
    Waiting& left = expanded.left;
    Waiting& right = expanded.right;
    left.begin = node.begin;
    left.end = right.begin = middle;
    right.end = node.end;
    left.depth = right.depth = node.depth + 1;
    left.is_left = true;
    const bool left_is_small = middle - node.begin <= node.end - middle;
    Waiting& small = left_is_small ? left : right;
    Waiting& large = left_is_small ? right : left;
    small.totals = summer_.Sum(EntriesOf(small));
    large.totals = problem_.n_classes > 0 && sample_.is_counted
                       ? summer_.Rest(node.totals, small.totals, EntriesOf(large))
                       : summer_.Sum(EntriesOf(large));
    left.constant = node.constant;
    right.constant = std::move(node.constant);
    SetBounds(node, expanded);
    HandDown(node, small, large);
  }

  void SetBounds(const Waiting& node, Expanded& expanded) const {
    Waiting& left = expanded.left;
    Waiting& right = expanded.right;
    left.lower_bound = right.lower_bound = node.lower_bound;
    left.upper_bound = right.upper_bound = node.upper_bound;
    const std::int8_t direction =
        params_.monotonic.empty() ? std::int8_t{0} : params_.monotonic[expanded.split.feature];
    if (direction == 0) return;
    std::vector<double> a, b;
    summer_.Values(left.totals, a);
    summer_.Values(right.totals, b);
    const std::int64_t at = problem_.n_classes > 0 ? 1 : 0;
    const double middle = (a[at] + b[at]) / 2;
    if (direction > 0) {
      left.upper_bound = right.lower_bound = middle;
    } else {
      left.lower_bound = right.upper_bound = middle;
    }
  }

  /// The larger child's histograms are the node's less the smaller child's. That pays where the
  /// smaller child is small beside the share of features that a node looks at; sums are exact, so
  /// the trees are the same.
  void HandDown(Waiting& node, const Waiting& small, Waiting& large) {
    if (node.kept == nullptr) return;
    const std::int64_t small_rows = small.end - small.begin, rows = large.end - large.begin;
    if (rows < kKeptRows || small_rows * table_.n_features() >
                                rows * std::min(params_.max_features, table_.n_features())) {
      Drop(std::move(node.kept));
      return;
    }
    large.kept = std::move(node.kept);
    KeptHistograms& kept = *large.kept;
    const NodeView view = ViewOf(small);
    ForFeatures(table_.n_features(), small_rows, [&](std::int64_t f, SearchScratch& scratch) {
      if (kept.has[f] == 0) return;
      T* part = reinterpret_cast<T*>(scratch.sums.data());
      search_.Fill(f, view, part);
      T* sums = SumsOf(kept, f);
      for (std::int64_t i = 0; i < search_.HistogramSize(f); ++i)
        sums[i] -= std::exchange(part[i], T{});
    });
  }

  T* SumsOf(KeptHistograms& kept, std::int64_t feature) const noexcept {
    return reinterpret_cast<T*>(kept.sums.data() + first_sum_[feature]);
  }

  /// Histograms for a node to keep, if that can pay.
  void Keep(Waiting& node) {
    if (sizeof(T) != sizeof(std::int32_t)) return;
    if (node.kept != nullptr || node.end - node.begin < 2 * kKeptRows) return;
    if (!spare_.empty()) {
      node.kept = std::move(spare_.back());
      spare_.pop_back();
    } else if ((n_kept_ + 1) * 4 * first_sum_.back() <= kKeptBytes) {
      ++n_kept_;
      node.kept = std::make_unique<KeptHistograms>();
      node.kept->sums = AlignedBuffer<std::int32_t>(static_cast<std::size_t>(first_sum_.back()));
    } else {
      return;
    }
    node.kept->has.assign(order_.size(), 0);
  }
  void Drop(std::unique_ptr<KeptHistograms> kept) {
    if (kept != nullptr) spare_.push_back(std::move(kept));
  }

  NodeView ViewOf(const Waiting& node) {
    NodeView view;
    view.entries = EntriesOf(node);
    view.totals = node.totals.sums.data();
    view.stats = stats_.data();
    view.medians = &medians_;
    view.lower_bound = node.lower_bound;
    view.upper_bound = node.upper_bound;
    return view;
  }

  /// body(i, scratch) for i in [0, n), on several threads if there is much to do.
  template <typename Body>
  void ForFeatures(std::int64_t n, std::int64_t rows, Body&& body) {
    const auto run = [&](std::int64_t i, int slot) {
      SearchScratch& scratch = scratch_[slot];
      if (scratch.sums.empty()) scratch = search_.MakeScratch();
      body(i, scratch);
    };
    if (ctx_.n_jobs > 1 && n * rows > kSharedCells) {
      ctx_.ParallelFor(n, run);
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        ctx_.cancel.ThrowIfCancelled();
        run(i, 0);
      }
    }
  }

  std::uint64_t NextBits() noexcept { return RandomBits(seed_, 0, n_drawn_++); }
  double NextUniform() noexcept { return RandomUniform(seed_, 0, n_drawn_++); }

  /// As many features as a split looks at, drawn without replacement; if all of them are constant
  /// in the node, one more at a time (as scikit-learn). Of equal gains that of the feature drawn
  /// first counts.
  SplitCandidate FindSplit(Waiting& node) {
    if (!stats_.empty()) summer_.FillStats(EntriesOf(node), stats_.data());
    if (params_.criterion == Criterion::kAbsoluteError)
      medians_ = summer_.Medians(EntriesOf(node), node.totals);
    Keep(node);
    const std::int64_t n_features = table_.n_features();
    std::int64_t drawn = 0;
    SplitCandidate best;
    bool has_variable = false;
    std::int64_t wanted = std::min(params_.max_features, n_features);
    while (drawn < n_features && !has_variable) {
      const std::int64_t first = drawn;
      for (; drawn < wanted; ++drawn) DrawFeature(drawn);
      for (const SplitCandidate& found : SearchDrawn(node, first, drawn)) {
        if (found.is_constant) {
          if (found.feature < 0) continue;  // was known
          node.constant.resize(static_cast<std::size_t>(n_features));
          node.constant[found.feature] = 1;
          continue;
        }
        has_variable = true;
        if (found.bin >= 0 && found.gain > best.gain) best = found;
      }
      wanted = drawn + 1;
    }
    return best.gain == kNever ? SplitCandidate{} : best;
  }

  void DrawFeature(std::int64_t place) noexcept {
    if (params_.max_features >= table_.n_features() && !params_.shuffle_features) return;
    const auto left = static_cast<std::uint64_t>(table_.n_features() - place);
    const auto chosen = static_cast<std::int64_t>(((NextBits() >> 32) * left) >> 32);
    std::swap(order_[place], order_[place + chosen]);
  }

  const std::vector<SplitCandidate>& SearchDrawn(Waiting& node, std::int64_t first,
                                                 std::int64_t last) {
    const std::int64_t n = last - first;
    found_.assign(static_cast<std::size_t>(n), {});
    random_.clear();
    for (std::int64_t i = 0; params_.random_splits && i < 2 * n; ++i)
      random_.push_back(NextUniform());
    const NodeView view = ViewOf(node);
    ForFeatures(n, node.end - node.begin, [&](std::int64_t i, SearchScratch& scratch) {
      const std::int64_t feature = order_[first + i];
      if (!node.constant.empty() && node.constant[feature] != 0) {
        found_[i].is_constant = true;
        return;
      }
      const double* random = random_.empty() ? nullptr : random_.data() + 2 * i;
      found_[i] = SearchFeature(node, view, feature, random, scratch);
    });
    return found_;
  }

  SplitCandidate SearchFeature(Waiting& node, const NodeView& view, std::int64_t feature,
                               const double* random, SearchScratch& scratch) {
    if (node.kept == nullptr) return search_.FillAndSearch(feature, view, random, scratch);
    T* sums = SumsOf(*node.kept, feature);
    if (node.kept->has[feature] == 0) {
      std::fill_n(sums, search_.HistogramSize(feature), T{});
      search_.Fill(feature, view, sums);
      node.kept->has[feature] = 1;
    }
    return search_.Search(feature, view, sums, random, scratch);
  }

  /// Rows that go left first, both sides in order. Returns where the right side begins.
  std::int64_t Partition(const Waiting& node, const SplitCandidate& split) {
    Entry* entries = sample_.entries.data();
    const int missing = table_.missing_bin(split.feature);
    return table_.WithColumn(split.feature, [&](const auto* column) {
      std::int64_t n_left = node.begin, n_right = 0;
      for (std::int64_t i = node.begin; i < node.end; ++i) {
        const Entry entry = entries[i];
        const int bin = column[entry.row];
        const bool goes_left = bin == missing ? split.missing_left : bin <= split.bin;
        entries[n_left] = entry;
        other_[n_right] = entry;
        n_left += goes_left ? 1 : 0;
        n_right += goes_left ? 0 : 1;
      }
      std::copy_n(other_.data(), n_right, entries + n_left);
      return n_left;
    });
  }

  const BinTable& table_;
  const TreeProblem& problem_;
  const TreeParams& params_;
  const Context& ctx_;
  TreeSample sample_;
  std::uint64_t seed_;
  double weight_;  // of the whole tree
  SplitSearch<T> search_;
  NodeSummer summer_;
  AlignedBuffer<Entry> other_;
  std::vector<SearchScratch> scratch_;
  std::vector<std::int32_t> order_;  // features, those drawn first
  std::vector<std::int64_t> first_sum_;
  AlignedBuffer<double> stats_;  // of the node in hand
  MedianNode medians_;           // likewise
  std::vector<SplitCandidate> found_;
  std::vector<double> random_;
  std::vector<std::unique_ptr<KeptHistograms>> spare_;
  std::int64_t n_kept_ = 0;
  std::uint64_t n_drawn_ = 0;
  TreeNodes nodes_;
};

double WeightOf(const TreeProblem& problem, const TreeSample& sample) {
  double weight = 0;
  for (const Entry& entry : sample.entries) {
    double own = sample.is_counted ? entry.count : problem.weights[entry.row];
    if (!sample.class_weights.empty()) own *= sample.class_weights[entry.code];
    weight += own;
  }
  return weight;
}

}  // namespace

TreeNodes TreeGrower::Grow(TreeSample sample, std::uint64_t seed) const {
  const double weight = WeightOf(problem_, sample);
  if (problem_.n_classes > 0 && sample.is_counted) {
    return Growth<std::int32_t>(table_, problem_, params_, ctx_, std::move(sample), seed, weight)
        .Run();
  }
  return Growth<double>(table_, problem_, params_, ctx_, std::move(sample), seed, weight).Run();
}

}  // namespace treeline::forest
