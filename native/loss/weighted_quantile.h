#pragma once

#include <cstdint>
#include <vector>

namespace treeline {

/// A value and its weight.
struct Weighted {
  double value;
  double weight;
};

/// The q-quantile of values that weigh 1 each: the inverse of their distribution function, the
/// middle of both values where it is between two (Hyndman and Fan's second definition,
/// scikit-learn's "averaged_inverted_cdf"; for q = 1/2 the usual median). Exact, in linear time;
/// reorders the values. 0 for none.
double Quantile(std::vector<double>& values, double q);

/// The same with weights, of which a value of weight k counts as k values: exact for whole weights.
/// Values of weight 0 do not count; 0 if all weigh 0.
double Quantile(std::vector<Weighted>& values, double q);

}  // namespace treeline
