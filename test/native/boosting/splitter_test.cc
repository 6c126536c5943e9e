#include "boosting/splitter.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "core/random.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

/// Random sums of `n_bins` bins and the missing one; half of the seeds have few rows a bin.
struct Sums {
  std::vector<std::int64_t> histogram = std::vector<std::int64_t>(256);
  std::vector<std::int64_t> counts = std::vector<std::int64_t>(256);
  QuantizedGradients totals;
  std::int64_t rows = 0;

  Sums(std::uint64_t seed, int n_bins, bool has_missing) {
    totals.gradient_unit = 0.25;
    totals.hessian_unit = 0.5;
    for (int b = 0; b < 256; ++b) {
      if (b >= n_bins && !(b == simd::kMissingBin && has_missing)) continue;
      const auto bin = static_cast<std::uint64_t>(b);
      const auto g = static_cast<std::int64_t>(RandomBits(seed, 1, bin) % 401) - 200;
      const auto h = static_cast<std::int64_t>(RandomBits(seed, 2, bin) % (seed % 2 == 0 ? 90 : 9));
      counts[b] = h == 0 ? 0 : 1 + static_cast<std::int64_t>(RandomBits(seed, 3, bin) % 60);
      histogram[b] = (h == 0 ? 0 : g) * (std::int64_t{1} << 32) + h;
      totals.gradient_sum += h == 0 ? 0 : g;
      totals.hessian_sum += h;
      rows += counts[b];
    }
  }
  double g(int bin) const { return 0.25 * static_cast<double>(histogram[bin] >> 32); }
  double h(int bin) const { return 0.5 * static_cast<double>(histogram[bin] & 0xffffffff); }
  double all_g() const { return 0.25 * static_cast<double>(totals.gradient_sum); }
  double all_h() const { return 0.5 * static_cast<double>(totals.hessian_sum); }
};

/// The search's rules again, in the words of scikit-learn and LightGBM.
struct NaiveRules {
  const GrowerParams& params;
  const Sums& sums;
  double lower = -kInf, upper = kInf, parent_value = 0;
  double l2_besides = 0;

  double l2() const { return params.l2_regularization + l2_besides + 1e-15; }
  double Thresholded(double g) const {
    return (g > 0 ? 1 : -1) * std::max(0.0, std::fabs(g) - params.l1_regularization);
  }
  double Value(double g, double h) const {
    double value = -Thresholded(g) / (h + l2());
    if (params.max_delta_step > 0)
      value = std::clamp(value, -params.max_delta_step, params.max_delta_step);
    if (params.path_smooth > 0) {
      const double n = h * static_cast<double>(sums.rows) / sums.all_h() / params.path_smooth;
      value = value * n / (n + 1) + parent_value / (n + 1);
    }
    return std::min(std::max(value, lower), upper);
  }
  bool is_quadratic() const {
    return params.l1_regularization > 0 || params.max_delta_step > 0 || params.path_smooth > 0;
  }
  double Gain(double g, double h) const {
    const double v = Value(g, h);
    return is_quadratic() ? -(2 * Thresholded(g) * v + (h + l2()) * v * v) : -g * v;
  }
  /// The gain of a split, or minus infinity where it is not allowed.
  double Split(double g, double h, std::int64_t n, bool with_counts, int sign) const {
    const double g_right = sums.all_g() - g;
    const double h_right = sums.all_h() - h;
    if (h < params.min_hessian || h_right < params.min_hessian) return -kInf;
    if (with_counts && std::min(n, sums.rows - n) < params.min_samples_leaf) return -kInf;
    const double left = Value(g, h);
    const double right = Value(g_right, h_right);
    if ((sign > 0 && left > right) || (sign < 0 && left < right)) return -kInf;
    return Gain(g, h) + Gain(g_right, h_right);
  }
};

/// scikit-learn's _find_best_bin_to_split_category with LightGBM's limits: the best gain and its
/// set.
NodeSplit NaiveCategories(const NaiveRules& rules, int n_bins, bool has_missing, bool with_counts) {
  const Sums& sums = rules.sums;
  const CategoryRules& categories = rules.params.categories;
  const double rows_per_hessian = static_cast<double>(sums.rows) / sums.all_h();
  std::vector<int> order;
  for (int b = 0; b < 256; ++b) {
    const bool exists = b < n_bins || (b == simd::kMissingBin && has_missing);
    if (exists && sums.h(b) > 0 && sums.h(b) * rows_per_hessian >= categories.smooth)
      order.push_back(b);
  }
  const auto ratio = [&](int b) { return sums.g(b) / (sums.h(b) + categories.smooth); };
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return ratio(a) < ratio(b); });
  NodeSplit best;
  const auto n = static_cast<int>(order.size());
  if (n < 2) return best;
  for (const int direction : {1, -1}) {
    const int half = (n + 1) / 2 - (direction > 0 ? 0 : 1);
    double g = 0, h = 0, group = 0;
    std::int64_t count = 0;
    BinMembers set(n_bins);
    for (int i = 0; i < half && i < categories.max_left; ++i) {
      const int bin = order[direction > 0 ? i : n - 1 - i];
      set.Add(bin);
      g += sums.g(bin);
      h += sums.h(bin);
      count += sums.counts[bin];
      group += sums.h(bin) * rows_per_hessian;
      if ((sums.all_h() - h) * rows_per_hessian < categories.min_rows_per_group) break;
      if (group < categories.min_rows_per_group) continue;
      group = 0;
      const double gain = rules.Split(g, h, count, with_counts, 0);
      if (gain > best.gain && gain > rules.params.min_gain) {
        best.gain = gain;
        best.feature = 0;
        best.set = set;
      }
    }
  }
  return best;
}

BinMapper CategoricalMapper(int n_bins) {
  Categories categories;
  categories.is_categorical = true;
  for (int b = 0; b < n_bins; ++b) categories.codes.push_back(b);
  return BinMapper({{}}, {categories});
}

BinMapper NumericalMapper(int n_bins) {
  std::vector<double> thresholds;
  for (int b = 0; b + 1 < n_bins; ++b) thresholds.push_back(b);
  return BinMapper({thresholds});
}

/// A split that gains just enough is found, whatever is asked for; one that gains no more is not.
void CheckLeastGain(const Splitter& splitter, const SplitNode& node, const Sums& sums,
                    const std::int64_t* counts, const NodeSplit& found) {
  if (found.feature < 0) return;
  const auto again = [&](double least) {
    return splitter.Find(node, 0, sums.histogram.data(), counts, least);
  };
  const NodeSplit same = again(std::nextafter(found.gain, 0));
  CHECK(same.gain == found.gain);
  CHECK(same.bin == found.bin);
  CHECK(same.set.parts() == found.set.parts());
  CHECK(same.missing_left == found.missing_left);
  CHECK(again(found.gain).feature < 0);
}

}  // namespace

TEST_CASE("splits on categories are a naive search's, with scikit-learn's rules and LightGBM's") {
  const std::vector<CategoryRules> all_rules = {
      {}, {0, 0, 1, 255, 0}, {10, 10, 1, 32, 100}, {3, 1, 1, 2, 1}, {0, 0, 1, 1, 40}};
  for (std::uint64_t seed = 0; seed < 120; ++seed) {
    const int n_bins = static_cast<int>(1 + RandomBits(seed, 0, 0) % (seed % 3 == 0 ? 255 : 12));
    const bool has_missing = seed % 5 < 3;
    const Sums sums(seed, n_bins, has_missing);
    const BinMapper mapper = CategoricalMapper(n_bins);
    GrowerParams params;
    params.categories = all_rules[seed % all_rules.size()];
    params.min_hessian = 2;
    params.min_samples_leaf = 9;
    params.l2_regularization = static_cast<double>(seed % 3);
    if (seed % 7 == 0) params.l1_regularization = 5;
    if (seed % 7 == 1) params.max_delta_step = 0.5;
    if (sums.all_h() < params.min_hessian) continue;
    Splitter splitter(mapper, {has_missing}, params);
    splitter.BeginTree({&sums.totals, 1}, 0);
    const SplitNode node = splitter.Root(sums.rows);
    for (const bool with_counts : {false, true}) {
      const std::int64_t* counts = with_counts ? sums.counts.data() : nullptr;
      const NodeSplit found = splitter.Find(node, 0, sums.histogram.data(), counts);
      CheckLeastGain(splitter, node, sums, counts, found);
      NaiveRules rules{params, sums};
      rules.l2_besides = params.categories.l2;
      const NodeSplit expected = NaiveCategories(rules, n_bins, has_missing, with_counts);
      CHECK(found.feature == expected.feature);
      if (expected.feature < 0) continue;
      CHECK(found.has_set);
      CHECK(found.set.parts() == expected.set.parts());
      CHECK(found.missing_left == found.set.Has(simd::kMissingBin));
      CHECK(found.extra_l2 == params.categories.l2);
      CHECK(found.gain == doctest::Approx(expected.gain).epsilon(1e-12));
    }
  }
}

TEST_CASE("features of few categories are split one against the rest") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const int n_bins = static_cast<int>(1 + seed % 5);
    const bool has_missing = seed % 2 == 0;
    const Sums sums(seed, n_bins, has_missing);
    const BinMapper mapper = CategoricalMapper(n_bins);
    GrowerParams params;
    params.categories = {10, 10, 6, 32, 100};
    params.min_hessian = 0.5;
    if (sums.all_h() < params.min_hessian) continue;
    Splitter splitter(mapper, {has_missing}, params);
    splitter.BeginTree({&sums.totals, 1}, 0);
    const NodeSplit found =
        splitter.Find(splitter.Root(sums.rows), 0, sums.histogram.data(), nullptr);
    NodeSplit expected;
    const NaiveRules rules{params, sums};
    for (int b = 0; b < 256; ++b) {
      if (b >= n_bins && !(b == simd::kMissingBin && has_missing)) continue;
      const double gain = rules.Split(sums.g(b), sums.h(b), 0, false, 0);
      if (gain <= expected.gain) continue;
      expected.gain = gain;
      expected.feature = 0;
      expected.set = BinMembers(n_bins);
      expected.set.Add(b);
    }
    CHECK(found.feature == expected.feature);
    CHECK(found.set.parts() == expected.set.parts());
    CHECK(found.extra_l2 == 0);
  }
}

TEST_CASE("thresholds under bounds, penalties and smoothing are a naive search's") {
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    const int n_bins = static_cast<int>(2 + RandomBits(seed, 0, 0) % 254);
    const bool has_missing = seed % 2 == 0;
    const Sums sums(seed, n_bins, has_missing);
    const BinMapper mapper = NumericalMapper(n_bins);
    GrowerParams params;
    params.min_hessian = 3;
    params.min_samples_leaf = 4;
    params.l2_regularization = static_cast<double>(seed % 3);
    const int sign = static_cast<int>(seed % 3) - 1;
    params.monotonic = {static_cast<std::int8_t>(sign)};
    if (seed % 4 == 1) params.l1_regularization = 30;
    if (seed % 5 == 1) params.max_delta_step = 0.25;
    if (seed % 6 == 1) params.path_smooth = 50;
    Splitter splitter(mapper, {has_missing}, params);
    splitter.BeginTree({&sums.totals, 1}, 0);
    SplitNode node = splitter.Root(sums.rows);
    node.first.value = 0.125;
    if (sign != 0 && seed % 4 < 2) node.lower = -0.5, node.upper = 0.75;
    const NaiveRules rules{params, sums, node.lower, node.upper, node.first.value};
    INFO("seed " << seed);
    for (const bool with_counts : {false, true}) {
      const std::int64_t* counts = with_counts ? sums.counts.data() : nullptr;
      const NodeSplit found = splitter.Find(node, 0, sums.histogram.data(), counts);
      CheckLeastGain(splitter, node, sums, counts, found);
      double best = 0;
      double gain_of_found = -kInf;
      for (int side = 0; side <= (has_missing ? 1 : 0); ++side) {
        double g = side != 0 ? sums.g(simd::kMissingBin) : 0;
        double h = side != 0 ? sums.h(simd::kMissingBin) : 0;
        std::int64_t n = side != 0 ? sums.counts[simd::kMissingBin] : 0;
        for (int b = 0; b < n_bins - (has_missing && side == 0 ? 0 : 1); ++b) {
          g += sums.g(b);
          h += sums.h(b);
          n += sums.counts[b];
          const double gain = rules.Split(g, h, n, with_counts, sign);
          best = std::max(best, gain);
          if (b == found.bin && (side != 0) == found.missing_left) gain_of_found = gain;
        }
      }
      if (found.feature < 0) {
        CHECK(best <= 1e-9);
      } else {
        CHECK(found.gain == doctest::Approx(best).epsilon(1e-12));
        CHECK(gain_of_found == doctest::Approx(best).epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("thresholds under rules are the same bits on every instruction set") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Sums sums(seed, 200, true);
    simd::SplitQuery query{};
    query.gradient = sums.all_g();
    query.hessian = sums.all_h();
    query.gradient_unit = 0.25;
    query.hessian_unit = 0.5;
    query.regularization = 1.5;
    query.min_hessian = 1;
    query.n_bins = 200;
    query.has_missing = true;
    query.has_value_rules = true;
    query.is_quadratic = seed % 2 == 0;
    query.monotonic = static_cast<std::int8_t>(seed % 3 - 1);
    query.only_bin = seed % 5 == 0 ? 77 : -1;
    query.l1 = static_cast<double>(seed % 4);
    query.max_value = 0.75;
    query.lower = -0.5;
    query.upper = 0.6;
    query.smoothing = static_cast<double>(seed % 7);
    query.smooth_value = 0.1;
    query.rows_per_hessian = 1.25;
    const auto expected = simd::Supported()[0]->splits.find(sums.histogram.data(), nullptr, query);
    if (query.only_bin >= 0 && expected.bin >= 0) CHECK(expected.bin == 77);
    for (const simd::Kernels* kernels : simd::Supported()) {
      const auto found = kernels->splits.find(sums.histogram.data(), nullptr, query);
      CHECK(found.bin == expected.bin);
      CHECK(found.gain == expected.gain);
      CHECK(found.missing_left == expected.missing_left);
      const double value = kernels->splits.value(3, 4, query);
      CHECK(value == simd::Supported()[0]->splits.value(3, 4, query));
      CHECK(kernels->splits.gain(3, 4, value, query) ==
            simd::Supported()[0]->splits.gain(3, 4, value, query));
    }
  }
}

TEST_CASE("children of a monotonic split are bounded by its middle, their values keep the order") {
  const BinMapper mapper = NumericalMapper(10);
  GrowerParams params;
  params.monotonic = {1};
  Splitter splitter(mapper, {false}, params);
  QuantizedGradients gradients;
  gradients.gradient_sum = 10;
  gradients.hessian_sum = 20;
  splitter.BeginTree({&gradients, 1}, 0);
  const SplitNode root = splitter.Root(20);
  NodeSplit split;
  split.feature = 0;
  SplitNode left, right;
  left.first.gradient = 20;
  left.first.hessian = 10;
  left.rows = right.rows = 10;
  right.first.gradient = -10;
  right.first.hessian = 10;
  splitter.Descend(root, split, left, right);
  CHECK(left.first.value == doctest::Approx(-2));
  CHECK(right.first.value == doctest::Approx(1));
  CHECK(left.upper == doctest::Approx(-0.5));
  CHECK(right.lower == doctest::Approx(-0.5));
  CHECK(left.lower == -kInf);
  CHECK(right.upper == kInf);
  SplitNode far_left, inner;
  far_left.first.gradient = 30;
  far_left.first.hessian = 5;
  inner.first.gradient = -10;
  inner.first.hessian = 5;
  splitter.Descend(left, split, far_left, inner);
  CHECK(inner.first.value == doctest::Approx(-0.5));  // 2 without the bound
}

TEST_CASE("nodes look at the share of features asked for, drawn anew, of those that may interact") {
  constexpr std::size_t kFeatures = 40;
  const BinMapper mapper(std::vector<std::vector<double>>(kFeatures, {0.5}));
  const auto count = [](const std::vector<std::uint8_t>& allowed) {
    return std::accumulate(allowed.begin(), allowed.end(), 0);
  };
  QuantizedGradients gradients;
  GrowerParams params;
  const std::vector<bool> has_missing(kFeatures);
  {
    Splitter splitter(mapper, has_missing, params);
    splitter.BeginTree({&gradients, 1}, 0);
    CHECK(splitter.FeaturesOf({}).empty());
  }
  params.max_features_per_tree = 0.5;
  params.max_features = 0.26;
  Splitter splitter(mapper, has_missing, params);
  std::vector<std::vector<std::uint8_t>> seen;
  for (std::int64_t tree = 0; tree < 3; ++tree) {
    splitter.BeginTree({&gradients, 1}, tree);
    std::vector<std::uint8_t> of_tree(kFeatures);
    for (std::int32_t number = 0; number < 60; ++number) {
      SplitNode node;
      node.number = number;
      const auto allowed = splitter.FeaturesOf(node);
      CHECK(count(allowed) == 6);  // 0.26 * 20, rounded up
      CHECK(allowed == splitter.FeaturesOf(node));
      for (std::size_t j = 0; j < kFeatures; ++j) of_tree[j] |= allowed[j];
    }
    CHECK(count(of_tree) == 20);
    CHECK(std::find(seen.begin(), seen.end(), of_tree) == seen.end());
    seen.push_back(of_tree);
  }
  params = {};
  params.interactions = Interactions::kWithinSets;
  params.interaction_sets = {{0, 1, 2}, {2, 3}, {4}};
  const auto allowed_after = [&](std::vector<std::int32_t> path) {
    Splitter constrained(mapper, has_missing, params);
    constrained.BeginTree({&gradients, 1}, 0);
    SplitNode node;
    node.path = std::move(path);
    std::vector<std::size_t> features;
    const auto allowed = constrained.FeaturesOf(node);
    for (std::size_t j = 0; j < allowed.size(); ++j) {
      if (allowed[j] != 0) features.push_back(j);
    }
    return features;
  };
  using List = std::vector<std::size_t>;
  CHECK(allowed_after({2}) == List{0, 1, 2, 3});
  CHECK(allowed_after({2, 3}) == List{2, 3});
  CHECK(allowed_after({4}) == List{4});
  params.interactions = Interactions::kPairs;
  params.interaction_sets = {};
  CHECK(allowed_after({7}).size() == kFeatures);
  CHECK(allowed_after({7, 3}) == List{3, 7});
  params.interactions = Interactions::kNone;
  CHECK(allowed_after({7}) == List{7});
}
