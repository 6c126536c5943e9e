#include "simd/loss_kernels.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using namespace treeline;

namespace {

/// The loss of one row, from the formulas of the papers with std's functions.
double NaiveValue(LossKind kind, double raw, double y, double p) {
  const double e = std::fabs(raw - y);
  switch (kind) {
    case LossKind::kSquaredError: return e * e / 2;
    case LossKind::kAbsoluteError: return e;
    case LossKind::kQuantile: return (y > raw ? p : 1 - p) * e;
    case LossKind::kHuber: return e <= p ? e * e / 2 : p * (e - p / 2);
    case LossKind::kFair: return p * p * (e / p - std::log1p(e / p));
    case LossKind::kMape: return e / std::max(1.0, std::fabs(y));
    case LossKind::kPoisson: return std::exp(raw) - y * raw;
    case LossKind::kGamma: return raw + y / std::exp(raw);
    case LossKind::kTweedie:
      return std::exp((2 - p) * raw) / (2 - p) - y * std::exp((1 - p) * raw) / (1 - p);
    default: return std::log1p(std::exp(raw)) - y * raw;
  }
}

double ParameterOf(LossKind kind) {
  switch (kind) {
    case LossKind::kQuantile: return 0.3;
    case LossKind::kHuber: return 0.8;
    case LossKind::kFair: return 1.4;
    case LossKind::kTweedie: return 1.6;
    default: return 0;
  }
}

/// Losses without a second derivative have 1 instead.
bool HasCurvature(LossKind kind) {
  return kind != LossKind::kAbsoluteError && kind != LossKind::kQuantile &&
         kind != LossKind::kHuber && kind != LossKind::kMape;
}

}  // namespace

TEST_CASE("losses and their slopes are the textbook's, the same bits on every instruction set") {
  for (int k = 0; k < kPointLosses; ++k) {
    const auto kind = static_cast<LossKind>(k);
    const double parameter = ParameterOf(kind);
    for (const std::int64_t n : {0, 1, 2, 7, 8, 9, 15, 16, 17, 200}) {
      std::vector<double> raw, y;
      for (std::int64_t i = 0; i < n; ++i) {
        raw.push_back(8 * (RandomUniform(1, 0, static_cast<std::uint64_t>(i)) - 0.5));
        y.push_back(RandomUniform(2, 0, static_cast<std::uint64_t>(i)));
        if (k < 6) y[i] = 6 * (y[i] - 0.5);
      }
      std::vector<double> first;
      for (const simd::Kernels* kernels : simd::Supported()) {
        std::vector<double> out(static_cast<std::size_t>(3 * n));
        double *values = out.data(), *gradients = values + n, *hessians = gradients + n;
        kernels->losses.values[k](raw.data(), y.data(), n, parameter, values);
        kernels->losses.slopes[k](raw.data(), y.data(), n, parameter, gradients, hessians);
        if (first.empty()) first = out;
        CHECK(out == first);
        for (std::int64_t i = 0; i < n; ++i) {
          const auto at = [&](double x) { return NaiveValue(kind, x, y[i], parameter); };
          CHECK(values[i] == doctest::Approx(at(raw[i])));
          constexpr double kStep = 1e-4;
          const double up = at(raw[i] + kStep), down = at(raw[i] - kStep);
          const double slack = kind == LossKind::kHuber ? 1e-3 : 1e-6;
          CHECK(gradients[i] == doctest::Approx((up - down) / (2 * kStep)).epsilon(slack));
          const double curvature = (up - 2 * at(raw[i]) + down) / (kStep * kStep);
          const double expected = HasCurvature(kind) ? curvature : 1;
          CHECK(hessians[i] == doctest::Approx(expected).epsilon(1e-3));
        }
      }
    }
  }
}

TEST_CASE("gradient pairs are the slopes, rounded, on every instruction set") {
  constexpr std::int64_t kRows = 133;
  std::vector<double> raw, y;
  std::vector<float> weights;
  for (std::uint64_t i = 0; i < kRows; ++i) {
    raw.push_back(4 * (RandomUniform(1, 0, i) - 0.5));
    y.push_back(RandomUniform(2, 0, i));
    weights.push_back(static_cast<float>(2 * RandomUniform(3, 0, i)));
  }
  for (int k = 0; k < kPointLosses; ++k) {
    const double parameter = ParameterOf(static_cast<LossKind>(k));
    std::vector<double> gradients(kRows), hessians(kRows);
    simd::Active().losses.slopes[k](raw.data(), y.data(), kRows, parameter, gradients.data(),
                                    hessians.data());
    const std::vector<float> g(gradients.begin(), gradients.end());
    const std::vector<float> h(hessians.begin(), hessians.end());
    const simd::GradientRows rows{
        raw.data(), y.data(), weights.data(), nullptr, 5, kRows, static_cast<float>(parameter)};
    const simd::QuantizationScale scale{0x1p10f, 0x1p10f, 99};
    std::vector<std::uint32_t> first;
    for (const simd::Kernels* kernels : simd::Supported()) {
      std::vector<std::uint32_t> pairs(kRows), given(kRows);
      kernels->gradients.point[k](rows, scale, pairs.data());
      kernels->gradients.given(rows, g.data(), h.data(), scale, given.data());
      if (first.empty()) first = pairs;
      CHECK(pairs == first);
      for (std::int64_t i = 0; i < kRows; ++i) {
        const auto w = static_cast<double>(weights[i]);
        for (const std::uint32_t pair : {pairs[i], given[i]}) {
          CHECK(std::fabs(static_cast<std::int16_t>(pair >> 16) - w * gradients[i] * 0x1p10) <
                1.01);
          CHECK(std::fabs(static_cast<double>(pair & 0xffff) - w * hessians[i] * 0x1p10) < 1.01);
        }
      }
    }
  }
}
