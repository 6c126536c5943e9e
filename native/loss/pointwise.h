#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace treeline {

/// Losses that are a sum over rows. Raw predictions: one a row, for the multinomial loss one a
/// class.
enum class LossKind { kSquaredError, kLogLoss, kMultinomial };

/// Weighted sum of a loss over rows, and of the weights.
struct LossSum {
  double loss = 0;
  double weight = 0;
};

/// Sum of a loss over at most 1024 rows: half the squared error, the binary log loss (targets 0 and
/// 1), or the multinomial one (targets 0 … n_outputs - 1). `scores[k]`: raw predictions of output
/// k; `weights` nullptr: all 1. The same bits on every instruction set.
LossSum SumLoss(LossKind kind, std::span<const double* const> scores, const double* targets,
                const float* weights, std::int64_t n);

/// The constant raw prediction with the least loss, as scikit-learn's fit_intercept_only. `means`:
/// the weighted mean of the targets, for the multinomial loss the share of every class.
std::vector<double> BestConstant(LossKind kind, std::span<const double> means);

/// Raw predictions (row-major, n × n_outputs) to probabilities: n × 2 for the log loss, n ×
/// n_outputs for the multinomial.
void RawToProbabilities(LossKind kind, const double* raw, std::int64_t n, std::int64_t n_outputs,
                        double* out);

}  // namespace treeline
