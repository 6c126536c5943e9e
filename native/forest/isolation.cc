#include "forest/isolation.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "core/random.h"
#include "matrix/row_cutter.h"

namespace treeline::forest {

namespace {

constexpr std::uint64_t kRowStream = 3, kFeatureStream = 4, kSplitStream = 5;

/// Random words of one tree for one purpose.
class Words {
 public:
  Words(std::uint64_t seed, std::uint64_t stream, std::int64_t tree)
      : key_(RandomBits(seed, stream, static_cast<std::uint64_t>(tree))) {}
  double Uniform() noexcept { return RandomUniform(key_, 0, n_++); }
  std::int64_t Below(std::int64_t n) noexcept {
    return static_cast<std::int64_t>(Uniform() * static_cast<double>(n));
  }

 private:
  std::uint64_t key_, n_ = 0;
};

/// `count` of n numbers without replacement, ascending (a Fisher-Yates shuffle that only remembers
/// what it moved).
template <typename T>
std::vector<T> DrawSome(std::int64_t n, std::int64_t count, Words words) {
  std::vector<T> drawn;
  std::unordered_map<std::int64_t, std::int64_t> moved;
  const auto at = [&](std::int64_t i) {
    const auto found = moved.find(i);
    return found == moved.end() ? i : found->second;
  };
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t other = i + words.Below(n - i);
    const std::int64_t value = at(other);
    moved[other] = at(i);
    drawn.push_back(static_cast<T>(value));
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

/// `count` rows with replacement, in proportion to weights.
std::vector<std::int64_t> DrawByWeight(const std::vector<double>& weights, std::int64_t count,
                                       Words words) {
  std::vector<double> ends(weights.size());  // of the rows' shares
  std::partial_sum(weights.begin(), weights.end(), ends.begin());
  std::vector<std::int64_t> drawn;
  for (std::int64_t i = 0; i < count; ++i) {
    // A product that rounds up to the sum of all is the last row's that weighs anything.
    const double at = words.Uniform() * ends.back();
    const auto end = std::upper_bound(ends.begin(), ends.end(), at);
    drawn.push_back((end == ends.end() ? std::lower_bound(ends.begin(), ends.end(), at) : end) -
                    ends.begin());
  }
  return drawn;
}

/// `count` rows without replacement, one after another in proportion to the weights of those left:
/// the first to ring of alarms that ring at exponential times (Efraimidis and Spirakis 2006).
std::vector<std::int64_t> DrawSomeByWeight(const std::vector<double>& weights, std::int64_t count,
                                           Words words) {
  std::vector<std::pair<double, std::int64_t>> alarms;
  for (std::size_t row = 0; row < weights.size(); ++row) {
    if (weights[row] > 0) {
      alarms.emplace_back(-std::log1p(-words.Uniform()) / weights[row],
                          static_cast<std::int64_t>(row));
    }
  }
  std::nth_element(alarms.begin(), alarms.begin() + (count - 1), alarms.end());
  std::vector<std::int64_t> drawn;
  for (std::int64_t i = 0; i < count; ++i) drawn.push_back(alarms[i].second);
  return drawn;
}

struct Waiting {
  std::int64_t begin, end, depth;
  std::int32_t parent;
  bool is_left;
};

}  // namespace

double AveragePathLength(double n) noexcept {
  constexpr double kEulerGamma = 0.57721566490153286061;
  if (n <= 1) return 0;
  if (n <= 2) return 1;
  return 2 * (std::log(n - 1) + kEulerGamma) - 2 * (n - 1) / n;
}

IsolationDraw DrawForIsolation(const IsolationParams& params, std::int64_t n_features,
                               std::int64_t tree) {
  IsolationDraw draw;
  Words words(params.seed, kRowStream, tree);
  if (!params.weights.empty()) {
    draw.rows = params.bootstrap ? DrawByWeight(params.weights, params.max_samples, words)
                                 : DrawSomeByWeight(params.weights, params.max_samples, words);
  } else if (params.bootstrap) {
    for (std::int64_t i = 0; i < params.max_samples; ++i)
      draw.rows.push_back(words.Below(params.n_rows));
  } else {
    draw.rows = DrawSome<std::int64_t>(params.n_rows, params.max_samples, words);
  }
  std::sort(draw.rows.begin(), draw.rows.end());
  draw.rows.erase(std::unique(draw.rows.begin(), draw.rows.end()), draw.rows.end());
  draw.features = DrawSome<std::int32_t>(n_features, params.max_features,
                                         Words(params.seed, kFeatureStream, tree));
  return draw;
}

IsolationSink::IsolationSink(IsolationParams params, FeatureLabels labels)
    : params_(std::move(params)), labels_(std::move(labels)) {}

void IsolationSink::Draw(const Context& ctx) {
  draws_.resize(static_cast<std::size_t>(params_.n_trees));
  ctx.ParallelFor(params_.n_trees, [&](std::int64_t t, int) {
    draws_[t] = DrawForIsolation(params_, labels_.size(), params_.first_tree + t);
  });
  for (const IsolationDraw& draw : draws_)
    kept_.insert(kept_.end(), draw.rows.begin(), draw.rows.end());
  std::sort(kept_.begin(), kept_.end());
  kept_.erase(std::unique(kept_.begin(), kept_.end()), kept_.end());
  values_.resize(kept_.size() * static_cast<std::size_t>(labels_.size()));
}

void IsolationSink::Push(const Block& block, const Context& ctx) {
  if (block.cols() != labels_.size()) {
    throw Error(ErrorCode::kInvalidData, labels_.where() + " has other columns than at first");
  }
  if (rows_ == 0) Draw(ctx);
  std::atomic<bool> is_finite{true};
  ctx.ParallelFor(block.cols(), [&](std::int64_t j, int) {
    double strip[512];
    for (std::int64_t begin = 0; begin < block.rows; begin += 512) {
      const std::int64_t n = std::min<std::int64_t>(512, block.rows - begin);
      ReadColumn(block.columns[j], begin, n, strip);
      if (std::any_of(strip, strip + n, [](double x) { return std::isinf(x); })) is_finite = false;
    }
  });
  if (!is_finite) labels_.RefuseInfinite(block);
  const auto first = std::lower_bound(kept_.begin(), kept_.end(), rows_);
  for (auto row = first; row != kept_.end() && *row < rows_ + block.rows; ++row) {
    const std::int64_t at = (row - kept_.begin()) * labels_.size();
    ReadRows(block, *row - rows_, 1, values_.data() + at, labels_.size());
  }
  rows_ += block.rows;
}

Forest IsolationSink::Fit(const Context& ctx) const {
  std::vector<TreeNodes> trees(draws_.size());
  std::atomic<std::int64_t> n_done{0};
  ctx.ParallelFor(params_.n_trees, [&](std::int64_t t, int slot) {
    trees[t] = Grow(t);
    const std::int64_t done = ++n_done;
    if (slot == 0)
      ctx.progress.Report(done, params_.n_trees, std::numeric_limits<double>::quiet_NaN());
  });
  Forest forest;
  forest.n_features = labels_.size();
  for (TreeNodes& tree : trees) forest.Append(std::exchange(tree, {}));
  return forest;
}

TreeNodes IsolationSink::Grow(std::int64_t tree) const {
  const IsolationDraw& draw = draws_[tree];
  std::vector<std::int64_t> places;  // of the tree's rows among kept_
  for (const std::int64_t row : draw.rows)
    places.push_back(std::lower_bound(kept_.begin(), kept_.end(), row) - kept_.begin());
  const auto value = [&](std::int64_t place, std::int32_t feature) {
    return values_[place * labels_.size() + feature];
  };
  const auto max_depth = static_cast<std::int64_t>(
      std::ceil(std::log2(static_cast<double>(std::max<std::int64_t>(2, params_.max_samples)))));
  Words words(params_.seed, kSplitStream, params_.first_tree + tree);
  TreeNodes nodes;
  std::vector<Waiting> stack = {{0, static_cast<std::int64_t>(places.size()), 0, -1, false}};
  while (!stack.empty()) {
    const Waiting node = stack.back();
    stack.pop_back();
    const std::int32_t id = nodes.size();
    const std::int64_t n = node.end - node.begin;
    nodes.feature.push_back(kLeafFeature);
    nodes.threshold.push_back(kLeafFeature);
    nodes.left.push_back(kLeafChild);
    nodes.right.push_back(kLeafChild);
    nodes.missing_left.push_back(0);
    nodes.impurity.push_back(0);
    nodes.n_rows.push_back(static_cast<double>(n));
    nodes.weight.push_back(static_cast<double>(n));
    nodes.values.push_back(static_cast<double>(node.depth) +
                           AveragePathLength(static_cast<double>(n)));
    if (node.parent >= 0) (node.is_left ? nodes.left : nodes.right)[node.parent] = id;
    if (n <= 1 || node.depth >= max_depth) continue;

    std::vector<std::int32_t> features = draw.features;
    double low = 0, high = 0;
    std::int64_t n_missing = 0;
    std::int32_t feature = -1;
    while (!features.empty()) {
      std::swap(features[words.Below(static_cast<std::int64_t>(features.size()))], features.back());
      const std::int32_t drawn = features.back();
      features.pop_back();
      low = std::numeric_limits<double>::infinity();
      high = -low;
      n_missing = 0;
      for (std::int64_t i = node.begin; i < node.end; ++i) {
        const double x = value(places[i], drawn);
        n_missing += std::isnan(x) ? 1 : 0;
        low = std::min(low, std::isnan(x) ? low : x);
        high = std::max(high, std::isnan(x) ? high : x);
      }
      if (low < high || (low == high && n_missing > 0)) {
        feature = drawn;
        break;
      }
    }
    if (feature < 0) continue;
    double threshold = low + words.Uniform() * (high - low);
    if (!(threshold < high)) threshold = low;
    const bool missing_left = n_missing > 0 ? low < high && words.Uniform() < 0.5 : false;
    const auto goes_left = [&](std::int64_t place) {
      const double x = value(place, feature);
      return x <= threshold || (std::isnan(x) && missing_left);
    };
    const auto middle =
        std::stable_partition(places.begin() + node.begin, places.begin() + node.end, goes_left) -
        places.begin();
    nodes.feature[id] = feature;
    nodes.threshold[id] = threshold;
    nodes.missing_left[id] = n_missing > 0 ? missing_left : middle - node.begin > node.end - middle;
    stack.push_back({middle, node.end, node.depth + 1, id, false});
    stack.push_back({node.begin, middle, node.depth + 1, id, true});
  }
  return nodes;
}

}  // namespace treeline::forest
