#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using treeline::RandomUniform;
using treeline::simd::Kernels;
using treeline::simd::Supported;

namespace {

struct Result {
  std::int64_t count = -1;
  double mean = -1;
  double m2 = -1;
};

/// The naive twin: two plain passes in long double.
Result Naive(const double* values, std::int64_t n) {
  long double sum = 0;
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    if (std::isnan(values[i])) continue;
    sum += values[i];
    ++count;
  }
  if (count == 0) return {0, 0, 0};
  const long double mean = sum / static_cast<long double>(count);
  long double m2 = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    if (!std::isnan(values[i])) m2 += (values[i] - mean) * (values[i] - mean);
  }
  return {count, static_cast<double>(mean), static_cast<double>(m2)};
}

std::vector<double> Draw(std::int64_t n, double share_of_nan) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = RandomUniform(1, 0, i) < share_of_nan ? std::numeric_limits<double>::quiet_NaN()
                                                      : 1e6 + RandomUniform(1, 1, i);
  }
  return values;
}

bool SameBits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

TEST_CASE("column moments equal the naive twin on every instruction set, the same bits on all") {
  for (const double share_of_nan : {0.0, 0.3, 1.0}) {
    for (std::int64_t n = 0; n <= 1024; n += n < 33 ? 1 : 97) {
      const std::vector<double> memory = Draw(n + 3, share_of_nan);
      for (const int start : {0, 1, 3}) {
        const double* values = memory.data() + start;
        const Result expected = Naive(values, n);
        Result first;
        Supported()[0]->moments.column_moments(values, n, &first.count, &first.mean, &first.m2);
        for (const Kernels* kernels : Supported()) {
          CAPTURE(std::string(kernels->isa));
          CAPTURE(n);
          Result result;
          kernels->moments.column_moments(values, n, &result.count, &result.mean, &result.m2);
          CHECK(result.count == expected.count);
          CHECK(std::abs(result.mean - expected.mean) <= 1e-14 * std::abs(expected.mean));
          CHECK(std::abs(result.m2 - expected.m2) <= 1e-8 * expected.m2 + 1e-12);
          CHECK(SameBits(result.mean, first.mean));
          CHECK(SameBits(result.m2, first.m2));
        }
      }
    }
  }
}
