#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using treeline::RandomUniform;
using treeline::simd::Kernels;
using treeline::simd::kRowLanes;
using treeline::simd::Supported;

namespace {

std::vector<double> Draw(std::int64_t n, std::uint64_t stream) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) values[i] = RandomUniform(1, stream, i) * 8 - 3;
  return values;
}

bool SameBits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// The sum of terms in eight lanes, the lanes added in order: what every kernel must print.
template <typename Term>
double LaneSum(std::int64_t n, Term term) {
  double lanes[kRowLanes] = {};
  for (std::int64_t i = 0; i < n; ++i) lanes[i % kRowLanes] += term(i);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace

TEST_CASE("vector kernels equal their naive twins on every instruction set, bit for bit") {
  for (std::int64_t n = 0; n <= 2 * kRowLanes + 1; ++n) {
    for (const std::int64_t at : {0, 1, 3}) {  // misaligned starts too
      const std::vector<double> a = Draw(n + at, 0);
      const std::vector<double> b = Draw(n + at, 1);
      const std::vector<float> narrow(a.begin(), a.end());
      for (const Kernels* set : Supported()) {
        CAPTURE(set->isa);
        CAPTURE(n);
        const auto& kernels = set->rows;
        CHECK(
            SameBits(kernels.sum(a.data() + at, n), LaneSum(n, [&](auto i) { return a[at + i]; })));
        CHECK(SameBits(kernels.dot(a.data() + at, b.data() + at, n),
                       LaneSum(n, [&](auto i) { return a[at + i] * b[at + i]; })));
        CHECK(SameBits(
            kernels.dot_f32(narrow.data() + at, b.data() + at, n),
            LaneSum(n, [&](auto i) { return static_cast<double>(narrow[at + i]) * b[at + i]; })));
        std::vector<double> out = b;
        std::vector<double> out_f32 = b;
        kernels.add_scaled(a.data() + at, 0.3, n, out.data() + at);
        kernels.add_scaled_f32(narrow.data() + at, 0.3, n, out_f32.data() + at);
        for (std::int64_t i = at; i < n + at; ++i) {
          CHECK(SameBits(out[i], b[i] + 0.3 * a[i]));
          CHECK(SameBits(out_f32[i], b[i] + 0.3 * static_cast<double>(narrow[i])));
        }
      }
    }
  }
}

TEST_CASE("is_finite finds one NaN or infinity anywhere") {
  for (std::int64_t n = 0; n <= 2 * kRowLanes + 1; ++n) {
    for (const Kernels* set : Supported()) {
      std::vector<double> values = Draw(n, 2);
      CHECK(set->rows.is_finite(values.data(), n));
      for (std::int64_t i = 0; i < n; ++i) {
        for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity()}) {
          const double kept = values[i];
          values[i] = bad;
          CHECK_FALSE(set->rows.is_finite(values.data(), n));
          values[i] = kept;
        }
      }
    }
  }
}

TEST_CASE("subtract_scaled_squares equals its naive twin, the same bits on every instruction set") {
  constexpr std::int64_t kCols = 5;
  for (std::int64_t rows = 0; rows <= 2 * kRowLanes + 1; ++rows) {
    const std::int64_t stride = rows + 2;
    const std::vector<double> z = Draw(stride * kCols, 3);
    const std::vector<double> centre = Draw(kCols, 4);
    const std::vector<double> scale = Draw(kCols, 5);
    std::vector<double> expected(static_cast<std::size_t>(rows), 1.5);
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < kCols; ++j) {
        const double d = z[j * stride + i] - centre[j];
        expected[i] -= scale[j] * (d * d);
      }
    }
    for (const Kernels* set : Supported()) {
      std::vector<double> out(static_cast<std::size_t>(rows), 1.5);
      set->rows.subtract_scaled_squares(z.data(), stride, kCols, rows, centre.data(), scale.data(),
                                        out.data());
      for (std::int64_t i = 0; i < rows; ++i) CHECK(SameBits(out[i], expected[i]));
    }
  }
}
