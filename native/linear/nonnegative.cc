#include "linear/nonnegative.h"

#include <algorithm>
#include <cmath>

#include "matrix/cholesky.h"

namespace treeline {

namespace {

/// The unconstrained solution over the unknowns in `set`; empty if their matrix has no factor.
std::vector<double> SolveOver(const std::vector<double>& a, const std::vector<double>& b,
                              std::int64_t n, const std::vector<std::int64_t>& set) {
  const auto k = static_cast<std::int64_t>(set.size());
  std::vector<double> matrix(static_cast<std::size_t>(k * k)), x;
  for (std::int64_t i = 0; i < k; ++i) {
    x.push_back(b[set[i]]);
    for (std::int64_t j = 0; j < k; ++j) matrix[i * k + j] = a[set[i] * n + set[j]];
  }
  const std::vector<double> l = Cholesky(matrix, k);
  if (l.empty()) return {};
  SolveLower(l, k, x.data());
  SolveLowerTransposed(l, k, x.data());
  return x;
}

}  // namespace

std::vector<double> SolveNonnegative(const std::vector<double>& a, const std::vector<double>& b,
                                     std::int64_t n, const Context& ctx) {
  std::vector<double> x(static_cast<std::size_t>(n));
  std::vector<std::int64_t> set;                           // unknowns that are not held at 0
  std::vector<char> refused(static_cast<std::size_t>(n));  // collinear with those in the set
  double size = 0;
  for (const double value : b) size = std::max(size, std::abs(value));
  const double tolerance = 1e-13 * static_cast<double>(n + 10) * size;
  for (std::int64_t round = 0; round < 10 * n + 10; ++round) {
    ctx.cancel.ThrowIfCancelled();
    std::int64_t best = -1;
    double steepest = tolerance;
    for (std::int64_t j = 0; j < n; ++j) {
      if (refused[j] || std::find(set.begin(), set.end(), j) != set.end()) continue;
      double slope = b[j];
      for (const std::int64_t k : set) slope -= a[j * n + k] * x[k];
      if (slope > steepest) {
        steepest = slope;
        best = j;
      }
    }
    if (best < 0) break;
    set.push_back(best);
    while (true) {
      const std::vector<double> next = SolveOver(a, b, n, set);
      if (next.empty()) {
        refused[set.back()] = 1;
        x[set.back()] = 0;
        set.pop_back();
        break;
      }
      double step = 1;
      for (std::size_t i = 0; i < set.size(); ++i) {
        const double from = x[set[i]];
        if (next[i] <= 0) step = std::min(step, from > 0 ? from / (from - next[i]) : 0);
      }
      std::vector<std::int64_t> kept;
      for (std::size_t i = 0; i < set.size(); ++i) {
        double& value = x[set[i]];
        const bool blocks = next[i] <= 0 && (value <= 0 || value / (value - next[i]) <= step);
        value = step == 1 ? next[i] : value + step * (next[i] - value);
        if (blocks) {
          value = 0;
        } else {
          kept.push_back(set[i]);
        }
      }
      if (kept.size() == set.size()) break;
      set = std::move(kept);
    }
  }
  return x;
}

}  // namespace treeline
