#include "boosting/splitter.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/random.h"

namespace treeline::boosting {

namespace {

constexpr double kTinyHessian = 1e-15;  // scikit-learn's guard against a division by zero
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::uint64_t kTreeStream = 0x74726565;
constexpr std::uint64_t kDrawForTree = ~std::uint64_t{0};  // no node has this number
constexpr std::uint64_t kDrawForThreshold = std::uint64_t{1} << 40;

double GradientIn(std::int64_t packed) noexcept { return static_cast<double>(packed >> 32); }
double HessianIn(std::int64_t packed) noexcept { return static_cast<double>(packed & 0xffffffff); }

bool HasMonotonic(const GrowerParams& params) {
  return std::any_of(params.monotonic.begin(), params.monotonic.end(),
                     [](std::int8_t sign) { return sign != 0; });
}

}  // namespace

Splitter::Splitter(const BinMapper& mapper, std::vector<bool> has_missing,
                   const GrowerParams& params)
    : mapper_(mapper), has_missing_(std::move(has_missing)), params_(params) {
  is_quadratic_ =
      params.l1_regularization > 0 || params.max_delta_step > 0 || params.path_smooth > 0;
  has_value_rules_ = is_quadratic_ || params.extra_trees || HasMonotonic(params);
}

void Splitter::BeginTree(std::span<const QuantizedGradients> gradients, std::int64_t tree) {
  gradients_ = gradients;
  key_ = RandomBits(params_.seed, kTreeStream, static_cast<std::uint64_t>(tree));
  features_of_tree_.clear();
  if (params_.max_features_per_tree >= 1) return;
  features_of_tree_.assign(has_missing_.size(), 1);
  Draw(params_.max_features_per_tree, kDrawForTree, features_of_tree_);
}

SplitNode Splitter::Root(std::int64_t rows) const {
  SplitNode root;
  root.rows = rows;
  root.others.resize(gradients_.size() - 1);
  for (std::size_t k = 0; k < gradients_.size(); ++k) {
    NodeOutput& output = root.output(k);
    output.gradient = gradients_[k].gradient_sum;
    output.hessian = gradients_[k].hessian_sum;
    if (params_.path_smooth <= 0) continue;
    simd::SplitQuery query = QueryOf(root, k);
    query.smoothing = 0;
    output.value = simd::Active().splits.value(query.gradient, query.hessian, query);
  }
  return root;
}

double Splitter::HessianOf(const SplitNode& node) const noexcept {
  double sum = 0;
  for (std::size_t k = 0; k < gradients_.size(); ++k)
    sum += static_cast<double>(node.output(k).hessian) * gradients_[k].hessian_unit;
  return sum / static_cast<double>(gradients_.size());
}

std::vector<std::uint8_t> Splitter::FeaturesOf(const SplitNode& node) const {
  std::vector<std::uint8_t> allowed = features_of_tree_;
  if (params_.interactions == Interactions::kAll && params_.max_features >= 1) return allowed;
  if (allowed.empty()) allowed.assign(has_missing_.size(), 1);
  if (!node.path.empty()) AllowInteractions(node, allowed);
  Draw(params_.max_features, static_cast<std::uint64_t>(node.number), allowed);
  return allowed;
}

/// Leaves the features that may join those of the node's path.
void Splitter::AllowInteractions(const SplitNode& node, std::vector<std::uint8_t>& allowed) const {
  const std::vector<std::int32_t>& path = node.path;
  std::vector<std::uint8_t> joins(allowed.size());
  const bool is_full = params_.interactions == Interactions::kNone || path.size() > 1;
  if (params_.interactions == Interactions::kPairs && !is_full) return;
  if (params_.interactions != Interactions::kWithinSets) {
    for (const std::int32_t feature : path) joins[feature] = 1;
  }
  for (const std::vector<std::int32_t>& set : params_.interaction_sets) {
    const bool holds_path = std::all_of(path.begin(), path.end(), [&](std::int32_t feature) {
      return std::find(set.begin(), set.end(), feature) != set.end();
    });
    if (!holds_path) continue;
    for (const std::int32_t feature : set) joins[feature] = 1;
  }
  for (std::size_t j = 0; j < allowed.size(); ++j) allowed[j] &= joins[j];
}

/// Keeps a share of the allowed features, rounded up: those with the smallest random words.
void Splitter::Draw(double share, std::uint64_t stream, std::vector<std::uint8_t>& allowed) const {
  if (share >= 1) return;
  std::vector<std::pair<std::uint64_t, std::size_t>> drawn;
  for (std::size_t j = 0; j < allowed.size(); ++j) {
    if (allowed[j] != 0) drawn.emplace_back(RandomBits(key_, stream, j), j);
  }
  if (drawn.empty()) return;
  const auto kept = static_cast<std::ptrdiff_t>(
      std::max(1.0, std::ceil(share * static_cast<double>(drawn.size()))));
  std::nth_element(drawn.begin(), drawn.begin() + kept - 1, drawn.end());
  for (auto it = drawn.begin() + kept; it != drawn.end(); ++it) allowed[it->second] = 0;
}

/// One of `choices` numbers from 0 on.
std::uint64_t Splitter::RandomOf(const SplitNode& node, std::int64_t feature,
                                 std::uint64_t choices) const noexcept {
  const auto stream = kDrawForThreshold + static_cast<std::uint64_t>(node.number);
  return RandomBits(key_, stream, static_cast<std::uint64_t>(feature)) % choices;
}

simd::SplitQuery Splitter::QueryOf(const SplitNode& node, std::size_t k) const noexcept {
  const QuantizedGradients& gradients = gradients_[k];
  const NodeOutput& output = node.output(k);
  simd::SplitQuery query{};
  query.gradient = static_cast<double>(output.gradient) * gradients.gradient_unit;
  query.hessian = static_cast<double>(output.hessian) * gradients.hessian_unit;
  query.gradient_unit = gradients.gradient_unit;
  query.hessian_unit = gradients.hessian_unit;
  query.parent_loss = node.gain;
  query.regularization = params_.l2_regularization + kTinyHessian;
  query.min_hessian = params_.min_hessian;
  if (gradients.constant_hessian) {
    query.min_hessian = std::max(query.min_hessian, static_cast<double>(params_.min_samples_leaf));
  }
  query.min_gain = params_.min_gain;
  query.n_rows = node.rows;
  query.min_rows = params_.min_samples_leaf;
  query.has_value_rules = has_value_rules_;
  query.is_quadratic = is_quadratic_;
  query.only_bin = -1;
  query.l1 = params_.l1_regularization;
  query.max_value = params_.max_delta_step > 0 ? params_.max_delta_step : kInfinity;
  query.lower = node.lower;
  query.upper = node.upper;
  query.smoothing = params_.path_smooth;
  query.smooth_value = output.value;
  query.rows_per_hessian = static_cast<double>(node.rows) / query.hessian;
  return query;
}

NodeSplit Splitter::Find(const SplitNode& node, std::int64_t feature, const std::int64_t* histogram,
                         const std::int64_t* counts, double least_gain) const {
  simd::SplitQuery query = QueryOf(node);
  query.min_gain = std::max(query.min_gain, least_gain);
  query.n_bins = mapper_.n_bins(feature);
  query.has_missing = has_missing_[feature];
  query.missing_bin = MissingBin(query.n_bins);
  if (!mapper_.is_categorical(feature))
    return FindThreshold(node, feature, histogram, counts, query);
  const int n_categories = query.n_bins + (query.has_missing ? 1 : 0);
  return n_categories <= params_.categories.max_onehot
             ? FindOneCategory(feature, histogram, counts, query)
             : FindCategories(node, feature, histogram, counts, query);
}

NodeSplit Splitter::FindThreshold(const SplitNode& node, std::int64_t feature,
                                  const std::int64_t* histogram, const std::int64_t* counts,
                                  simd::SplitQuery query) const {
  if (!params_.monotonic.empty()) query.monotonic = params_.monotonic[feature];
  if (params_.extra_trees) {
    int first = 0;
    int last = query.n_bins - 1;
    while (first < last && HessianIn(histogram[first]) == 0) ++first;
    while (first < last && HessianIn(histogram[last]) == 0) --last;
    const bool may_cut_missing = query.has_missing && HessianIn(histogram[query.missing_bin]) > 0;
    const int choices = last - first + (may_cut_missing ? 1 : 0);
    if (choices == 0) return {};
    query.only_bin =
        first + static_cast<int>(RandomOf(node, feature, static_cast<std::uint64_t>(choices)));
  }
  const simd::FeatureSplit best = simd::Active().splits.find(histogram, counts, query);
  if (best.bin < 0) return {};
  NodeSplit split;
  split.gain = best.gain;
  split.feature = feature;
  split.bin = best.bin;
  split.missing_left = best.missing_left;
  return split;
}

/// One category, or the missing values, against the rest.
NodeSplit Splitter::FindOneCategory(std::int64_t feature, const std::int64_t* histogram,
                                    const std::int64_t* counts, simd::SplitQuery query) const {
  NodeSplit split;
  const int n_bins = query.n_bins;
  const bool has_missing = query.has_missing;
  query.n_bins = 2;
  query.has_missing = false;
  for (int i = 0; i < n_bins + (has_missing ? 1 : 0); ++i) {
    const int bin = i < n_bins ? i : query.missing_bin;
    const std::int64_t sums[2] = {histogram[bin]};
    const std::int64_t rows[2] = {counts != nullptr ? counts[bin] : 0};
    const simd::FeatureSplit found =
        simd::Active().splits.find(sums, counts != nullptr ? rows : nullptr, query);
    if (found.bin < 0) continue;
    query.min_gain = found.gain;
    split.gain = found.gain;
    split.feature = feature;
    split.has_set = true;
    split.set = BinMembers(n_bins);
    split.set.Add(bin);
    split.missing_left = bin == query.missing_bin;
  }
  return split;
}

/// The bins of categories with enough rows, the missing one among them, by gradient / hessian
/// (Fisher, "On Grouping for Maximum Homogeneity"); of equals the lower bin.
std::vector<int> Splitter::OrderedCategories(std::int64_t feature, const std::int64_t* histogram,
                                             const simd::SplitQuery& query) const {
  const double smooth = params_.categories.smooth;
  std::vector<int> order;
  std::vector<double> ratio(static_cast<std::size_t>(query.missing_bin + 1));
  const auto consider = [&](int bin) {
    const double hessian = HessianIn(histogram[bin]) * query.hessian_unit;
    if (hessian == 0 || hessian * query.rows_per_hessian < smooth) return;
    ratio[bin] = GradientIn(histogram[bin]) * query.gradient_unit / (hessian + smooth);
    order.push_back(bin);
  };
  for (int bin = 0; bin < mapper_.n_bins(feature); ++bin) consider(bin);
  if (query.has_missing) consider(query.missing_bin);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return ratio[a] < ratio[b]; });
  return order;
}

/// Categories in a new order, as a histogram whose first bins may go left.
struct Splitter::Ordered {
  std::vector<std::int64_t> sums, rows;
  std::vector<int> end_of_group;  // categories up to and with each bin
  int n_groups = 0;

  Ordered(const std::vector<int>& order, std::int64_t most, const std::int64_t* histogram,
          const std::int64_t* counts, const simd::SplitQuery& query, double min_rows)
      : sums(order.size()), rows(order.size()), end_of_group(order.size()) {
    const double row_unit = query.hessian_unit * query.rows_per_hessian;
    double left = query.hessian * query.rows_per_hessian;
    double in_group = 0;
    for (int i = 0; i < static_cast<int>(most); ++i) {
      const int bin = order[i];
      sums[n_groups] += histogram[bin];
      if (counts != nullptr) rows[n_groups] += counts[bin];
      in_group += HessianIn(histogram[bin]) * row_unit;
      left -= HessianIn(histogram[bin]) * row_unit;
      if (left < min_rows) return;
      if (in_group < min_rows) continue;
      in_group = 0;
      end_of_group[n_groups++] = i + 1;
    }
  }
};

/// The ordered categories, cut in two: the first ones go left, then the last ones, never more than
/// half of them; those with too few rows go right (scikit-learn's
/// _find_best_bin_to_split_category, LightGBM's FindBestThresholdCategorical).
NodeSplit Splitter::FindCategories(const SplitNode& node, std::int64_t feature,
                                   const std::int64_t* histogram, const std::int64_t* counts,
                                   simd::SplitQuery query) const {
  const CategoryRules& rules = params_.categories;
  std::vector<int> order = OrderedCategories(feature, histogram, query);
  const auto n_used = static_cast<std::int64_t>(order.size());
  NodeSplit split;
  if (n_used < 2) return split;
  query.regularization += rules.l2;
  query.has_missing = false;
  for (const bool is_reversed : {false, true}) {
    if (is_reversed) std::reverse(order.begin(), order.end());
    const std::int64_t half = (n_used + 1) / 2 - (is_reversed ? 1 : 0);
    const Ordered ordered(order, std::min(half, rules.max_left), histogram, counts, query,
                          rules.min_rows_per_group);
    if (ordered.n_groups == 0) continue;
    query.n_bins = ordered.n_groups + 1;
    if (params_.extra_trees) {
      query.only_bin =
          static_cast<int>(RandomOf(node, feature, static_cast<std::uint64_t>(ordered.n_groups)));
    }
    const simd::FeatureSplit found = simd::Active().splits.find(
        ordered.sums.data(), counts != nullptr ? ordered.rows.data() : nullptr, query);
    if (found.bin < 0) continue;
    query.min_gain = found.gain;
    split.gain = found.gain;
    split.feature = feature;
    split.has_set = true;
    split.extra_l2 = rules.l2;
    split.set = BinMembers(mapper_.n_bins(feature));
    for (int i = 0; i < ordered.end_of_group[found.bin]; ++i) split.set.Add(order[i]);
    split.missing_left = split.set.Has(query.missing_bin);
  }
  return split;
}

void Splitter::Descend(const SplitNode& parent, const NodeSplit& split, SplitNode& left,
                       SplitNode& right) const {
  for (SplitNode* child : {&left, &right}) {
    child->gain = 0;
    for (std::size_t k = 0; k < gradients_.size(); ++k) {
      simd::SplitQuery query = QueryOf(parent, k);
      NodeOutput& output = child->output(k);
      const double gradient = static_cast<double>(output.gradient) * gradients_[k].gradient_unit;
      const double hessian = static_cast<double>(output.hessian) * gradients_[k].hessian_unit;
      query.regularization = params_.l2_regularization + kTinyHessian + split.extra_l2;
      output.value = simd::Active().splits.value(gradient, hessian, query);
      query.regularization = params_.l2_regularization + kTinyHessian;
      child->gain += simd::Active().splits.gain(gradient, hessian, output.value, query);
    }
    child->lower = parent.lower;
    child->upper = parent.upper;
    child->path = parent.path;
    const auto feature = static_cast<std::int32_t>(split.feature);
    const bool is_new =
        std::find(child->path.begin(), child->path.end(), feature) == child->path.end();
    if (params_.interactions != Interactions::kAll && is_new) child->path.push_back(feature);
  }
  const int sign = params_.monotonic.empty() ? 0 : params_.monotonic[split.feature];
  if (sign == 0) return;
  const double middle = (left.first.value + right.first.value) / 2;
  (sign > 0 ? left : right).upper = middle;
  (sign > 0 ? right : left).lower = middle;
}

}  // namespace treeline::boosting
