#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using namespace treeline;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Distance in units in the last place; 0 for equal values, NaN with NaN, huge for a sign or kind
/// mismatch.
template <typename T, typename Bits>
double UlpDistance(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b) ? 0 : 1e30;
  if (a == b) return 0;
  const auto order = [](T x) {
    const Bits bits = std::bit_cast<Bits>(std::fabs(x));
    return std::signbit(x) ? -static_cast<std::int64_t>(bits) : static_cast<std::int64_t>(bits);
  };
  if (std::isinf(a) || std::isinf(b)) return std::abs(order(a) - order(b)) <= 1 ? 1 : 1e30;
  return static_cast<double>(std::abs(order(a) - order(b)));
}

std::vector<double> Arguments(double low, double high) {
  std::vector<double> x = {0.0,           -0.0,         kInf,       -kInf,  kNaN,   5e-324, -5e-324,
                           1e-310,        -1e-310,      1.0,        -1.0,   0.5,    2.0,    709.0,
                           709.78,        709.79,       710.5,      1e5,    -1e5,   1e300,  -1e300,
                           -708.0,        -708.5,       -744.0,     -745.0, -745.2, -746.0, -750.0,
                           1e-20,         -1e-20,       1e-9,       36.7,   -36.7,  37.5,   -37.5,
                           0x1.6a09e6p-1, 0x1.6a09e7p0, 1.0 + 1e-15};
  for (std::uint64_t i = 0; i < 20000; ++i) {
    x.push_back(low + (high - low) * RandomUniform(1, 0, i));
    x.push_back((RandomUniform(1, 1, i) - 0.5) * 4);
  }
  return x;
}

std::string Describe(const simd::Kernels& kernels, const char* name, double x, double value,
                     double distance) {
  char text[200];
  std::snprintf(text, sizeof(text), "%s %s(%.17g) = %.17g is %g ulp off", kernels.isa.data(), name,
                x, value, distance);
  return text;
}

long double Sigmoid(long double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
long double Log1pExp(long double x) {
  if (std::isinf(x)) return x < 0 ? 0 : x;
  return (x > 0 ? x : 0) + std::log1p(std::exp(x > 0 ? -x : x));
}

struct Case {
  const char* name;
  void (*simd::MathKernels::*kernel)(const double*, std::int64_t, double*) noexcept;
  long double (*truth)(long double);
  double low, high;
};

const Case kCases[] = {
    {"exp", &simd::MathKernels::exp, [](long double x) { return std::exp(x); }, -746, 710},
    {"log", &simd::MathKernels::log, [](long double x) { return std::log(x); }, 0, 1e6},
    {"sigmoid", &simd::MathKernels::sigmoid, Sigmoid, -746, 746},
    {"log1p_exp", &simd::MathKernels::log1p_exp, Log1pExp, -746, 746},
};

}  // namespace

TEST_CASE(
    "Exp, Log, Sigmoid and Log1pExp are within 2 ulp of the truth, at the edges too, on every "
    "instruction set") {
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (const Case& c : kCases) {
      const std::vector<double> x = Arguments(c.low, c.high);
      std::vector<double> out(x.size());
      (kernels->math.*c.kernel)(x.data(), static_cast<std::int64_t>(x.size()), out.data());
      double worst = 0;
      std::size_t worst_at = 0;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = static_cast<double>(c.truth(x[i]));
        const double distance = UlpDistance<double, std::uint64_t>(out[i], expected);
        if (distance > 2) {
          FAIL_CHECK(Describe(*kernels, c.name, x[i], out[i], distance));
        }
        if (distance > worst) worst = distance, worst_at = i;
      }
      MESSAGE(Describe(*kernels, c.name, x[worst_at], out[worst_at], worst));
    }
  }
}

TEST_CASE("every instruction set gives the same bits, for any length and alignment") {
  const std::vector<double> x = Arguments(-700, 700);
  const auto supported = simd::Supported();
  for (const Case& c : kCases) {
    for (std::int64_t n = 0; n <= 35; ++n) {
      for (std::int64_t start = 0; start < 3; ++start) {
        std::vector<double> expected(x.size(), -7), out(x.size(), -7);
        (supported[0]->math.*c.kernel)(x.data() + start, n, expected.data());
        for (const simd::Kernels* kernels : supported) {
          (kernels->math.*c.kernel)(x.data() + start, n, out.data());
          for (std::int64_t i = 0; i < n; ++i) {
            CHECK((std::isnan(out[i]) ? std::isnan(expected[i])
                                      : std::bit_cast<std::uint64_t>(out[i]) ==
                                            std::bit_cast<std::uint64_t>(expected[i])));
          }
          CHECK(out[n] == -7);
        }
      }
    }
  }
}

TEST_CASE("float32 Exp and Sigmoid are within 2 ulp of the truth and the same bits everywhere") {
  std::vector<float> x;
  for (const double value : Arguments(-104, 89)) x.push_back(static_cast<float>(value));
  const auto n = static_cast<std::int64_t>(x.size());
  std::vector<float> first_exp, first_sigmoid;
  for (const simd::Kernels* kernels : simd::Supported()) {
    std::vector<float> exp(x.size()), sigmoid(x.size());
    kernels->math.exp_float(x.data(), n, exp.data());
    kernels->math.sigmoid_float(x.data(), n, sigmoid.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto e = static_cast<float>(std::exp(static_cast<double>(x[i])));
      const auto s = static_cast<float>(Sigmoid(x[i]));
      if (UlpDistance<float, std::uint32_t>(exp[i], e) > 2)
        FAIL_CHECK("exp(" << x[i] << ") = " << exp[i]);
      if (UlpDistance<float, std::uint32_t>(sigmoid[i], s) > 2)
        FAIL_CHECK("sigmoid(" << x[i] << ") = " << sigmoid[i]);
    }
    if (first_exp.empty()) first_exp = exp, first_sigmoid = sigmoid;
    CHECK(std::memcmp(exp.data(), first_exp.data(), exp.size() * sizeof(float)) == 0);
    CHECK(std::memcmp(sigmoid.data(), first_sigmoid.data(), exp.size() * sizeof(float)) == 0);
  }
}
