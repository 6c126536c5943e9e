#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "neighbors/impute_map.h"
#include "neighbors/neighbor_store.h"
#include "neighbors/row_codes.h"
#include "neighbors/search.h"
#include "simd/kernels.h"
#include "test_context.h"

using namespace treeline;

namespace {

/// Values with many ties (whole numbers) or none.
std::vector<double> Draw(std::int64_t n, std::uint64_t stream, bool whole, double scale = 1) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double u = RandomUniform(3, stream, i);
    values[i] = whole ? std::floor(5 * u) : scale * (u - 0.5);
  }
  return values;
}

template <RowMetric kMetric>
std::vector<Neighbor> Naive(const std::vector<double>& rows, std::int64_t cols, const double* x,
                            double p, std::int64_t self) {
  std::vector<Neighbor> all;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(rows.size()) / cols; ++i) {
    const double distance = MetricTerms<kMetric>{p}.Between(x, rows.data() + i * cols, cols);
    if (i != self) all.push_back({distance, i});
  }
  std::sort(all.begin(), all.end());
  return all;
}

template <RowMetric kMetric>
void Compare(const std::vector<double>& rows, const std::vector<double>& asked, std::int64_t cols,
             double p) {
  const TestContext test(2);
  const NeighborSearch search(rows, cols, kMetric, p, test.ctx);
  const auto count = static_cast<std::int64_t>(asked.size()) / cols;
  std::vector<std::int64_t> self(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) self[i] = i % 3 == 0 ? i : -1;
  const Questions questions{asked.data(), count, self.data()};
  const auto n = static_cast<std::int64_t>(rows.size()) / cols;
  for (const std::int64_t k : {std::int64_t{1}, std::int64_t{7}, n}) {
    const auto found = search.Nearest(questions, k);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto wanted = Naive<kMetric>(rows, cols, asked.data() + i * cols, p, self[i]);
      const std::size_t most = std::min<std::size_t>(static_cast<std::size_t>(k), wanted.size());
      REQUIRE(found[i].size() == most);
      for (std::size_t j = 0; j < most; ++j) {
        REQUIRE(found[i][j].number == wanted[j].number);
        REQUIRE(found[i][j].distance == wanted[j].distance);
      }
    }
  }
  const double radius = Naive<kMetric>(rows, cols, asked.data(), p, -1)[n / 10].distance;
  const auto within = search.Within(questions, radius);
  for (std::int64_t i = 0; i < count; ++i) {
    auto wanted = Naive<kMetric>(rows, cols, asked.data() + i * cols, p, self[i]);
    std::erase_if(wanted, [&](const Neighbor& neighbor) { return neighbor.distance > radius; });
    std::sort(wanted.begin(), wanted.end(),
              [](const Neighbor& a, const Neighbor& b) { return a.number < b.number; });
    REQUIRE(within[i].size() == wanted.size());
    for (std::size_t j = 0; j < wanted.size(); ++j)
      REQUIRE(within[i][j].number == wanted[j].number);
  }
}

}  // namespace

TEST_CASE("a search finds what its naive twin finds, ties and rows that are left out too") {
  for (const bool whole : {false, true}) {
    for (const std::int64_t cols : {1, 2, 5, 30}) {
      const std::vector<double> rows = Draw(1500 * cols, 1, whole);
      const std::vector<double> asked = Draw(37 * cols, 2, whole, 3);
      CAPTURE(whole);
      CAPTURE(cols);
      Compare<RowMetric::kSquaredEuclidean>(rows, asked, cols, 2);
      Compare<RowMetric::kManhattan>(rows, asked, cols, 1);
      Compare<RowMetric::kChebyshev>(rows, asked, cols, 0);
      Compare<RowMetric::kMinkowski>(rows, asked, cols, 3);
    }
  }
}

TEST_CASE("columns of very different sizes, constants and values far out change nothing") {
  constexpr std::int64_t kCols = 6;
  std::vector<double> rows = Draw(900 * kCols, 4, false);
  std::vector<double> asked = Draw(20 * kCols, 5, false);
  for (const auto table : {&rows, &asked}) {
    for (std::size_t at = 0; at < table->size(); at += kCols) {
      (*table)[at] = 1e9 + 1e-3 * (*table)[at];
      (*table)[at + 1] *= 1e6;
      (*table)[at + 2] = 7;
      (*table)[at + 3] *= 1e-8;
    }
  }
  rows[4] = 1e12;
  asked[2 * kCols] = -1e200;
  asked[3 * kCols + 5] = 1e30;
  Compare<RowMetric::kSquaredEuclidean>(rows, asked, kCols, 2);
  const std::vector<double> same(600 * kCols, 2.5);
  Compare<RowMetric::kSquaredEuclidean>(same, std::vector<double>(4 * kCols, 2.5), kCols, 2);
  Compare<RowMetric::kSquaredEuclidean>(same, asked, kCols, 2);
  const std::vector<double> tiny = Draw(600 * kCols, 6, false, 1e-200);
  Compare<RowMetric::kSquaredEuclidean>(tiny, tiny, kCols, 2);
}

TEST_CASE("products of codes are their naive twin, on every instruction set") {
  constexpr std::int64_t kPanels = 3;
  for (const simd::Kernels* kernels : simd::Supported()) {
    CAPTURE(std::string(kernels->isa));
    for (const std::int64_t words : {0, 1, 2, 15, 16}) {
      const auto draw = [&](std::int64_t n, std::uint64_t stream) {
        std::vector<std::int32_t> codes(static_cast<std::size_t>(n + 1));
        for (std::size_t i = 0; i < codes.size(); ++i) {
          const auto low = static_cast<std::int32_t>(11000 * (RandomUniform(1, stream, i) - 0.5));
          const auto high = static_cast<std::int32_t>(11000 * (RandomUniform(2, stream, i) - 0.5));
          codes[i] = static_cast<std::int32_t>((static_cast<std::uint32_t>(high) << 16) |
                                               (static_cast<std::uint32_t>(low) & 0xFFFFU));
        }
        return codes;
      };
      const auto rows = draw(4 * words, 1);
      const auto panels = draw(kPanels * words * 16, 2);
      const auto halves = draw(kPanels * 16, 3);
      const std::int32_t* starts[4];
      for (int i = 0; i < 4; ++i) starts[i] = rows.data() + i * words;
      const std::int32_t least[4] = {0, -100000, 50000000, -2147483647 - 1};
      std::uint16_t masks[kPanels * 4];
      kernels->neighbors.find_near(starts, least, panels.data(), halves.data(), words, kPanels,
                                   masks);
      for (std::int64_t p = 0; p < kPanels; ++p) {
        for (int i = 0; i < 4; ++i) {
          for (int lane = 0; lane < 16; ++lane) {
            std::int64_t sum = -static_cast<std::int64_t>(halves[p * 16 + lane]);
            for (std::int64_t w = 0; w < words; ++w) {
              const std::int32_t a = starts[i][w];
              const std::int32_t b = panels[(p * words + w) * 16 + lane];
              sum += static_cast<std::int64_t>(static_cast<std::int16_t>(a & 0xFFFF)) *
                     static_cast<std::int16_t>(b & 0xFFFF);
              sum += static_cast<std::int64_t>(a >> 16) * (b >> 16);
            }
            REQUIRE(((masks[p * 4 + i] >> lane & 1) != 0) ==
                    (static_cast<std::int32_t>(sum) >= least[i]));
          }
        }
      }
    }
  }
}

TEST_CASE("boxes are never farther than the rows in them") {
  const TestContext test(1);
  for (const std::int64_t cols : {1, 3, 4, 9}) {
    const std::vector<double> rows = Draw(2000 * cols, 8, false);
    const RowBlocks blocks(rows, cols, test.ctx);
    CHECK(blocks.size() == 8);
    const std::vector<double> asked = Draw(10 * cols, 9, false, 2);
    for (const simd::Kernels* kernels : simd::Supported()) {
      std::vector<double> bounds(static_cast<std::size_t>(blocks.size()));
      for (std::int64_t i = 0; i < 10; ++i) {
        const double* x = asked.data() + i * cols;
        kernels->neighbors.box_squares(x, cols, blocks.low(), blocks.high(), blocks.stride(),
                                       blocks.size(), bounds.data());
        for (std::int64_t b = 0; b < blocks.size(); ++b) {
          const MetricTerms<RowMetric::kSquaredEuclidean> terms{2};
          CHECK(bounds[b] ==
                terms.FromBox(x, cols, blocks.low() + b, blocks.high() + b, blocks.stride()));
          for (std::int64_t place = blocks.begin(b); place < blocks.begin(b + 1); ++place)
            REQUIRE(bounds[b] <= terms.Between(x, blocks.row(place), cols));
        }
      }
    }
  }
}

TEST_CASE("missing values are filled in as by the naive twin") {
  constexpr std::int64_t kCols = 5;
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values = Draw(60 * kCols, 11, true);
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (RandomUniform(12, 1, at) < 0.3) values[at] = kNaN;
  }
  const TestContext test(2);
  Block block;
  block.rows = 60;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = values.data() + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  const ImputeMap map(FeatureLabels("test", {}, kCols), values, 4, false);
  std::vector<double> filled(values.size());
  map.Apply(block, filled.data(), test.ctx);
  for (std::int64_t i = 0; i < 60; ++i) {
    for (std::int64_t j = 0; j < kCols; ++j) {
      const double given = values[i * kCols + j];
      if (!std::isnan(given)) {
        REQUIRE(filled[i * kCols + j] == given);
        continue;
      }
      std::vector<Neighbor> donors;
      for (std::int64_t r = 0; r < 60; ++r) {
        if (std::isnan(values[r * kCols + j])) continue;
        long double square = 0;
        int shared = 0;
        for (std::int64_t c = 0; c < kCols; ++c) {
          const double apart = values[i * kCols + c] - values[r * kCols + c];
          if (std::isnan(apart)) continue;
          square += static_cast<long double>(apart) * apart;
          ++shared;
        }
        if (shared > 0)
          donors.push_back({static_cast<double>(square * (kCols / (1.0 * shared))), r});
      }
      std::sort(donors.begin(), donors.end());
      double sum = 0;
      for (std::size_t d = 0; d < 4; ++d) sum += values[donors[d].number * kCols + j];
      REQUIRE(filled[i * kCols + j] == sum / 4);
    }
  }
}
