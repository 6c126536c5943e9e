#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "boosting/splitter.h"
#include "core/random.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

/// Random sums of `n_bins` bins and the missing one for several outputs, which share their rows.
struct JointSums {
  std::vector<std::vector<std::int64_t>> histograms;
  std::vector<std::int64_t> counts = std::vector<std::int64_t>(256);
  std::vector<QuantizedGradients> totals;
  std::int64_t rows = 0;

  JointSums(std::uint64_t seed, int n_bins, bool has_missing, std::size_t n_outputs)
      : histograms(n_outputs, std::vector<std::int64_t>(256)), totals(n_outputs) {
    for (int b = 0; b < 256; ++b) {
      if (b >= n_bins && !(b == simd::kMissingBin && has_missing)) continue;
      counts[b] =
          static_cast<std::int64_t>(RandomBits(seed, 0, static_cast<std::uint64_t>(b)) % 60);
      rows += counts[b];
      for (std::size_t k = 0; k < n_outputs; ++k) Add(seed, b, k);
    }
  }
  void Add(std::uint64_t seed, int b, std::size_t k) {
    const auto bin = static_cast<std::uint64_t>(b);
    const auto g = static_cast<std::int64_t>(RandomBits(seed, 1 + k, bin) % 401) - 200;
    const auto h = static_cast<std::int64_t>(RandomBits(seed, 99 + k, bin) % 90);
    QuantizedGradients& total = totals[k];
    total.gradient_unit = k % 2 == 0 ? 0.25 : 0.125;
    total.hessian_unit = k % 2 == 0 ? 0.5 : 1;
    histograms[k][b] = counts[b] == 0 ? 0 : g * (std::int64_t{1} << 32) + h;
    total.gradient_sum += counts[b] == 0 ? 0 : g;
    total.hessian_sum += counts[b] == 0 ? 0 : h;
  }
  std::vector<const std::int64_t*> pointers() const {
    std::vector<const std::int64_t*> all;
    for (const auto& histogram : histograms) all.push_back(histogram.data());
    return all;
  }
};

BinMapper MapperOf(int n_bins, bool is_categorical) {
  std::vector<double> thresholds;
  for (int b = 0; b + 1 < n_bins; ++b) thresholds.push_back(b);
  if (!is_categorical) return BinMapper({thresholds});
  Categories categories;
  categories.is_categorical = true;
  for (int b = 0; b < n_bins; ++b) categories.codes.push_back(b);
  return BinMapper({{}}, {categories});
}

}  // namespace

TEST_CASE("the search for all outputs finds, of one output, what the search for one does") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const int n_bins = static_cast<int>(1 + RandomBits(seed, 0, 999) % (seed % 3 == 0 ? 255 : 12));
    const bool has_missing = seed % 5 < 3;
    const JointSums sums(seed, n_bins, has_missing, 1);
    const BinMapper mapper = MapperOf(n_bins, seed % 2 == 0);
    GrowerParams params;
    params.min_hessian = 2;
    params.min_samples_leaf = 9;
    params.l2_regularization = static_cast<double>(seed % 3);
    params.categories.max_onehot = seed % 8 == 0 ? 6 : 1;
    params.categories.l2 = static_cast<double>(seed % 4);
    if (seed % 7 == 0) params.l1_regularization = 5;
    if (seed % 7 == 1) params.path_smooth = 20;
    params.extra_trees = seed % 11 == 3;
    Splitter splitter(mapper, {has_missing}, params);
    splitter.BeginTree(sums.totals, 0);
    const SplitNode node = splitter.Root(sums.rows);
    if (splitter.HessianOf(node) < params.min_hessian) continue;
    for (const bool with_counts : {false, true}) {
      const std::int64_t* counts = with_counts ? sums.counts.data() : nullptr;
      const NodeSplit expected = splitter.Find(node, 0, sums.histograms[0].data(), counts);
      const NodeSplit found = splitter.FindForAll(node, 0, sums.pointers(), counts);
      CAPTURE(seed);
      CHECK(found.feature == expected.feature);
      CHECK(found.gain == expected.gain);
      CHECK(found.bin == expected.bin);
      CHECK(found.missing_left == expected.missing_left);
      CHECK(found.has_set == expected.has_set);
      CHECK(found.set.parts() == expected.set.parts());
      CHECK(found.extra_l2 == expected.extra_l2);
    }
  }
}

TEST_CASE("the gain of a threshold for all outputs is the sum of theirs") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const int n_bins = static_cast<int>(2 + RandomBits(seed, 0, 999) % 254);
    const JointSums sums(seed, n_bins, true, 3);
    const BinMapper mapper = MapperOf(n_bins, false);
    GrowerParams params;
    params.l2_regularization = 1;
    params.min_hessian = 5;
    Splitter splitter(mapper, {true}, params);
    splitter.BeginTree(sums.totals, 0);
    const NodeSplit found =
        splitter.FindForAll(splitter.Root(sums.rows), 0, sums.pointers(), nullptr);
    double best = 0;
    for (const bool missing_left : {false, true}) {
      std::vector<double> g(3), h(3);
      for (int b = -1; b + (missing_left ? 1 : 0) < n_bins; ++b) {
        if (b < 0 && !missing_left) continue;
        const int bin = b < 0 ? simd::kMissingBin : b;
        double gain = 0, left = 0, right = 0;
        for (std::size_t k = 0; k < 3; ++k) {
          const QuantizedGradients& total = sums.totals[k];
          const std::int64_t packed = sums.histograms[k][bin];
          g[k] += static_cast<double>(packed >> 32) * total.gradient_unit;
          h[k] += static_cast<double>(packed & 0xffffffff) * total.hessian_unit;
          const double all_g = static_cast<double>(total.gradient_sum) * total.gradient_unit;
          const double all_h = static_cast<double>(total.hessian_sum) * total.hessian_unit;
          gain += g[k] * g[k] / (h[k] + 1) + (all_g - g[k]) * (all_g - g[k]) / (all_h - h[k] + 1);
          left += h[k] / 3;
          right += (all_h - h[k]) / 3;
        }
        if (b >= 0 && std::min(left, right) >= params.min_hessian) best = std::max(best, gain);
      }
    }
    CHECK(found.gain == doctest::Approx(best).epsilon(1e-12));
  }
}

TEST_CASE("categories are put in order along what tells their gradients apart") {
  // Two outputs that say the same twice over, with one sign turned: the order is that of either.
  const int n_bins = 6;
  std::vector<std::int64_t> one(256), two(256);
  QuantizedGradients totals[2];
  const int gradients[] = {5, -40, 30, -3, 22, -14};
  for (int b = 0; b < n_bins; ++b) {
    one[b] = gradients[b] * (std::int64_t{1} << 32) + 40;
    two[b] = -2 * gradients[b] * (std::int64_t{1} << 32) + 40;
    for (QuantizedGradients& total : totals) total.hessian_sum += 40;
  }
  const BinMapper mapper = MapperOf(n_bins, true);
  GrowerParams params;
  Splitter splitter(mapper, {false}, params);
  splitter.BeginTree(totals, 0);
  const std::int64_t* both[] = {one.data(), two.data()};
  const NodeSplit found = splitter.FindForAll(splitter.Root(240), 0, both, nullptr);
  std::vector<int> members;
  for (int b = 0; b < n_bins; ++b) {
    if (found.set.Has(b)) members.push_back(b);
  }
  // Of the ordered -40, -14 | -3, 5, 22, 30: 54² (1/80 + 1/160) is the most that a cut gains.
  CHECK(members == std::vector<int>{1, 5});
  CHECK(found.gain == doctest::Approx(5 * 54 * 54 * (1.0 / 80 + 1.0 / 160)));
}
