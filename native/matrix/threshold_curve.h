#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/context.h"

namespace treeline {

/// Counts at every distinct score, highest first: entry k counts the rows whose score is at least
/// thresholds[k].
struct ThresholdCurve {
  std::vector<double> thresholds;
  std::vector<double> true_positives;
  std::vector<double> false_positives;
};

/// Sorts n scores and accumulates the weight of positive and negative rows over them: what ROC and
/// precision-recall curves are made of (scikit-learn's confusion_matrix_at_thresholds). Scores are
/// finite; `positive` holds n flags; `weights` n weights or nothing (all 1); rows of weight 0 are
/// left out. Sums run in score order, ties in row order. A stable radix sort on the scores' bits:
/// O(n), 32 bytes a row. Cancelled between its passes.
ThresholdCurve ComputeThresholdCurve(std::span<const double> scores,
                                     std::span<const std::uint8_t> positive,
                                     std::span<const double> weights, const Context& ctx);

}  // namespace treeline
