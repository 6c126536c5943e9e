#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "forest/tree_params.h"

namespace treeline::forest {

inline constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
inline constexpr double kNever = -std::numeric_limits<double>::infinity();

/// The sums of one side of a split. Of a classification one number a class: the weight of its rows;
/// `weight` is their sum. Of a regression one number an output: the sum of weight × target.
struct SideSums {
  const double* sums;
  double weight;
};

inline double SumOfSquares(const SideSums& side, std::int64_t n) noexcept {
  double sum = 0;
  for (std::int64_t k = 0; k < n; ++k) sum += side.sums[k] * side.sums[k];
  return sum;
}

inline double Gini(const SideSums& side, std::int64_t n) noexcept {
  return 1 - SumOfSquares(side, n) / (side.weight * side.weight);
}

/// In bits, as scikit-learn counts it.
inline double Entropy(const SideSums& side, std::int64_t n) noexcept {
  double entropy = 0;
  for (std::int64_t k = 0; k < n; ++k) {
    if (side.sums[k] <= 0) continue;
    const double share = side.sums[k] / side.weight;
    entropy -= share * std::log2(share);
  }
  return entropy;
}

inline double ClassImpurity(Criterion criterion, const SideSums& node, std::int64_t n) noexcept {
  return criterion == Criterion::kGini ? Gini(node, n) : Entropy(node, n);
}

/// What a split of a node gains, less what all splits of the node have in common (scikit-learn's
/// proxy_impurity_improvement): the larger the better, kNever: not allowed. `n`: classes or
/// outputs.
inline double ProxyGain(Criterion criterion, const SideSums& left, const SideSums& right,
                        std::int64_t n) noexcept {
  switch (criterion) {
    case Criterion::kGini:
    case Criterion::kSquaredError:
      return SumOfSquares(left, n) / left.weight + SumOfSquares(right, n) / right.weight;
    case Criterion::kEntropy:
      return -left.weight * Entropy(left, n) - right.weight * Entropy(right, n);
    case Criterion::kPoisson: {
      double gain = 0;
      for (std::int64_t k = 0; k < n; ++k) {
        if (left.sums[k] <= kEpsilon || right.sums[k] <= kEpsilon) return kNever;
        gain += left.sums[k] * std::log(left.sums[k] / left.weight) +
                right.sums[k] * std::log(right.sums[k] / right.weight);
      }
      return gain;
    }
    case Criterion::kAbsoluteError: break;  // no function of sums: MedianSides
  }
  return kNever;
}

/// How many times the weighted impurity of a node falls by a split, of a tree of weight `total`.
inline double ImpurityDecrease(double impurity, double weight, double left_impurity,
                               double left_weight, double right_impurity, double right_weight,
                               double total) noexcept {
  return weight / total *
         (impurity - right_weight / weight * right_impurity - left_weight / weight * left_impurity);
}

}  // namespace treeline::forest
