#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using namespace treeline;

// Every loss of simd/glm-inl.h against a naive twin, on every instruction set of this machine; and
// the same bits on all of them.

namespace {

constexpr std::int64_t kRows = 128;

struct Answer {
  double loss, residual, curvature;
};

/// A loss of one row: margin, target and the parameters.
using Naive = Answer (*)(double t, double y, const double* parameters);
using Kernel = void (*)(const simd::GlmRows&) noexcept;

struct Case {
  const char* name;
  Kernel simd::GlmKernels::* kernel;
  Naive naive;
  double parameters[2];
  bool positive_margin;
};

Answer Tweedie(double t, double y, const double* parameters) {
  const double p = parameters[0];
  const double first = std::exp((2 - p) * t);
  const double second = y * std::exp((1 - p) * t);
  const double curvature = p > 1 && p < 2 ? (2 - p) * first - (1 - p) * second : first;
  return {first / (2 - p) - second / (1 - p), first - second, curvature};
}

Answer Identity(double t, double y, const double* parameters) {
  const double p = parameters[0];
  double loss = std::pow(t, 2 - p) / (2 - p) - y * std::pow(t, 1 - p) / (1 - p);
  if (p == 1) loss = t - y * std::log(t);
  if (p == 2) loss = std::log(t) + y / t;
  return {loss, (t - y) * std::pow(t, -p), std::pow(t, -p)};
}

Answer Huber(double t, double y, const double* parameters) {
  const auto [epsilon, scale] = std::pair(parameters[0], parameters[1]);
  const double u = (t - y) / scale;
  if (std::abs(u) <= epsilon) return {scale + u * u * scale, 2 * u, 2 / scale};
  const double sign = u < 0 ? -1 : 1;
  return {scale + (2 * epsilon * std::abs(u) - epsilon * epsilon) * scale, 2 * epsilon * sign, 0};
}

const Case kCases[] = {
    {"squared",
     &simd::GlmKernels::squared,
     [](double t, double y, const double*) { return Answer{(t - y) * (t - y) / 2, t - y, 1}; },
     {0, 0},
     false},
    {"poisson",
     &simd::GlmKernels::poisson,
     [](double t, double y, const double*) {
       return Answer{std::exp(t) - y * t, std::exp(t) - y, std::exp(t)};
     },
     {1, 0},
     false},
    {"gamma",
     &simd::GlmKernels::gamma,
     [](double t, double y, const double*) {
       const double ratio = y * std::exp(-t);
       return Answer{t + ratio, 1 - ratio, ratio};
     },
     {2, 0},
     false},
    {"tweedie 1.5, log", &simd::GlmKernels::tweedie_log, Tweedie, {1.5, 0}, false},
    {"tweedie 3, log", &simd::GlmKernels::tweedie_log, Tweedie, {3, 0}, false},
    {"tweedie 0, log", &simd::GlmKernels::tweedie_log, Tweedie, {0, 0}, false},
    {"tweedie 1, identity", &simd::GlmKernels::tweedie_identity, Identity, {1, 0}, true},
    {"tweedie 2, identity", &simd::GlmKernels::tweedie_identity, Identity, {2, 0}, true},
    {"tweedie -1, identity", &simd::GlmKernels::tweedie_identity, Identity, {-1, 0}, true},
    {"huber", &simd::GlmKernels::huber, Huber, {1.35, 0.4}, false},
};

bool Near(double a, double b) { return std::abs(a - b) <= 1e-12 * (1 + std::abs(b)); }

}  // namespace

TEST_CASE("losses of generalised linear models are those of a naive loop") {
  for (const Case& given : kCases) {
    CAPTURE(given.name);
    std::vector<double> margin, target, weight;
    for (std::int64_t i = 0; i < kRows; ++i) {
      const double t = 4 * RandomUniform(3, 1, i) - 2;
      margin.push_back(given.positive_margin ? std::abs(t) + 0.1 : t);
      target.push_back(i % 7 == 0 ? 0.5 : 3 * RandomUniform(3, 2, i));
      weight.push_back(i % 5 == 0 ? 0 : RandomUniform(3, 3, i));
    }
    margin[5] = 800;  // weighs 0: an overflow counts for nothing
    margin[10] = -800;
    std::vector<double> first;
    for (const simd::Kernels* kernels : simd::Supported()) {
      CAPTURE(std::string(kernels->isa));
      std::vector<double> residual(kRows), curvature(kRows), scratch(kRows), column(kRows);
      std::vector<double> loss(simd::kLinearLanes);
      simd::GlmRows rows;
      rows.margin = margin.data();
      rows.target = target.data();
      rows.weight = weight.data();
      rows.rows = kRows;
      rows.parameters = given.parameters;
      rows.residual = residual.data();
      rows.curvature = curvature.data();
      rows.loss = loss.data();
      rows.scratch = scratch.data();
      rows.scale_column = column.data();
      (kernels->glm.*given.kernel)(rows);
      double total = 0, expected = 0;
      for (const double lane : loss) total += lane;
      for (std::int64_t i = 0; i < kRows; ++i) {
        if (weight[i] == 0) {
          CHECK(residual[i] == 0);
          CHECK(curvature[i] == 0);
          continue;
        }
        const Answer answer = given.naive(margin[i], target[i], given.parameters);
        expected += weight[i] * answer.loss;
        CHECK(Near(residual[i], weight[i] * answer.residual));
        CHECK(Near(curvature[i], weight[i] * answer.curvature));
      }
      CHECK(Near(total, expected));
      std::vector<double> result = residual;
      result.insert(result.end(), curvature.begin(), curvature.end());
      result.insert(result.end(), loss.begin(), loss.end());
      if (first.empty()) first = result;
      CHECK(result == first);
      const std::vector<double> before = residual;
      rows.curvature = nullptr;
      (kernels->glm.*given.kernel)(rows);
      CHECK(residual == before);
    }
  }
}

TEST_CASE("a margin or a scale out of a loss's range makes it infinite") {
  std::vector<double> margin(64, 1), target(64, 1), weight(64, 1), residual(64), scratch(64);
  std::vector<double> column(64), loss(simd::kLinearLanes);
  margin[3] = -1;
  const double identity[] = {1, 0};
  const double huber[] = {1.35, -1};
  simd::GlmRows rows;
  rows.margin = margin.data();
  rows.target = target.data();
  rows.weight = weight.data();
  rows.rows = 64;
  rows.residual = residual.data();
  rows.scratch = scratch.data();
  rows.loss = loss.data();
  rows.scale_column = column.data();
  rows.parameters = identity;
  simd::Active().glm.tweedie_identity(rows);
  CHECK(loss[3] == std::numeric_limits<double>::infinity());
  loss.assign(simd::kLinearLanes, 0);
  rows.parameters = huber;
  simd::Active().glm.huber(rows);
  CHECK(loss[0] == std::numeric_limits<double>::infinity());
}
