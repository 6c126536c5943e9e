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
using treeline::simd::TapeBinary;
using treeline::simd::TapeUnary;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The naive twins, from the standard library.
double Naive(TapeUnary op, double x) {
  switch (op) {
    case TapeUnary::kNegative: return -x;
    case TapeUnary::kAbs: return std::fabs(x);
    case TapeUnary::kSquare: return x * x;
    case TapeUnary::kSqrt: return std::sqrt(x);
    case TapeUnary::kSign: return std::isnan(x) ? x : (x > 0) - (x < 0);
    case TapeUnary::kReciprocal: return 1 / x;
    case TapeUnary::kFloor: return std::floor(x);
    case TapeUnary::kCeil: return std::ceil(x);
    case TapeUnary::kRound: return std::nearbyint(x);
    case TapeUnary::kExp: return std::exp(x);
    case TapeUnary::kExpm1: return std::expm1(x);
    case TapeUnary::kLog: return std::log(x);
    case TapeUnary::kLog1p: return std::log1p(x);
    case TapeUnary::kSigmoid:
      return static_cast<double>(1 / (1 + std::exp(-static_cast<long double>(x))));
    case TapeUnary::kIsNaN: return std::isnan(x);
    case TapeUnary::kIsFinite: return std::isfinite(x);
    case TapeUnary::kNot: return x == 0;
    case TapeUnary::kToFloat32: return static_cast<float>(x);
    case TapeUnary::kCount: break;
  }
  return kNaN;
}

double Naive(TapeBinary op, double a, double b) {
  const bool nan = std::isnan(a) || std::isnan(b);
  switch (op) {
    case TapeBinary::kAdd: return a + b;
    case TapeBinary::kSubtract: return a - b;
    case TapeBinary::kMultiply: return a * b;
    case TapeBinary::kDivide: return a / b;
    case TapeBinary::kPower: return std::pow(a, b);
    case TapeBinary::kMinimum: return nan ? kNaN : std::fmin(a, b);
    case TapeBinary::kMaximum: return nan ? kNaN : std::fmax(a, b);
    case TapeBinary::kEqual: return a == b;
    case TapeBinary::kNotEqual: return a != b;
    case TapeBinary::kLess: return a < b;
    case TapeBinary::kLessEqual: return a <= b;
    case TapeBinary::kGreater: return a > b;
    case TapeBinary::kGreaterEqual: return a >= b;
    case TapeBinary::kAnd: return a != 0 && b != 0;
    case TapeBinary::kOr: return a != 0 || b != 0;
    case TapeBinary::kXor: return (a != 0) != (b != 0);
    case TapeBinary::kFillNaN: return std::isnan(a) ? b : a;
    case TapeBinary::kCount: break;
  }
  return kNaN;
}

/// Units in the last place between two doubles; 0 for two NaNs.
double Ulps(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b) ? 0 : kInfinity;
  if (a == b) return 0;
  if (std::isinf(a) || std::isinf(b)) return kInfinity;
  const double unit = std::nextafter(std::fabs(b), kInfinity) - std::fabs(b);
  return std::fabs(a - b) / unit;
}

std::vector<double> Awkward() {
  std::vector<double> values = {
      0.0,    -0.0,   1.0,    -1.0,   2.0,   0.5,       -0.5,
      1.5,    2.5,    -2.5,   3.0,    10.0,  kInfinity, -kInfinity,
      kNaN,   1e-300, 1e300,  5e-324, 709.7, 710.0,     -745.0,
      -746.0, 1e-20,  -1e-20, 0.1,    -0.1,  1e16,      4503599627370497.5,
      -7.0,   1024.0, 40.5,   -40.5};
  for (std::uint64_t i = 0; i < 300; ++i) {
    const double wide = std::exp2(RandomUniform(1, 0, i) * 60 - 30);
    values.push_back(i % 2 == 0 ? wide : -wide);
  }
  return values;
}

bool SameBits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

}  // namespace

TEST_CASE("element-wise operations of one operand are those of the standard library, everywhere") {
  const std::vector<double> values = Awkward();
  for (int op = 0; op < static_cast<int>(TapeUnary::kCount); ++op) {
    for (std::size_t n = 0; n <= values.size(); n += n < 20 ? 1 : values.size() - 20) {
      std::vector<double> first(n);
      Supported()[0]->tape.unary[op](values.data(), static_cast<std::int64_t>(n), first.data());
      for (const Kernels* kernels : Supported()) {
        std::vector<double> out(values);
        kernels->tape.unary[op](out.data(), static_cast<std::int64_t>(n), out.data());
        for (std::size_t i = 0; i < n; ++i) {
          CAPTURE(std::string(kernels->isa));
          CAPTURE(op);
          CAPTURE(values[i]);
          CAPTURE(out[i]);
          CHECK(Ulps(out[i], Naive(static_cast<TapeUnary>(op), values[i])) <= 2.01);
          CHECK(SameBits(out[i], first[i]));
        }
        for (std::size_t i = n; i < values.size(); ++i) CHECK(SameBits(out[i], values[i]));
      }
    }
  }
}

TEST_CASE("element-wise operations of two operands are those of the standard library, everywhere") {
  const std::vector<double> values = Awkward();
  const auto n = static_cast<std::int64_t>(values.size());
  for (int op = 0; op < static_cast<int>(TapeBinary::kCount); ++op) {
    const double tolerance = op == static_cast<int>(TapeBinary::kPower) ? 1.01 : 0;
    for (std::size_t shift = 0; shift < values.size(); shift += shift < 40 ? 1 : 37) {
      std::vector<double> other(values.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        other[i] = values[(i + shift) % values.size()];
      std::vector<double> first(values.size());
      Supported()[0]->tape.binary[op](values.data(), other.data(), n, first.data());
      for (const Kernels* kernels : Supported()) {
        std::vector<double> out(values.size()), scalar(values.size());
        kernels->tape.binary[op](values.data(), other.data(), n, out.data());
        kernels->tape.binary_scalar[op](values.data(), &values[shift], n, scalar.data());
        for (std::size_t i = 0; i < values.size(); ++i) {
          CAPTURE(std::string(kernels->isa));
          CAPTURE(op);
          CAPTURE(values[i]);
          CAPTURE(other[i]);
          CAPTURE(out[i]);
          const auto naive = [&](double b) {
            return Naive(static_cast<TapeBinary>(op), values[i], b);
          };
          CHECK(Ulps(out[i], naive(other[i])) <= tolerance);
          CHECK(Ulps(scalar[i], naive(values[shift])) <= tolerance);
          CHECK(SameBits(out[i], first[i]));
        }
      }
    }
  }
}

TEST_CASE("powers are exact where they can be, and within one unit in the last place elsewhere") {
  double worst = 0;
  for (const Kernels* kernels : Supported()) {
    const auto power = [&](double x, double y) {
      double out = 0;
      kernels->tape.binary[static_cast<int>(TapeBinary::kPower)](&x, &y, 1, &out);
      return out;
    };
    for (int base = -40; base <= 40; ++base) {
      double expected = 1;
      for (int e = 0; e <= 9; ++e) {
        CHECK(power(base, e) == expected);
        expected *= base;
      }
    }
    for (int e = -1074; e < 1024; ++e) CHECK(power(2, e) == std::ldexp(1.0, e));
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const double x = std::exp2(RandomUniform(2, 0, i) * 40 - 20);
      const double y = RandomUniform(2, 1, i) * 40 - 20;
      worst = std::max(worst, Ulps(power(x, y), std::pow(x, y)));
      const double near = 1 + (RandomUniform(2, 2, i) - 0.5) * 1e-3;
      const double large = RandomUniform(2, 3, i) * 1e5;
      worst = std::max(worst, Ulps(power(near, large), std::pow(near, large)));
    }
  }
  CHECK(worst <= 1.01);
}

TEST_CASE("where takes from its second operand where the first is not 0") {
  const std::vector<double> c = {0, 1, -2, kNaN, -0.0}, a = {1, 2, 3, 4, 5}, b = {6, 7, 8, 9, 10};
  for (const Kernels* kernels : Supported()) {
    for (std::int64_t n = 0; n <= 5; ++n) {
      std::vector<double> out(5, -1);
      kernels->tape.select(c.data(), a.data(), b.data(), n, out.data());
      const std::vector<double> expected = {6, 2, 3, 4, 10};
      for (std::int64_t i = 0; i < 5; ++i) CHECK(out[i] == (i < n ? expected[i] : -1));
    }
  }
}

TEST_CASE("sums and extremes of a slot leave NaN out and are the same bits everywhere") {
  for (const double share : {0.0, 0.3, 1.0}) {
    for (std::int64_t n = 0; n <= 1024; n += n < 33 ? 1 : 97) {
      std::vector<double> memory(static_cast<std::size_t>(n) + 3);
      for (std::size_t i = 0; i < memory.size(); ++i)
        memory[i] = RandomUniform(3, 0, i) < share ? kNaN : RandomUniform(3, 1, i) - 0.4;
      for (const int start : {0, 1, 3}) {
        const double* values = memory.data() + start;
        long double sum = 0;
        double count = 0, low = kInfinity, high = -kInfinity;
        for (std::int64_t i = 0; i < n; ++i) {
          if (std::isnan(values[i])) continue;
          sum += values[i];
          count += 1;
          low = std::fmin(low, values[i]);
          high = std::fmax(high, values[i]);
        }
        double first = 0, first_count = 0;
        Supported()[0]->tape.sum(values, n, &first, &first_count);
        for (const Kernels* kernels : Supported()) {
          double got = -1, got_count = -1, least = 0, greatest = 0, seen = 0;
          kernels->tape.sum(values, n, &got, &got_count);
          kernels->tape.extremes(values, n, &least, &greatest, &seen);
          CHECK(SameBits(got, first));
          CHECK(got == doctest::Approx(static_cast<double>(sum)).epsilon(1e-12));
          CHECK(got_count == count);
          CHECK(least == low);
          CHECK(greatest == high);
          CHECK(seen == count);
        }
      }
    }
  }
}

TEST_CASE("the first element of a value is found wherever it is, or not at all") {
  for (const Kernels* kernels : Supported()) {
    for (std::int64_t n = 0; n <= 200; n += n < 33 ? 1 : 23) {
      std::vector<double> values(static_cast<std::size_t>(n) + 1, 7);
      values.back() = 1;  // behind the end
      CHECK(kernels->tape.find(values.data(), n, 1) == n);
      for (std::int64_t at = n - 1; at >= 0; --at) {
        values[at] = 1;
        CHECK(kernels->tape.find(values.data(), n, 1) == at);
      }
    }
  }
}

TEST_CASE("float32 columns widen, and narrow again, element by element") {
  for (const Kernels* kernels : Supported()) {
    for (std::int64_t n = 0; n <= 33; ++n) {
      std::vector<float> narrow(33), back(33, -1);
      for (std::size_t i = 0; i < narrow.size(); ++i) narrow[i] = static_cast<float>(i) * 0.1f;
      std::vector<double> wide(33, -1);
      kernels->tape.widen(narrow.data(), n, wide.data());
      kernels->tape.narrow(wide.data(), n, back.data());
      for (std::int64_t i = 0; i < 33; ++i) {
        CHECK(wide[i] == (i < n ? static_cast<double>(narrow[i]) : -1));
        CHECK(back[i] == (i < n ? narrow[i] : -1));
      }
    }
  }
}
