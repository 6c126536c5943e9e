#include "bins/sparse_sample.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "bins/thresholds.h"
#include "bins/value_order.h"

namespace treeline {

namespace {

std::vector<double> Unweighted(const SparseColumnSample& sample, std::size_t sample_rows,
                               int max_bins) {
  const std::size_t n_zeros = sample_rows - sample.values.size();
  const auto keys = SortedKeys<double>(sample.values);
  const auto n_negative = static_cast<std::size_t>(
      std::lower_bound(keys.begin(), keys.end(), SortableBits(0.0)) - keys.begin());
  const auto most = static_cast<std::size_t>(max_bins);
  std::vector<double> distinct;
  for (std::size_t i = 0; i <= keys.size() && distinct.size() <= most; ++i) {
    if (i == n_negative && n_zeros > 0) distinct.push_back(0);
    if (i < keys.size() && (i == 0 || keys[i] != keys[i - 1]))
      distinct.push_back(FromSortableBits(keys[i]));
  }
  if (distinct.size() <= most) return MidpointThresholds(distinct);
  const std::vector<std::size_t> places = QuantilePlaces(keys.size() + n_zeros, max_bins);
  std::vector<double> found;
  for (const std::size_t place : places) {
    if (place >= n_negative && place < n_negative + n_zeros) {
      found.push_back(0);
    } else {
      found.push_back(FromSortableBits(keys[place < n_negative ? place : place - n_zeros]));
    }
  }
  return QuantileThresholds(places, found);
}

std::vector<double> Weighted(const SparseColumnSample& sample, const SampleWeights& weights,
                             int max_bins) {
  std::vector<std::uint8_t> is_zero(weights.order().size(), 1);
  std::vector<std::pair<double, double>> pairs;
  for (std::size_t k = 0; k < sample.values.size(); ++k) {
    const double weight = weights[sample.rows[k]];
    is_zero[sample.rows[k]] = 0;
    if (!std::isnan(sample.values[k]) && weight > 0) pairs.emplace_back(sample.values[k], weight);
  }
  std::sort(pairs.begin(), pairs.end());
  WeightsByValue sums;
  std::size_t k = 0;
  for (; k < pairs.size() && pairs[k].first < 0; ++k) sums.Add(pairs[k].first, pairs[k].second);
  for (const std::uint32_t row : weights.order()) {
    if (is_zero[row] != 0 && weights[row] > 0) sums.Add(0, weights[row]);
  }
  for (; k < pairs.size(); ++k) sums.Add(pairs[k].first, pairs[k].second);
  return sums.Thresholds(max_bins);
}

}  // namespace

SampleWeights::SampleWeights(std::span<const double> weights)
    : weights_(weights), order_(weights.size()) {
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(),
            [&](std::uint32_t a, std::uint32_t b) { return weights_[a] < weights_[b]; });
}

std::vector<double> FindSparseThresholds(const SparseColumnSample& sample, std::size_t sample_rows,
                                         const SampleWeights& weights, int max_bins) {
  return weights.is_empty() ? Unweighted(sample, sample_rows, max_bins)
                            : Weighted(sample, weights, max_bins);
}

}  // namespace treeline
