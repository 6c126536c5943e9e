#include "loss/weighted_quantile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace treeline {

double Quantile(std::vector<double>& values, double q) {
  if (values.empty()) return 0;
  const auto n = static_cast<std::int64_t>(values.size());
  const double rank = q * static_cast<double>(n);  // how many values are to lie at or below
  const std::int64_t at =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(rank)) - 1, 0, n - 1);
  std::nth_element(values.begin(), values.begin() + at, values.end());
  const double below = values[at];
  if (std::floor(rank) != rank || rank == 0 || at + 1 == n) return below;
  const double above = *std::min_element(values.begin() + at + 1, values.end());
  return std::midpoint(below, above);
}

double Quantile(std::vector<Weighted>& values, double q) {
  std::erase_if(values, [](const Weighted& x) { return x.weight <= 0; });
  if (values.empty()) return 0;
  // By weight too: equal values always come in the same order, so the sums have the same bits.
  std::sort(values.begin(), values.end(), [](const Weighted& a, const Weighted& b) {
    return a.value < b.value || (a.value == b.value && a.weight < b.weight);
  });
  double total = 0;
  for (const Weighted& x : values) total += x.weight;
  const double wanted = q * total;
  double sum = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    sum += values[i].weight;
    if (sum < wanted) continue;
    if (sum > wanted) return values[i].value;
    return std::midpoint(values[i].value, values[i + 1].value);
  }
  return values.back().value;
}

}  // namespace treeline
