#include "simd/shap_kernels.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "boosting/quadrature.h"
#include "core/random.h"
#include "simd/kernels.h"

using namespace treeline;

namespace {

/// What a path is worth to a coalition: features in it follow the row, the others the training
/// rows.
double Worth(const std::vector<double>& ones, const std::vector<double>& shares, unsigned members) {
  double worth = 1;
  for (std::size_t i = 0; i < ones.size(); ++i)
    worth *= (members >> i & 1) != 0 ? ones[i] : shares[i];
  return worth;
}

double Factorial(int n) { return n <= 1 ? 1 : n * Factorial(n - 1); }

/// Shapley's formula: the mean over all orders of what a feature adds, one coalition at a time.
double NaiveValue(const std::vector<double>& ones, const std::vector<double>& shares, int i) {
  const int m = static_cast<int>(ones.size());
  double sum = 0;
  for (unsigned s = 0; s < 1u << m; ++s) {
    if ((s >> i & 1) != 0) continue;
    const int size = std::popcount(s);
    const double weight = Factorial(size) * Factorial(m - size - 1) / Factorial(m);
    sum += weight * (Worth(ones, shares, s | 1u << i) - Worth(ones, shares, s));
  }
  return sum;
}

double NaiveInteraction(const std::vector<double>& ones, const std::vector<double>& shares, int i,
                        int j) {
  const int m = static_cast<int>(ones.size());
  double sum = 0;
  for (unsigned s = 0; s < 1u << m; ++s) {
    if ((s >> i & 1) != 0 || (s >> j & 1) != 0) continue;
    const int size = std::popcount(s);
    const double weight = Factorial(size) * Factorial(m - size - 2) / Factorial(m - 1);
    sum += weight * (Worth(ones, shares, s | 1u << i | 1u << j) - Worth(ones, shares, s | 1u << i) -
                     Worth(ones, shares, s | 1u << j) + Worth(ones, shares, s));
  }
  return sum;
}

}  // namespace

TEST_CASE("quadrature integrates polynomials on [0, 1] exactly up to degree 2n - 1") {
  std::vector<double> nodes, weights;
  for (int n = 1; n <= 40; ++n) {
    boosting::GaussLegendre(n, nodes, weights);
    for (int degree = 0; degree < 2 * n; ++degree) {
      double sum = 0;
      for (int i = 0; i < n; ++i) sum += weights[i] * std::pow(nodes[i], degree);
      CHECK(sum == doctest::Approx(1.0 / (degree + 1)).epsilon(1e-13));
    }
  }
}

TEST_CASE("an interval holds what lies in it, its upper end, and NaN if asked, everywhere") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> x = {nan, -inf, -1, 0, 0.5, 1, 2, inf, -0.0, 1e300};
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (std::int64_t n = 0; n <= static_cast<std::int64_t>(x.size()); ++n) {
      for (const double lo : {nan, -inf, 0.0, 1.0, inf}) {
        for (const double hi : {0.5, 2.0, inf}) {
          for (const bool with_missing : {false, true}) {
            std::vector<double> ones(simd::kShapRows, 7);
            kernels->shap.mark_interval(x.data(), n, lo, hi, with_missing, ones.data());
            for (std::int64_t r = 0; r < n; ++r) {
              const bool inside = (std::isnan(lo) || x[r] > lo) && x[r] <= hi;
              CHECK(ones[r] == (std::isnan(x[r]) ? with_missing : inside));
            }
            CHECK(ones[n] == 7);
          }
        }
      }
    }
  }
}

TEST_CASE("Shapley values and interactions of a path are those of all coalitions, everywhere") {
  for (const int m : {1, 2, 3, 6, 9}) {
    const std::int32_t n_nodes = (m + 1) / 2;
    std::vector<double> nodes, weights;
    boosting::GaussLegendre(n_nodes, nodes, weights);
    std::vector<double> shares;
    for (int i = 0; i < m; ++i) {
      const double u =
          RandomUniform(3, static_cast<std::uint64_t>(m), static_cast<std::uint64_t>(i));
      shares.push_back(i == 2 ? 0 : i == 3 ? 1 : i == 4 ? 1e-9 : u);
    }
    constexpr std::int64_t kRows = 61;
    std::vector<double> ones(static_cast<std::size_t>(m * simd::kShapRows));
    for (std::size_t i = 0; i < ones.size(); ++i)
      ones[i] = static_cast<double>(RandomBits(5, static_cast<std::uint64_t>(m), i) & 1);
    const simd::ShapPath path{-2.5, shares.data(), m, n_nodes, nodes.data(), weights.data()};
    std::vector<double> first;
    for (const simd::Kernels* kernels : simd::Supported()) {
      const auto n_pairs = static_cast<std::size_t>(m * (m - 1) / 2);
      std::vector<double> scratch(static_cast<std::size_t>((n_nodes + 1) * simd::kShapRows));
      std::vector<double> out((static_cast<std::size_t>(m) + n_pairs) * simd::kShapRows, 0.5);
      std::vector<double*> targets;
      for (std::size_t i = 0; i < static_cast<std::size_t>(m) + n_pairs; ++i)
        targets.push_back(out.data() + i * simd::kShapRows);
      kernels->shap.add_values(path, ones.data(), kRows, scratch.data(), targets.data());
      kernels->shap.add_interactions(path, ones.data(), kRows, scratch.data(), targets.data() + m);
      if (first.empty()) first = out;
      CHECK(out == first);
      for (std::int64_t r = 0; r < kRows; ++r) {
        std::vector<double> row;
        for (int i = 0; i < m; ++i) row.push_back(ones[i * simd::kShapRows + r]);
        for (int i = 0; i < m; ++i) {
          const double expected = 0.5 - 2.5 * NaiveValue(row, shares, i);
          CHECK(targets[i][r] == doctest::Approx(expected).epsilon(1e-12));
          for (int j = 0; j < i; ++j) {
            const double pair = 0.5 - 2.5 * NaiveInteraction(row, shares, i, j);
            CHECK(targets[m + i * (i - 1) / 2 + j][r] == doctest::Approx(pair).epsilon(1e-12));
          }
        }
      }
    }
  }
}
