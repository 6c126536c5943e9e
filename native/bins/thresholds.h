#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace treeline {

/// Thresholds between the bins of one feature (scikit-learn's _find_binning_thresholds): midpoints
/// of neighbours where at most max_bins distinct values occur, else averaged quantiles. `values`
/// (and `weights`, may be empty) are in any order; NaN and rows of weight 0 do not count. At most
/// max_bins - 1, ascending, finite.
std::vector<double> FindThresholds(std::span<const double> values, std::span<const double> weights,
                                   int max_bins);
std::vector<double> FindThresholds(std::span<const float> values, std::span<const double> weights,
                                   int max_bins);

/// Midpoints between neighbours of a sorted list of distinct values, as thresholds.
std::vector<double> MidpointThresholds(const std::vector<double>& distinct);

/// Two places a quantile in the order of `n` values: those whose mean the quantile is.
std::vector<std::size_t> QuantilePlaces(std::size_t n, int max_bins);

/// Thresholds from the values at the places of QuantilePlaces.
std::vector<double> QuantileThresholds(const std::vector<std::size_t>& places,
                                       const std::vector<double>& found);

/// Weights by distinct value, whose thresholds are weighted quantiles.
class WeightsByValue {
 public:
  /// Values ascend; equal ones by weight: sums in a fixed order.
  void Add(double value, double weight);
  std::vector<double> Thresholds(int max_bins) const;

 private:
  std::vector<double> distinct_, mass_up_to_;
  double mass_ = 0;
};

}  // namespace treeline
