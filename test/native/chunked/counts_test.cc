#include "chunked/counts.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include "core/error.h"
#include "core/random.h"

using namespace treeline;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> Values(std::size_t n) {
  std::vector<double> values = {0.0,        -0.0,         1.0,    -1.0,    kInfinity,
                                -kInfinity, std::nan(""), 5e-324, -5e-324, 1e308};
  for (std::size_t i = values.size(); i < n; ++i) {
    const double wide = std::exp2(RandomUniform(1, 0, i) * 20 - 10);
    values.push_back(i % 3 == 0 ? -wide : (i % 3 == 1 ? wide : std::floor(wide)));
  }
  return values;
}

/// Gives the values to a consumer, some at a time.
void TakeAll(SlotConsumer& consumer, const std::vector<double>& values, std::int64_t column) {
  const auto n = static_cast<std::int64_t>(values.size());
  for (std::int64_t row = 0; row < n; row += 100)
    consumer.Take({0, 0, column, row, std::min<std::int64_t>(100, n - row), values.data() + row});
}

}  // namespace

TEST_CASE("bins hold every value of their range once, in order, each bin within 1/128") {
  const std::vector<double> values = Values(5000);
  for (const ValueRange range : {ValueRange{-kInfinity, kInfinity}, ValueRange{-3, 700},
                                 ValueRange{1, 1}, ValueRange{1, 1.5}}) {
    BinsReduction bins({0, 0}, {range});
    TakeAll(bins, values, 0);
    TakeAll(bins, values, 1);
    const auto result = bins.Result();
    double total = 0;
    for (std::size_t i = 0; i < result[1].size(); ++i) {
      total += result[3][i];
      CHECK(result[1][i] <= result[2][i]);
      if (i > 0) CHECK(result[2][i - 1] < result[1][i]);
      if (std::isfinite(result[2][i]) && std::fabs(result[1][i]) > 1e-300) {
        const double size = std::min(std::fabs(result[1][i]), std::fabs(result[2][i]));
        CHECK(result[2][i] - result[1][i] <= size / 128);
      }
    }
    const auto inside = std::count_if(values.begin(), values.end(),
                                      [&](double x) { return x >= range.low && x <= range.high; });
    CHECK(total == 2 * static_cast<double>(inside));
    CHECK(result[0] == std::vector<double>{0, static_cast<double>(result[1].size())});
  }
}

TEST_CASE("collected values are those of their group's range, sorted") {
  const std::vector<double> values = Values(5000);
  CollectReduction collect({0, 1}, {{0, 1}, {-kInfinity, -1}});
  TakeAll(collect, values, 0);
  TakeAll(collect, values, 1);
  std::vector<double> expected, second;
  for (const double x : values) {
    if (x >= 0 && x <= 1) expected.push_back(x);
    if (x <= -1) second.push_back(x);
  }
  const auto n = static_cast<double>(expected.size());
  std::sort(expected.begin(), expected.end());
  std::sort(second.begin(), second.end());
  expected.insert(expected.end(), second.begin(), second.end());
  const auto result = collect.Result();
  CHECK(result[0] == std::vector<double>{0, n, static_cast<double>(expected.size())});
  CHECK(result[1] == expected);
}

TEST_CASE("a histogram counts as a naive search does, at every edge") {
  std::vector<double> values = Values(3000);
  std::vector<double> even, odd = {-8, -0.5, -0.5, 0, 1e-3, 3, 1000};
  for (int k = 0; k <= 30; ++k) even.push_back(-3 + k * 0.2);
  for (const std::vector<double>& edges : {even, odd}) {
    for (const double edge : edges) {
      values.push_back(edge);
      values.push_back(std::nextafter(edge, -kInfinity));
      values.push_back(std::nextafter(edge, kInfinity));
    }
  }
  for (const std::vector<double>& edges : {even, odd}) {
    HistogramReduction histogram({0}, 1, edges);
    TakeAll(histogram, values, 0);
    std::vector<double> expected(edges.size() - 1);
    for (const double x : values) {
      for (std::size_t k = 0; k + 1 < edges.size(); ++k) {
        const bool is_last = k + 2 == edges.size();
        if (x >= edges[k] && (x < edges[k + 1] || (is_last && x == edges[k + 1]))) ++expected[k];
      }
    }
    CHECK(histogram.Result()[0] == expected);
  }
  CHECK_THROWS_AS(HistogramReduction({0}, 1, {1}), Error);
  CHECK_THROWS_AS(HistogramReduction({1}, 1, {1, 2}), Error);
}

TEST_CASE("unique values and counts are those of a map, and too many are refused") {
  const std::vector<double> values = Values(5000);
  UniqueReduction unique({0, 0}, 1, 1 << 20);
  TakeAll(unique, values, 0);
  TakeAll(unique, values, 1);
  std::map<double, double> expected;
  for (const double x : values)
    if (!std::isnan(x)) expected[x] += 2;
  const auto result = unique.Result();
  REQUIRE(result[1].size() == expected.size());
  std::size_t i = 0;
  for (const auto& [value, count] : expected) {
    CHECK(result[1][i] == value);
    CHECK(result[2][i] == count);
    ++i;
  }
  UniqueReduction few({0}, 1, 100);
  CHECK_THROWS_AS(TakeAll(few, values, 0), Error);
}
