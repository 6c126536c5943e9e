#include "bins/thresholds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "bins/value_order.h"

namespace treeline {

namespace {

/// Up to so many distinct values are looked for without sorting.
constexpr int kMostHashed = 256;
/// Thresholds stay below infinity, which only a split on "missing" may use (scikit-learn's
/// ALMOST_INF).
constexpr double kAlmostInfinity = 1e300;

/// The distinct values (NaN aside), ascending, as long as there are at most `most`; more: some of
/// them, more than `most`. A column of few values need not be sorted.
template <typename Value>
std::vector<double> DistinctValues(std::span<const Value> values, std::size_t most) {
  constexpr std::size_t kSlots = 4 * kMostHashed;  // at most a quarter is taken, and one
  std::array<std::uint64_t, kSlots> table{};       // 0 is the key of a NaN
  std::vector<double> distinct;
  std::uint64_t last = 0;
  for (const double x : values) {
    const std::uint64_t key = SortableBits(x);
    if (key == last || std::isnan(x)) continue;
    last = key;
    std::size_t slot = (key * 0x9e3779b97f4a7c15) >> 54;  // 10 bits
    while (table[slot] != 0 && table[slot] != key) slot = (slot + 1) % kSlots;
    if (table[slot] == key) continue;
    table[slot] = key;
    distinct.push_back(x + 0.0);
    if (distinct.size() > most) return distinct;
  }
  std::sort(distinct.begin(), distinct.end());
  return distinct;
}

/// Midpoints between neighbours of a sorted list of distinct values; the lower one where rounding
/// would make it the upper one, which would not be told apart.
std::vector<double> Midpoints(const std::vector<double>& distinct) {
  std::vector<double> thresholds;
  for (std::size_t i = 0; i + 1 < distinct.size(); ++i) {
    double middle = (distinct[i] + distinct[i + 1]) / 2;
    if (!std::isfinite(middle)) middle = distinct[i] / 2 + distinct[i + 1] / 2;
    const bool is_upper = std::isfinite(middle) && middle >= distinct[i + 1];
    thresholds.push_back(is_upper ? distinct[i] : middle);
  }
  return thresholds;
}

std::vector<double> Finish(std::vector<double> thresholds) {
  for (double& t : thresholds) {
    if (!(t < kAlmostInfinity)) t = kAlmostInfinity;
  }
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  return thresholds;
}

/// DistinctValues of sorted keys.
template <typename Key>
std::vector<double> DistinctOf(const std::vector<Key>& sorted, std::size_t most) {
  std::vector<double> distinct;
  for (std::size_t i = 0; i < sorted.size() && distinct.size() <= most; ++i) {
    if (i == 0 || sorted[i] != sorted[i - 1]) distinct.push_back(FromSortableBits(sorted[i]));
  }
  return distinct;
}

template <typename Value>
std::vector<double> UnweightedThresholds(std::span<const Value> values, int max_bins) {
  const auto most = static_cast<std::size_t>(max_bins);
  const std::vector<double> distinct = max_bins <= kMostHashed
                                           ? DistinctValues(values, most)
                                           : DistinctOf(SortedKeys<Value>(values), most);
  if (distinct.size() <= most) return MidpointThresholds(distinct);
  const auto n = static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [](Value x) { return !std::isnan(x); }));
  const std::vector<std::size_t> places = QuantilePlaces(n, max_bins);
  return QuantileThresholds(places, ValuesAt(values, places));
}

template <typename Value>
std::vector<double> WeightedThresholds(std::span<const Value> values,
                                       std::span<const double> weights, int max_bins) {
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i]) && weights[i] > 0) pairs.emplace_back(values[i], weights[i]);
  }
  std::sort(pairs.begin(), pairs.end());
  WeightsByValue sums;
  for (const auto& [value, weight] : pairs) sums.Add(value, weight);
  return sums.Thresholds(max_bins);
}

}  // namespace

std::vector<double> MidpointThresholds(const std::vector<double>& distinct) {
  return Finish(Midpoints(distinct));
}

/// Quantiles 1 / max_bins, 2 / max_bins …: the mean of the two neighbours where one falls between
/// them ("averaged_inverted_cdf").
std::vector<std::size_t> QuantilePlaces(std::size_t n, int max_bins) {
  std::vector<std::size_t> places;
  for (int b = 1; b < max_bins; ++b) {
    const double position = static_cast<double>(b) / max_bins * static_cast<double>(n);
    const double floor = std::floor(position);
    const std::size_t at = std::min(static_cast<std::size_t>(floor), n - 1);
    const bool is_between = position == floor && floor >= 1;
    places.push_back(is_between ? static_cast<std::size_t>(floor) - 1 : at);
    places.push_back(at);
  }
  return places;
}

std::vector<double> QuantileThresholds(const std::vector<std::size_t>& places,
                                       const std::vector<double>& found) {
  std::vector<double> thresholds;
  for (std::size_t i = 0; i < found.size(); i += 2)
    thresholds.push_back(places[i] == places[i + 1] ? found[i] : (found[i] + found[i + 1]) / 2);
  return Finish(std::move(thresholds));
}

void WeightsByValue::Add(double value, double weight) {
  mass_ += weight;
  if (!distinct_.empty() && value == distinct_.back()) {
    mass_up_to_.back() = mass_;
  } else {
    distinct_.push_back(value + 0.0);  // -0 counts as 0
    mass_up_to_.push_back(mass_);
  }
}

std::vector<double> WeightsByValue::Thresholds(int max_bins) const {
  if (distinct_.size() <= static_cast<std::size_t>(max_bins)) return MidpointThresholds(distinct_);
  std::vector<double> thresholds;
  for (int b = 1; b < max_bins; ++b) {
    const double position = static_cast<double>(b) / max_bins * mass_;
    const auto at = static_cast<std::size_t>(
        std::lower_bound(mass_up_to_.begin(), mass_up_to_.end(), position) - mass_up_to_.begin());
    const std::size_t i = std::min(at, distinct_.size() - 1);
    const bool between = mass_up_to_[i] == position && i + 1 < distinct_.size();
    thresholds.push_back(between ? (distinct_[i] + distinct_[i + 1]) / 2 : distinct_[i]);
  }
  return Finish(std::move(thresholds));
}

std::vector<double> FindThresholds(std::span<const double> values, std::span<const double> weights,
                                   int max_bins) {
  return weights.empty() ? UnweightedThresholds(values, max_bins)
                         : WeightedThresholds(values, weights, max_bins);
}

std::vector<double> FindThresholds(std::span<const float> values, std::span<const double> weights,
                                   int max_bins) {
  return weights.empty() ? UnweightedThresholds(values, max_bins)
                         : WeightedThresholds(values, weights, max_bins);
}

}  // namespace treeline
