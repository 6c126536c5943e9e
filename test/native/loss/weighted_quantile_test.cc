#include "loss/weighted_quantile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/random.h"

using namespace treeline;

namespace {

/// By definition, from the sorted values.
double NaiveQuantile(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  const double rank = q * static_cast<double>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto below = static_cast<double>(i + 1);  // values at or below this one
    if (below == rank && i + 1 < values.size()) return (values[i] + values[i + 1]) / 2;
    if (below >= rank) return values[i];
  }
  return 0;
}

}  // namespace

TEST_CASE("quantiles are those of the sorted values, for any number of them") {
  for (const double q : {0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0}) {
    for (std::uint64_t n = 0; n < 40; ++n) {
      std::vector<double> values;
      for (std::uint64_t i = 0; i < n; ++i)
        values.push_back(std::floor(20 * RandomUniform(n, 1, i)) - 10);
      const double expected = NaiveQuantile(values, q);
      std::vector<double> copy = values;
      CHECK(Quantile(copy, q) == expected);
    }
  }
}

TEST_CASE("a weight of k counts as k values, a weight of 0 as none") {
  for (const double q : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    for (std::uint64_t n = 0; n < 40; ++n) {
      std::vector<double> repeated;
      std::vector<Weighted> weighted;
      for (std::uint64_t i = 0; i < n; ++i) {
        const double value = std::floor(20 * RandomUniform(n, 2, i));
        const int weight = static_cast<int>(4 * RandomUniform(n, 3, i));
        weighted.push_back({value, static_cast<double>(weight)});
        for (int k = 0; k < weight; ++k) repeated.push_back(value);
      }
      CHECK(Quantile(weighted, q) == Quantile(repeated, q));
    }
  }
}
