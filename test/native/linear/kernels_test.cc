#include "simd/kernels.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"

using namespace treeline;

// Every kernel of simd/linear-inl.h against its naive twin, on every instruction set of this
// machine; and the same bits on all of them.

namespace {

constexpr std::int64_t kStride = 192;  // columns lie further apart than they are long
constexpr std::int64_t kLanes = simd::kLinearLanes;

std::vector<double> Numbers(std::size_t count, std::uint64_t stream, double scale = 1) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = scale * (RandomUniform(7, stream, i) - 0.5) * 2;
  return values;
}

/// Runs `body` on every instruction set; it returns numbers that must be the same bits on all.
template <typename Body>
void OnEverySet(Body&& body) {
  std::vector<double> first;
  for (const simd::Kernels* kernels : simd::Supported()) {
    CAPTURE(std::string(kernels->isa));
    const std::vector<double> result = body(kernels->linear);
    if (first.empty()) first = result;
    CHECK(result == first);
  }
}

double Sum(const double* lanes) {
  double sum = 0;
  for (std::int64_t l = 0; l < kLanes; ++l) sum += lanes[l];
  return sum;
}

bool Near(double a, double b, double tolerance = 1e-13) {
  return std::abs(a - b) <= tolerance * (1 + std::abs(b));
}

}  // namespace

TEST_CASE("centre widens and subtracts, and touches nothing past the rows") {
  for (const std::int64_t rows : {64, 128}) {
    const std::vector<double> x = Numbers(5 * kStride, 1, 1e3);
    const std::vector<float> narrow(x.begin(), x.end());
    const std::vector<double> shift = Numbers(5, 2, 1e3);
    OnEverySet([&](const simd::LinearKernels& kernels) {
      std::vector<double> z(5 * kStride, -1), w(5 * kStride, -1);
      kernels.centre_f64(x.data(), kStride, 5, rows, shift.data(), z.data(), kStride);
      kernels.centre_f32(narrow.data(), kStride, 5, rows, shift.data(), w.data(), kStride);
      for (std::int64_t j = 0; j < 5; ++j) {
        for (std::int64_t i = 0; i < kStride; ++i) {
          const std::int64_t at = j * kStride + i;
          CHECK(z[at] == (i < rows ? x[at] - shift[j] : -1));
          CHECK(w[at] == (i < rows ? static_cast<double>(narrow[at]) - shift[j] : -1));
        }
      }
      return z;
    });
  }
}

TEST_CASE("margins are sums in column order") {
  for (const std::int64_t cols : {0, 1, 2, 3, 17}) {
    const std::vector<double> z = Numbers(static_cast<std::size_t>(17 * kStride), 3);
    const std::vector<double> coef = Numbers(17, 4);
    OnEverySet([&](const simd::LinearKernels& kernels) {
      std::vector<double> out = Numbers(kStride, 5);
      std::vector<double> expected = out;
      for (std::int64_t j = 0; j < cols; ++j) {
        for (std::int64_t i = 0; i < 128; ++i) expected[i] += coef[j] * z[j * kStride + i];
      }
      kernels.add_margins(z.data(), kStride, cols, 128, coef.data(), out.data());
      CHECK(out == expected);
      return out;
    });
  }
}

TEST_CASE("products of columns, for every remainder of the register tiles") {
  for (const std::int64_t na : {1, 2, 3, 4, 5, 9}) {
    for (const std::int64_t nb : {1, 2, 3, 4, 7, 8, 9, 13}) {
      const std::vector<double> a = Numbers(static_cast<std::size_t>(na * kStride), 6);
      const std::vector<double> b = Numbers(static_cast<std::size_t>(nb * kStride), 7);
      for (const bool upper : {false, true}) {
        OnEverySet([&](const simd::LinearKernels& kernels) {
          std::vector<double> lanes(static_cast<std::size_t>(na * nb * kLanes), 0.0);
          kernels.add_products(a.data(), kStride, na, b.data(), kStride, nb, 128, upper,
                               lanes.data());
          kernels.add_products(a.data(), kStride, na, b.data(), kStride, nb, 64, upper,
                               lanes.data());
          std::vector<double> read;
          for (std::int64_t i = 0; i < na; ++i) {
            for (std::int64_t j = upper ? i : 0; j < nb; ++j) {
              double expected = 0;
              for (std::int64_t r = 0; r < 128; ++r)
                expected += a[i * kStride + r] * b[j * kStride + r] * (r < 64 ? 2 : 1);
              const double* sums = lanes.data() + (i * nb + j) * kLanes;
              CHECK(Near(Sum(sums), expected));
              read.insert(read.end(), sums, sums + kLanes);
            }
          }
          return read;
        });
      }
    }
  }
}

TEST_CASE("rows are scaled column by column") {
  const std::vector<double> z = Numbers(3 * kStride, 8);
  const std::vector<double> weight = Numbers(kStride, 9);
  OnEverySet([&](const simd::LinearKernels& kernels) {
    std::vector<double> out(3 * kStride, 0.0);
    kernels.scale_rows(z.data(), kStride, 3, 64, weight.data(), out.data(), kStride);
    for (std::int64_t i = 0; i < 3 * kStride; ++i)
      CHECK(out[i] == (i % kStride < 64 ? z[i] * weight[i % kStride] : 0));
    return out;
  });
}

TEST_CASE("the binomial loss, its residuals and its curvature, on both tails too") {
  std::vector<double> margin = Numbers(128, 10, 40);
  margin[0] = 800;
  margin[1] = -800;
  margin[2] = 0;
  margin[3] = -0.0;
  std::vector<std::int32_t> code(128);
  std::vector<double> weight = Numbers(128, 11);
  for (std::size_t i = 0; i < 128; ++i) {
    code[i] = static_cast<std::int32_t>(i * 7 % 3 % 2);
    weight[i] = i % 5 == 0 ? 0 : std::abs(weight[i]);
  }
  OnEverySet([&](const simd::LinearKernels& kernels) {
    std::vector<double> residual(128), curvature(128), scratch(128), loss(kLanes, 0.0);
    kernels.binomial_loss(margin.data(), code.data(), weight.data(), 128, residual.data(),
                          curvature.data(), scratch.data(), loss.data());
    double total = 0;
    for (std::size_t i = 0; i < 128; ++i) {
      const double own = code[i] == 1 ? margin[i] : -margin[i];
      const double p = 1 / (1 + std::exp(-margin[i]));
      total +=
          weight[i] * (own < 0 ? -own + std::log1p(std::exp(own)) : std::log1p(std::exp(-own)));
      CHECK(Near(residual[i], weight[i] * (p - code[i])));
      CHECK(Near(curvature[i], weight[i] * p * (1 - p)));
      // A row that is explained leaves a tiny residual, not none.
      if (weight[i] > 0 && own > 50 && own < 700) CHECK(residual[i] != 0);
    }
    CHECK(Near(Sum(loss.data()), total));
    residual.insert(residual.end(), curvature.begin(), curvature.end());
    residual.insert(residual.end(), loss.begin(), loss.end());
    return residual;
  });
}

TEST_CASE("rows that weigh 1 have the loss of weights 1") {
  for (const std::int64_t rows : {64, 128}) {
    for (const double scale : {1e-3, 1.0, 40.0, 1000.0}) {
      const std::vector<double> margin = Numbers(128, 25, scale);
      const std::vector<double> ones(128, 1.0);
      std::vector<std::int32_t> code(128);
      for (std::size_t i = 0; i < 128; ++i) code[i] = static_cast<std::int32_t>(i * 7 % 3 % 2);
      OnEverySet([&](const simd::LinearKernels& kernels) {
        std::vector<double> residual(128, -7), curvature(128, -7), loss(kLanes, 0.5), scratch(256);
        std::vector<double> weighed(128, -7), curved(128, -7), total(kLanes, 0.5);
        kernels.binomial_loss(margin.data(), code.data(), nullptr, rows, residual.data(),
                              curvature.data(), scratch.data(), loss.data());
        kernels.binomial_loss(margin.data(), code.data(), ones.data(), rows, weighed.data(),
                              curved.data(), scratch.data(), total.data());
        for (std::size_t i = 0; i < 128; ++i) {
          // A row explained to e^-708 is explained.
          CHECK(std::abs(residual[i] - weighed[i]) <= 1e-15 * std::abs(weighed[i]) + 4e-308);
          CHECK(std::abs(curvature[i] - curved[i]) <= 1e-15 * std::abs(curved[i]) + 4e-308);
        }
        for (std::int64_t l = 0; l < kLanes; ++l) CHECK(Near(loss[l], total[l], 1e-14));
        residual.insert(residual.end(), loss.begin(), loss.end());
        return residual;
      });
    }
  }
}

TEST_CASE("tiny losses keep their digits though they are summed as one product") {
  const std::vector<double> margin(64, -30.0);
  const std::vector<std::int32_t> code(64, 0);
  OnEverySet([&](const simd::LinearKernels& kernels) {
    std::vector<double> residual(64), scratch(128), loss(kLanes, 0.0);
    kernels.binomial_loss(margin.data(), code.data(), nullptr, 64, residual.data(), nullptr,
                          scratch.data(), loss.data());
    const double expected = 64 * std::log1p(std::exp(-30.0));
    CHECK(std::abs(Sum(loss.data()) - expected) <= 1e-12 * expected);
    return loss;
  });
}

TEST_CASE("the multinomial loss and its residuals") {
  for (const std::int64_t classes : {3, 4, 11}) {
    const std::vector<double> given = Numbers(static_cast<std::size_t>(classes * kStride), 12, 30);
    std::vector<std::int32_t> code(64);
    const std::vector<double> weight(64, 0.75);
    for (std::size_t i = 0; i < 64; ++i) code[i] = static_cast<std::int32_t>(i % classes);
    OnEverySet([&](const simd::LinearKernels& kernels) {
      std::vector<double> margin = given;
      std::vector<double> residual(given.size()), scratch(3 * 64), loss(kLanes, 0.0);
      kernels.multinomial_loss(margin.data(), kStride, classes, code.data(), weight.data(), 64,
                               residual.data(), scratch.data(), loss.data());
      double total = 0;
      for (std::int64_t i = 0; i < 64; ++i) {
        double sum = 0;
        for (std::int64_t k = 0; k < classes; ++k) sum += std::exp(given[k * kStride + i]);
        total += 0.75 * (std::log(sum) - given[code[i] * kStride + i]);
        for (std::int64_t k = 0; k < classes; ++k) {
          const double p = std::exp(given[k * kStride + i]) / sum;
          CHECK(Near(margin[k * kStride + i], p));
          CHECK(Near(residual[k * kStride + i], 0.75 * (p - (code[i] == k ? 1 : 0))));
        }
      }
      CHECK(Near(Sum(loss.data()), total));
      margin.insert(margin.end(), loss.begin(), loss.end());
      return margin;
    });
  }
}

TEST_CASE("sigmoid, log-sigmoid and softmax of margins") {
  std::vector<double> margin = Numbers(3 * 64, 13, 30);
  margin[0] = 1000;
  margin[1] = -1000;
  OnEverySet([&](const simd::LinearKernels& kernels) {
    std::vector<double> p(64), log_p(64), scratch(128);
    kernels.sigmoids(margin.data(), 64, p.data());
    kernels.log_sigmoids(margin.data(), 64, log_p.data());
    std::vector<double> softmax = margin, log_softmax = margin;
    kernels.softmax(softmax.data(), 64, 3, 64, false, scratch.data());
    kernels.softmax(log_softmax.data(), 64, 3, 64, true, scratch.data());
    CHECK(log_p[1] == -1000);
    for (std::size_t i = 0; i < 64; ++i) {
      CHECK(Near(p[i], 1 / (1 + std::exp(-margin[i]))));
      if (i > 1) CHECK(Near(log_p[i], std::log(1 / (1 + std::exp(-margin[i]))), 1e-10));
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        sum += softmax[k * 64 + i];
        if (i > 1) CHECK(Near(softmax[k * 64 + i], std::exp(log_softmax[k * 64 + i])));
      }
      CHECK(Near(sum, 1));
    }
    p.insert(p.end(), log_softmax.begin(), log_softmax.end());
    return p;
  });
}

TEST_CASE("a scan gives mean and squared deviations, and NaN for what is not finite") {
  for (std::int64_t rows = 1; rows <= 128; rows += rows < 70 ? 1 : 29) {
    std::vector<double> values = Numbers(static_cast<std::size_t>(rows), 14);
    for (double& v : values) v += 1e6;
    const std::vector<float> narrow(values.begin(), values.end());
    OnEverySet([&](const simd::LinearKernels& kernels) {
      double mean = 0, m2 = 0, narrow_mean = 0, narrow_m2 = 0;
      kernels.scan_f64(values.data(), rows, &mean, &m2);
      kernels.scan_f32(narrow.data(), rows, &narrow_mean, &narrow_m2);
      long double sum = 0, square = 0;
      for (const double v : values) sum += v;
      const long double centre = sum / rows;
      for (const double v : values) square += (v - centre) * (v - centre);
      CHECK(Near(mean, static_cast<double>(centre), 1e-15));
      CHECK(Near(m2, static_cast<double>(square), 1e-9));
      CHECK(Near(narrow_mean, static_cast<double>(centre), 1e-6));
      return std::vector<double>{mean, m2, narrow_mean, narrow_m2};
    });
    for (const double bad : {NAN, INFINITY, -INFINITY}) {
      values[static_cast<std::size_t>(rows / 2)] = bad;
      for (const simd::Kernels* kernels : simd::Supported()) {
        double mean = 0, m2 = 0;
        kernels->linear.scan_f64(values.data(), rows, &mean, &m2);
        CHECK(!std::isfinite(m2));
      }
    }
  }
}

TEST_CASE("narrowing succeeds exactly when no value changes") {
  for (const std::int64_t rows : {1, 63, 64, 65, 128}) {
    for (const simd::Kernels* kernels : simd::Supported()) {
      std::vector<double> values(static_cast<std::size_t>(rows));
      for (std::int64_t i = 0; i < rows; ++i) values[i] = static_cast<double>(i) * 0.25 - 7;
      std::vector<float> out(values.size());
      CHECK(kernels->linear.narrow_exactly(values.data(), rows, out.data()));
      for (std::int64_t i = 0; i < rows; ++i) CHECK(out[i] == static_cast<float>(values[i]));
      for (const double odd : {0.1, 1e300, 1e-300}) {
        values.back() = odd;
        CHECK(!kernels->linear.narrow_exactly(values.data(), rows, out.data()));
      }
    }
  }
}
