#include <algorithm>
#include <cmath>
#include <utility>

#include "boosting/splitter.h"

namespace treeline::boosting {

namespace {

constexpr int kPowerSteps = 32;

std::int64_t HessianBits(std::int64_t packed) noexcept { return packed & 0xffffffff; }

/// Adds to gains[b] what the splits "bins 0 … b go left" gain one output, its parent's gain not
/// taken off, and to hessians[b] the left child's. `sums`: packed sums of bins 0 … b.
void AddGains(const std::vector<std::int64_t>& sums, const simd::SplitQuery& query,
              std::vector<double>& gains, std::vector<double>& hessians) {
  const simd::SplitKernels& splits = simd::Active().splits;
  const auto gain_of = [&](double gradient, double hessian) {
    if (!query.has_value_rules) return gradient * gradient / (hessian + query.regularization);
    return splits.gain(gradient, hessian, splits.value(gradient, hessian, query), query);
  };
  for (std::size_t b = 0; b < sums.size(); ++b) {
    const double g_left = static_cast<double>(sums[b] >> 32) * query.gradient_unit;
    const double h_left = static_cast<double>(HessianBits(sums[b])) * query.hessian_unit;
    gains[b] += gain_of(g_left, h_left) + gain_of(query.gradient - g_left, query.hessian - h_left);
    hessians[b] += h_left;
  }
}

/// The direction in which points differ most, weighted: the first eigenvector of their covariance,
/// by power iteration. Its largest component is positive, so that of one dimension it is 1.
std::vector<double> LeadingDirection(const std::vector<std::vector<double>>& points,
                                     const std::vector<double>& weights) {
  const std::size_t n = points[0].size();
  double total = 0;
  std::vector<double> mean(n);
  for (std::size_t i = 0; i < points.size(); ++i) {
    total += weights[i];
    for (std::size_t k = 0; k < n; ++k) mean[k] += weights[i] * points[i][k];
  }
  std::vector<double> covariance(n * n);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      const double distance = weights[i] * (points[i][k] - mean[k] / total);
      for (std::size_t j = 0; j < n; ++j)
        covariance[k * n + j] += distance * (points[i][j] - mean[j] / total);
    }
  }
  std::size_t widest = 0;
  for (std::size_t k = 1; k < n; ++k)
    if (covariance[k * n + k] > covariance[widest * n + widest]) widest = k;
  std::vector<double> direction(n), next(n);
  direction[widest] = 1;
  for (int step = 0; step < kPowerSteps; ++step) {
    double largest = 0;
    for (std::size_t k = 0; k < n; ++k) {
      next[k] = 0;
      for (std::size_t j = 0; j < n; ++j) next[k] += covariance[k * n + j] * direction[j];
      if (std::fabs(next[k]) > std::fabs(largest)) largest = next[k];
    }
    if (largest == 0) break;
    for (std::size_t k = 0; k < n; ++k) direction[k] = next[k] / largest;
  }
  return direction;
}

}  // namespace

/// A node's histograms of one feature, an output each, and the rules for all of them.
struct Splitter::JointSearch {
  std::vector<simd::SplitQuery> queries;  // one an output; they differ in sums and units
  std::span<const std::int64_t* const> histograms;
  const std::int64_t* counts;  // or nullptr
  double hessian = 0;          // of the node

  std::size_t n_outputs() const noexcept { return queries.size(); }
  const simd::SplitQuery& rules() const noexcept { return queries[0]; }
  /// Hessian sum of a bin: the mean of the outputs'.
  double HessianIn(int bin) const noexcept {
    double sum = 0;
    for (std::size_t k = 0; k < n_outputs(); ++k) {
      const auto bits = static_cast<double>(HessianBits(histograms[k][bin]));
      sum += bits * queries[k].hessian_unit;
    }
    return sum / static_cast<double>(n_outputs());
  }
  double RowsIn(int bin) const noexcept {
    return HessianIn(bin) * static_cast<double>(rules().n_rows) / hessian;
  }
  void Set(int n_bins, bool has_missing, double extra_regularization = 0) {
    for (simd::SplitQuery& query : queries) {
      query.n_bins = n_bins;
      query.has_missing = has_missing;
      query.regularization += extra_regularization;
    }
  }

  /// The best split of these histograms, each a pointer to its bins: it must gain more than
  /// min_gain.
  simd::FeatureSplit Find(std::span<const std::int64_t* const> sums, const std::int64_t* rows,
                          double min_gain, int only_bin) const {
    simd::FeatureSplit best{min_gain, -1, false};
    SearchSide(sums, rows, false, only_bin, best);
    if (rules().has_missing) SearchSide(sums, rows, true, only_bin, best);
    return best;
  }

  /// With the missing values on one side. Of equals the first bin; with missing values on the left
  /// the last, as in the search for one output.
  void SearchSide(std::span<const std::int64_t* const> histograms_of_bins,
                  const std::int64_t* rows_of_bins, bool missing_left, int only_bin,
                  simd::FeatureSplit& best) const {
    const int n = rules().n_bins - 1 + (rules().has_missing && !missing_left ? 1 : 0);
    std::vector<std::int64_t> sums(static_cast<std::size_t>(n)), rows;
    std::vector<double> gains(sums.size()), hessians(sums.size());
    for (std::size_t k = 0; k < n_outputs(); ++k) {
      std::int64_t sum = missing_left ? histograms_of_bins[k][rules().missing_bin] : 0;
      for (int b = 0; b < n; ++b) sums[b] = sum += histograms_of_bins[k][b];
      AddGains(sums, queries[k], gains, hessians);
    }
    std::int64_t count =
        rows_of_bins != nullptr && missing_left ? rows_of_bins[rules().missing_bin] : 0;
    for (int b = 0; b < n && rows_of_bins != nullptr; ++b) rows.push_back(count += rows_of_bins[b]);
    for (int i = 0; i < n; ++i) {
      const int b = missing_left ? n - 1 - i : i;
      const double left = hessians[b] / static_cast<double>(n_outputs());
      if (!(left >= rules().min_hessian && hessian - left >= rules().min_hessian)) continue;
      if (rows_of_bins != nullptr && std::min(rows[b], rules().n_rows - rows[b]) < rules().min_rows)
        continue;
      if (only_bin >= 0 && only_bin != b) continue;
      const double gain = gains[b] - rules().parent_loss;
      if (gain > best.gain) best = {gain, b, missing_left};
    }
  }
};

NodeSplit Splitter::FindForAll(const SplitNode& node, std::int64_t feature,
                               std::span<const std::int64_t* const> histograms,
                               const std::int64_t* counts) const {
  JointSearch search{{}, histograms, counts, HessianOf(node)};
  for (std::size_t k = 0; k < gradients_.size(); ++k) search.queries.push_back(QueryOf(node, k));
  const int n_bins = mapper_.n_bins(feature);
  for (simd::SplitQuery& query : search.queries) query.missing_bin = MissingBin(n_bins);
  search.Set(n_bins, has_missing_[feature]);
  if (mapper_.is_categorical(feature)) {
    const int n_categories = n_bins + (has_missing_[feature] ? 1 : 0);
    return n_categories <= params_.categories.max_onehot
               ? FindOneCategoryForAll(feature, search)
               : FindCategoriesForAll(node, feature, search);
  }
  int only_bin = -1;
  if (params_.extra_trees) {
    int first = 0;
    int last = n_bins - 1;
    while (first < last && search.HessianIn(first) == 0) ++first;
    while (first < last && search.HessianIn(last) == 0) --last;
    const bool may_cut_missing =
        has_missing_[feature] && search.HessianIn(search.rules().missing_bin) > 0;
    const int choices = last - first + (may_cut_missing ? 1 : 0);
    if (choices == 0) return {};
    only_bin =
        first + static_cast<int>(RandomOf(node, feature, static_cast<std::uint64_t>(choices)));
  }
  const simd::FeatureSplit best = search.Find(histograms, counts, params_.min_gain, only_bin);
  NodeSplit split;
  if (best.bin < 0) return split;
  split.gain = best.gain;
  split.feature = feature;
  split.bin = best.bin;
  split.missing_left = best.missing_left;
  return split;
}

NodeSplit Splitter::FindOneCategoryForAll(std::int64_t feature, JointSearch& search) const {
  NodeSplit split;
  const int n_bins = search.rules().n_bins;
  const int n_categories = n_bins + (search.rules().has_missing ? 1 : 0);
  search.Set(2, false);
  double least = params_.min_gain;
  for (int i = 0; i < n_categories; ++i) {
    const int bin = i < n_bins ? i : search.rules().missing_bin;
    std::vector<const std::int64_t*> sums;
    for (const std::int64_t* histogram : search.histograms) sums.push_back(histogram + bin);
    const std::int64_t* rows = search.counts == nullptr ? nullptr : search.counts + bin;
    const simd::FeatureSplit found = search.Find(sums, rows, least, -1);
    if (found.bin < 0) continue;
    split.gain = least = found.gain;
    split.feature = feature;
    split.has_set = true;
    split.set = BinMembers(mapper_.n_bins(feature));
    split.set.Add(bin);
    split.missing_left = bin == search.rules().missing_bin;
  }
  return split;
}

/// The bins of categories with enough rows along the direction in which their mean gradients differ
/// most (Coppersmith, Hong, Hosking, "Partitioning Nominal Attributes in Decision Trees", 1999): of
/// one output the order by gradient over hessian.
std::vector<int> Splitter::JointlyOrdered(std::int64_t feature, const JointSearch& search) const {
  const double smooth = params_.categories.smooth;
  std::vector<int> bins;
  std::vector<std::vector<double>> means;
  std::vector<double> weights;
  const auto consider = [&](int bin) {
    const double hessian = search.HessianIn(bin);
    if (hessian == 0 || search.RowsIn(bin) < smooth) return;
    std::vector<double>& mean = means.emplace_back();
    for (std::size_t k = 0; k < search.n_outputs(); ++k) {
      const std::int64_t packed = search.histograms[k][bin];
      const simd::SplitQuery& query = search.queries[k];
      const double own = static_cast<double>(HessianBits(packed)) * query.hessian_unit;
      mean.push_back(static_cast<double>(packed >> 32) * query.gradient_unit /
                     std::max(own + smooth, 1e-15));
    }
    weights.push_back(hessian);
    bins.push_back(bin);
  };
  for (int bin = 0; bin < mapper_.n_bins(feature); ++bin) consider(bin);
  if (has_missing_[feature]) consider(search.rules().missing_bin);
  if (bins.size() < 2) return bins;
  const std::vector<double> direction = LeadingDirection(means, weights);
  std::vector<std::pair<double, int>> ranked;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    double place = 0;
    for (std::size_t k = 0; k < direction.size(); ++k) place += direction[k] * means[i][k];
    ranked.emplace_back(place, bins[i]);
  }
  std::sort(ranked.begin(), ranked.end());
  for (std::size_t i = 0; i < bins.size(); ++i) bins[i] = ranked[i].second;
  return bins;
}

/// FindCategories for all outputs together.
NodeSplit Splitter::FindCategoriesForAll(const SplitNode& node, std::int64_t feature,
                                         JointSearch& search) const {
  const CategoryRules& rules = params_.categories;
  std::vector<int> order = JointlyOrdered(feature, search);
  const auto n_used = static_cast<std::int64_t>(order.size());
  NodeSplit split;
  if (n_used < 2) return split;
  search.Set(0, false, rules.l2);
  double least = params_.min_gain;
  for (const bool is_reversed : {false, true}) {
    if (is_reversed) std::reverse(order.begin(), order.end());
    const std::int64_t half = (n_used + 1) / 2 - (is_reversed ? 1 : 0);
    const std::vector<int> ends = GroupEnds(order, std::min(half, rules.max_left), search);
    const auto n_groups = static_cast<int>(ends.size());
    if (n_groups == 0) continue;
    std::vector<std::int64_t> sums(static_cast<std::size_t>(n_groups) * (search.n_outputs() + 1));
    std::vector<const std::int64_t*> rows_and_sums;
    for (std::size_t k = 0; k <= search.n_outputs(); ++k) {
      const std::int64_t* from = k < search.n_outputs() ? search.histograms[k] : search.counts;
      std::int64_t* to = sums.data() + k * ends.size();
      rows_and_sums.push_back(from == nullptr ? nullptr : to);
      for (int g = 0, i = 0; g < n_groups && from != nullptr; ++g)
        for (; i < ends[g]; ++i) to[g] += from[order[i]];
    }
    search.Set(n_groups + 1, false);
    const int only_bin =
        params_.extra_trees
            ? static_cast<int>(RandomOf(node, feature, static_cast<std::uint64_t>(n_groups)))
            : -1;
    const simd::FeatureSplit found = search.Find(std::span(rows_and_sums).first(search.n_outputs()),
                                                 rows_and_sums.back(), least, only_bin);
    if (found.bin < 0) continue;
    split.gain = least = found.gain;
    split.feature = feature;
    split.has_set = true;
    split.extra_l2 = rules.l2;
    split.set = BinMembers(mapper_.n_bins(feature));
    for (int i = 0; i < ends[found.bin]; ++i) split.set.Add(order[i]);
    split.missing_left = split.set.Has(search.rules().missing_bin);
  }
  return split;
}

/// Cuts the first `most` categories into groups of enough rows: where each ends. None of them
/// leaves too few rows for the other side.
std::vector<int> Splitter::GroupEnds(const std::vector<int>& order, std::int64_t most,
                                     const JointSearch& search) const {
  std::vector<int> ends;
  const double fewest = params_.categories.min_rows_per_group;
  auto left = static_cast<double>(search.rules().n_rows);
  double in_group = 0;
  for (int i = 0; i < static_cast<int>(most); ++i) {
    const double rows = search.RowsIn(order[i]);
    in_group += rows;
    left -= rows;
    if (left < fewest) break;
    if (in_group < fewest) continue;
    in_group = 0;
    ends.push_back(i + 1);
  }
  return ends;
}

}  // namespace treeline::boosting
