#include "simd/boosting_kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using namespace treeline;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

std::vector<std::uint8_t> RandomBins(std::int64_t n, std::uint64_t seed) {
  std::vector<std::uint8_t> bins(static_cast<std::size_t>(n + 64));
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const std::uint64_t word = RandomBits(seed, 0, i);
    bins[i] = (word & 15) == 0 ? simd::kMissingBin : static_cast<std::uint8_t>(word >> 8);
  }
  return bins;
}

bool GoesLeft(std::uint8_t bin, int shift, int limit) { return ((bin + shift) & 255) <= limit; }

/// A set with about `share` of 256 of all bins.
simd::BinSet RandomSet(std::uint64_t seed, std::uint64_t share) {
  simd::BinSet set;
  for (int b = 0; b < 256; ++b) {
    if (RandomBits(seed, 17, static_cast<std::uint64_t>(b)) % 256 < share) set.Add(b);
  }
  return set;
}

template <typename T>
simd::BinTable<T> TableOf(const std::vector<T>& thresholds) {
  simd::BinTable<T> table;
  std::fill(std::begin(table.fine), std::end(table.fine), std::numeric_limits<T>::infinity());
  std::copy(thresholds.begin(), thresholds.end(), table.fine);
  for (int i = 0; i < 16; ++i)
    table.coarse[i] = i < 15 ? table.fine[16 * i + 15] : std::numeric_limits<T>::infinity();
  table.n_thresholds = static_cast<std::int32_t>(thresholds.size());
  return table;
}

template <typename T>
void CheckBinning(void (*bin)(const simd::BinTable<T>&, const T*, std::int64_t,
                              std::uint8_t*) noexcept) {
  for (const int n_thresholds : {0, 1, 2, 14, 15, 16, 17, 31, 32, 100, 253, 254}) {
    std::vector<T> thresholds;
    for (int i = 0; i < n_thresholds; ++i)
      thresholds.push_back(static_cast<T>(i) * static_cast<T>(0.5) - 3);
    const auto table = TableOf(thresholds);
    std::vector<T> x = {static_cast<T>(kInf),
                        static_cast<T>(-kInf),
                        std::numeric_limits<T>::quiet_NaN(),
                        0,
                        static_cast<T>(-0.0),
                        std::numeric_limits<T>::denorm_min(),
                        -std::numeric_limits<T>::denorm_min(),
                        std::numeric_limits<T>::max(),
                        std::numeric_limits<T>::lowest()};
    for (const T t : thresholds) {
      x.push_back(t);
      x.push_back(std::nextafter(t, static_cast<T>(kInf)));
      x.push_back(std::nextafter(t, static_cast<T>(-kInf)));
    }
    std::vector<std::uint8_t> bins(x.size());
    bin(table, x.data(), static_cast<std::int64_t>(x.size()), bins.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto below =
          std::count_if(thresholds.begin(), thresholds.end(), [&](T t) { return t < x[i]; });
      CHECK(bins[i] == (std::isnan(x[i]) ? simd::kMissingBin : below));
    }
  }
}

}  // namespace

TEST_CASE("a bin is the number of thresholds below a value, on every instruction set") {
  for (const simd::Kernels* kernels : simd::Supported()) {
    CheckBinning<float>(kernels->binning.bin_floats);
    CheckBinning<double>(kernels->binning.bin_doubles);
  }
}

TEST_CASE("bitmaps and lists of rows split as a naive loop splits them, on every instruction set") {
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (const std::int64_t n : {1, 15, 16, 17, 63, 64, 65, 200, 512}) {
      const std::int64_t words = (n + 63) / 64;
      const auto bins = RandomBins(words * 64, static_cast<std::uint64_t>(n));
      for (const int shift : {0, 1, -1}) {  // -1: a set
        for (const int limit : {0, 1, 100, 200, 254}) {
          const simd::BinSet set =
              RandomSet(static_cast<std::uint64_t>(n), static_cast<std::uint64_t>(limit));
          std::vector<std::uint64_t> bitmap(static_cast<std::size_t>(words)), right(bitmap.size());
          std::vector<std::uint16_t> list(static_cast<std::size_t>(n + 64)), moved(list.size());
          std::vector<std::uint16_t> all, expected_left, expected_right;
          for (std::int64_t i = 0; i < n; ++i) {
            if (RandomBits(9, 9, static_cast<std::uint64_t>(i)) % 3 == 0) continue;
            bitmap[i / 64] |= std::uint64_t{1} << (i % 64);
            list[all.size()] = static_cast<std::uint16_t>(i);
            all.push_back(static_cast<std::uint16_t>(i));
            const bool is_left = shift < 0 ? set.Has(bins[i]) : GoesLeft(bins[i], shift, limit);
            (is_left ? expected_left : expected_right).push_back(static_cast<std::uint16_t>(i));
          }
          simd::BinTest test{static_cast<std::uint8_t>(shift), static_cast<std::uint8_t>(limit)};
          if (shift < 0) test = {0, 0, set.bytes};
          const auto& partition = kernels->partition;
          const auto n_all = static_cast<std::int64_t>(all.size());
          const auto n_left = static_cast<std::int64_t>(expected_left.size());
          CHECK(partition.split_list(bins.data(), n_all, test, list.data(), moved.data()) ==
                n_left);
          CHECK(std::equal(expected_left.begin(), expected_left.end(), list.begin()));
          CHECK(std::equal(expected_right.begin(), expected_right.end(), moved.begin()));
          CHECK(partition.split_bitmap(bins.data(), words, test, bitmap.data(), right.data()) ==
                n_left);
          std::vector<std::uint16_t> expanded(static_cast<std::size_t>(n + 64));
          CHECK(partition.expand_bitmap(right.data(), words, expanded.data()) == n_all - n_left);
          CHECK(std::equal(expected_right.begin(), expected_right.end(), expanded.begin()));
          CHECK(partition.expand_bitmap(bitmap.data(), words, expanded.data()) == n_left);
          CHECK(std::equal(expected_left.begin(), expected_left.end(), expanded.begin()));
        }
      }
    }
  }
}

TEST_CASE("bitmaps of any density become lists of their rows, on every instruction set") {
  constexpr std::int64_t kWords = 40;
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (const std::uint64_t one_in : {1, 2, 5, 8, 12, 64, 1000}) {
      std::vector<std::uint64_t> bitmap(kWords);
      std::vector<std::uint16_t> expected, rows(64 * kWords + 64);
      for (std::int64_t i = 0; i < 64 * kWords; ++i) {
        if (RandomBits(one_in, 1, static_cast<std::uint64_t>(i)) % one_in != 0) continue;
        bitmap[i / 64] |= std::uint64_t{1} << (i % 64);
        expected.push_back(static_cast<std::uint16_t>(i));
      }
      const std::int64_t n = kernels->partition.expand_bitmap(bitmap.data(), kWords, rows.data());
      rows.resize(static_cast<std::size_t>(n));
      CHECK(rows == expected);
    }
  }
}

TEST_CASE("rows are added to the sums of their codes, on every instruction set") {
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (const int record_bytes : {8, 16, 32}) {
      for (int n_columns = 1; n_columns <= std::min(record_bytes, simd::kPassColumns);
           ++n_columns) {
        constexpr std::int64_t kRows = 17;
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(kRows * record_bytes));
        for (std::size_t i = 0; i < codes.size(); ++i)
          codes[i] = static_cast<std::uint8_t>(RandomBits(3, 3, i) % (i % 2 == 0 ? 256 : 3));
        std::vector<std::int64_t> summands(kRows);
        for (std::size_t i = 0; i < kRows; ++i)
          summands[i] = static_cast<std::int64_t>(RandomBits(4, 4, i)) >> 8;
        std::vector<std::int64_t> sums(static_cast<std::size_t>(n_columns * simd::kSumStride), 5);
        std::vector<std::int64_t> expected = sums;
        for (std::int64_t row = 0; row < kRows; ++row) {
          for (int j = 0; j < n_columns; ++j)
            expected[j * simd::kSumStride + codes[row * record_bytes + j]] += summands[row];
        }
        kernels->histograms.add_rows[n_columns - 1](codes.data(), record_bytes, summands.data(),
                                                    kRows, sums.data());
        CHECK(sums == expected);
      }
    }
  }
}

TEST_CASE("gradients are the loss's, unbiased integers, the same bits on every instruction set") {
  constexpr std::int64_t kRows = 1003;
  std::vector<double> scores(kRows), targets(kRows);
  std::vector<float> weights(kRows), probabilities(kRows);
  for (std::int64_t i = 0; i < kRows; ++i) {
    const auto row = static_cast<std::uint64_t>(i);
    scores[i] = 12 * (RandomUniform(1, 0, row) - 0.5);
    targets[i] = RandomUniform(1, 1, row) < 0.3 ? 1 : 0;
    weights[i] = static_cast<float>(3 * RandomUniform(1, 2, row));
    probabilities[i] = static_cast<float>(RandomUniform(1, 3, row));
  }
  const simd::QuantizationScale scale{0x1p12f, 0x1p14f, 12345};
  for (const bool weighted : {false, true}) {
    const simd::GradientRows rows{scores.data(),
                                  targets.data(),
                                  weighted ? weights.data() : nullptr,
                                  probabilities.data(),
                                  77,
                                  kRows};
    std::vector<std::vector<std::uint32_t>> first;
    for (const simd::Kernels* kernels : simd::Supported()) {
      std::vector<std::vector<std::uint32_t>> pairs(3, std::vector<std::uint32_t>(kRows));
      const auto totals = kernels->gradients.point[static_cast<int>(LossKind::kLogLoss)](
          rows, scale, pairs[0].data());
      kernels->gradients.point[static_cast<int>(LossKind::kSquaredError)](rows, scale,
                                                                          pairs[1].data());
      kernels->gradients.multinomial(rows, 1.0f, scale, pairs[2].data());
      std::int64_t gradient = 0, hessian = 0, absolute = 0;
      for (std::int64_t i = 0; i < kRows; ++i) {
        const double w = weighted ? static_cast<double>(weights[i]) : 1;
        const double p = 1 / (1 + std::exp(-scores[i]));
        const int g = static_cast<std::int16_t>(pairs[0][i] >> 16);
        const int h = static_cast<int>(pairs[0][i] & 0xffff);
        CHECK(std::fabs(g - w * (p - targets[i]) * 0x1p12) < 1.01);
        CHECK(std::fabs(h - w * p * (1 - p) * 0x1p14) < 1.02);
        gradient += g;
        hessian += h;
        absolute += std::abs(g);
      }
      CHECK(totals.gradient == gradient);
      CHECK(totals.hessian == hessian);
      CHECK(totals.absolute_gradient == absolute);
      if (first.empty()) first = pairs;
      CHECK(pairs == first);
    }
  }
}

TEST_CASE("gradients that are integers in the chosen unit stay exact") {
  std::vector<double> scores(100, 0.5), targets(100);
  std::vector<std::uint32_t> pairs(100);
  for (int i = 0; i < 100; ++i) targets[i] = i - 50;
  for (const simd::Kernels* kernels : simd::Supported()) {
    const simd::GradientRows rows{scores.data(), targets.data(), nullptr, nullptr, 1, 100};
    kernels->gradients.point[static_cast<int>(LossKind::kSquaredError)](rows, {2.0f, 1.0f, 99},
                                                                        pairs.data());
    for (int i = 0; i < 100; ++i) {
      CHECK(static_cast<std::int16_t>(pairs[i] >> 16) == 2 * (50 - i) + 1);
      CHECK((pairs[i] & 0xffff) == 1);
    }
  }
}

TEST_CASE(
    "the best split of a feature is the naive search's, with and without missing values and "
    "counts") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::vector<std::int64_t> histogram(256), counts(256);
    simd::SplitQuery query{};
    query.n_bins = 1 + static_cast<int>(RandomBits(seed, 0, 0) % 255);
    query.has_missing = seed % 2 == 0;
    query.gradient_unit = 0.25;
    query.hessian_unit = 0.5;
    query.regularization = 1e-15 + static_cast<double>(seed % 3);
    query.min_hessian = 4;
    query.min_rows = 5;
    std::int64_t g = 0, h = 0;
    for (int b = 0; b < 256; ++b) {
      if (b >= query.n_bins && !(b == simd::kMissingBin && query.has_missing)) continue;
      const auto bin = static_cast<std::uint64_t>(b);
      const std::int64_t gb = static_cast<std::int64_t>(RandomBits(seed, 1, bin) % 9) - 4;
      const std::int64_t hb = static_cast<std::int64_t>(RandomBits(seed, 2, bin) % 5);
      counts[b] = static_cast<std::int64_t>(RandomBits(seed, 3, bin) % 4);
      histogram[b] = gb * (std::int64_t{1} << 32) + hb;
      g += gb;
      h += hb;
      query.n_rows += counts[b];
    }
    query.gradient = 0.25 * static_cast<double>(g);
    query.hessian = 0.5 * static_cast<double>(h);
    for (const bool with_counts : {false, true}) {
      simd::FeatureSplit expected{0, -1, false};
      for (int missing_left = 0; missing_left <= (query.has_missing ? 1 : 0); ++missing_left) {
        std::int64_t gl = missing_left ? histogram[255] >> 32 : 0,
                     hl = missing_left ? histogram[255] & 0xffffffff : 0;
        std::int64_t nl = missing_left ? counts[255] : 0;
        for (int b = 0; b < query.n_bins - (query.has_missing && !missing_left ? 0 : 1); ++b) {
          gl += histogram[b] >> 32;
          hl += histogram[b] & 0xffffffff;
          nl += counts[b];
          const double G = 0.25 * static_cast<double>(gl), H = 0.5 * static_cast<double>(hl);
          if (H < 4 || query.hessian - H < 4) continue;
          if (with_counts && (nl < 5 || query.n_rows - nl < 5)) continue;
          const double gain =
              G * G / (H + query.regularization) + (query.gradient - G) * (query.gradient - G) /
                                                       (query.hessian - H + query.regularization);
          // Scanning from the right, the last of equals comes first.
          const bool ties = missing_left != 0 && expected.missing_left && gain == expected.gain;
          if (gain > expected.gain || ties) expected = {gain, b, missing_left != 0};
        }
      }
      for (const simd::Kernels* kernels : simd::Supported()) {
        const auto found =
            kernels->splits.find(histogram.data(), with_counts ? counts.data() : nullptr, query);
        CHECK(found.bin == expected.bin);
        CHECK(found.gain == expected.gain);
        if (expected.bin >= 0) CHECK(found.missing_left == expected.missing_left);
      }
    }
  }
}

namespace {

/// A random tree: split i sends some rows of one of the leaves so far on to leaf i + 1.
std::vector<simd::FlatSplit> RandomTree(std::int32_t n_splits, std::int32_t n_columns,
                                        std::uint64_t n_sets) {
  std::vector<simd::FlatSplit> splits;
  for (std::int32_t i = 0; i < n_splits; ++i) {
    const std::uint64_t word =
        RandomBits(6, static_cast<std::uint64_t>(n_splits), static_cast<std::uint64_t>(i));
    const bool has_set = n_sets > 0 && word % 3 == 0;
    splits.push_back({static_cast<std::int32_t>((word >> 1) % n_columns),
                      static_cast<std::int16_t>(has_set ? word % n_sets : -1),
                      static_cast<std::uint8_t>((word >> 32) % (i + 1)),
                      static_cast<std::uint8_t>(word >> 8)});
  }
  return splits;
}

}  // namespace

TEST_CASE("the leaf of a row is where a walk over the splits ends, on every instruction set") {
  constexpr std::int32_t kColumns = 4;
  std::vector<std::uint8_t> bins;
  for (std::uint64_t c = 0; c < kColumns; ++c) {
    const std::vector<std::uint8_t> column = RandomBins(simd::kTileRows - 64, c);
    bins.insert(bins.end(), column.begin(), column.end());
  }
  std::vector<simd::BinSet> sets;
  for (std::uint64_t i = 0; i < 5; ++i) sets.push_back(RandomSet(i, 60 * i));
  for (const std::int32_t n_splits : {0, 1, 2, 30, 32, 252, 254, 255}) {
    const bool has_sets = n_splits % 4 == 0;
    const std::vector<simd::FlatSplit> splits =
        RandomTree(n_splits, kColumns, has_sets ? sets.size() : 0);
    const simd::FlatTree tree{splits.data(), has_sets ? sets.data() : nullptr, n_splits};
    for (const simd::Kernels* kernels : simd::Supported()) {
      for (const std::int64_t n_rows : {std::int64_t{1}, std::int64_t{257}, simd::kTileRows}) {
        std::vector<std::uint8_t> leaves(simd::kTileRows, 77);
        kernels->predict.find_leaves(tree, bins.data(), n_rows, leaves.data());
        for (std::int64_t row = 0; row < n_rows; ++row) {
          int leaf = 0;
          for (std::int32_t i = 0; i < n_splits; ++i) {
            const std::uint8_t bin = bins[splits[i].column * simd::kTileRows + row];
            const bool is_left = splits[i].set >= 0 ? sets[splits[i].set].Has(bin)
                                                    : static_cast<std::int8_t>(bin) <=
                                                          static_cast<std::int8_t>(splits[i].limit);
            if (leaf == splits[i].slot && !is_left) leaf = i + 1;
          }
          CHECK(leaves[row] == leaf);
        }
      }
    }
  }
}

TEST_CASE("leaf values are added tree by tree, on every instruction set") {
  std::vector<std::vector<double>> tables(simd::kTreesAtOnce, std::vector<double>(256));
  std::vector<const double*> values;
  std::vector<std::uint8_t> leaves;
  for (std::size_t t = 0; t < tables.size(); ++t) {
    for (std::size_t i = 0; i < 256; ++i) tables[t][i] = RandomUniform(5, t, i) - 0.5;
    values.push_back(tables[t].data());
    const std::vector<std::uint8_t> ids = RandomBins(simd::kTileRows - 64, 9 + t);
    leaves.insert(leaves.end(), ids.begin(), ids.end());
  }
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (std::int64_t n_trees = 0; n_trees <= simd::kTreesAtOnce; ++n_trees) {
      for (const std::int64_t n_rows : {std::int64_t{1}, std::int64_t{63}, simd::kTileRows}) {
        std::vector<double> scores(simd::kTileRows, 0.25);
        kernels->predict.add_leaf_values(values.data(), n_trees, leaves.data(), n_rows,
                                         scores.data());
        for (std::int64_t row = 0; row < simd::kTileRows; ++row) {
          double expected = 0.25;
          for (std::int64_t t = 0; t < n_trees && row < n_rows; ++t)
            expected += tables[t][leaves[t * simd::kTileRows + row]];
          CHECK(scores[row] == expected);
        }
      }
    }
  }
}

TEST_CASE("bins are shifted modulo 256, on every instruction set") {
  const std::vector<std::uint8_t> bins = RandomBins(200, 3);
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (const std::int64_t n : {0, 1, 15, 16, 33, 64, 127, 200}) {
      std::vector<std::uint8_t> out(201, 9);
      kernels->predict.shift_bins(bins.data(), 129, n, out.data());
      for (std::int64_t i = 0; i < 201; ++i) CHECK(out[i] == (i < n ? (bins[i] + 129) % 256 : 9));
    }
  }
}

TEST_CASE("rows turned into columns are the same numbers, on every instruction set") {
  std::vector<float> x(50 * 23);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (const std::int64_t rows : {0, 1, 3, 4, 5, 16, 49}) {
      for (const std::int64_t cols : {1, 3, 4, 7, 8, 21}) {
        std::vector<float> out(static_cast<std::size_t>(22 * 64), -1);
        kernels->predict.transpose(x.data(), 23, rows, cols, out.data(), 64);
        for (std::int64_t j = 0; j < 22; ++j) {
          for (std::int64_t i = 0; i < 64; ++i)
            CHECK(out[j * 64 + i] == (i < rows && j < cols ? x[i * 23 + j] : -1));
        }
      }
    }
  }
}
