#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "simd/loss_kernels.h"

namespace treeline {

/// A loss that is a sum over rows. Raw predictions: one a row, for the multinomial loss one a
/// class.
struct Loss {
  LossKind kind = LossKind::kSquaredError;
  double parameter = 0;  // what LossKind says, where it says anything
};

/// Whether every row of weight 1 has the hessian 1.
bool HasConstantHessian(LossKind kind) noexcept;

/// The quantile of the residuals that a leaf's value should be, for losses whose hessian is made
/// up: the Newton step says nothing there. None: the Newton step is right.
std::optional<double> RenewalQuantile(const Loss& loss) noexcept;

/// Weight of a row of target `y` in that quantile.
double RenewalWeight(LossKind kind, double y) noexcept;

/// Weighted sum of a loss over rows, and of the weights.
struct LossSum {
  double loss = 0;
  double weight = 0;
};

/// Sum of a loss over at most 1024 rows: a point loss (simd/loss-inl.h), or the multinomial one
/// (targets 0 … n_outputs - 1). `scores[k]`: raw predictions of output k; `weights` nullptr: all 1.
/// The same bits on every instruction set.
LossSum SumLoss(const Loss& loss, std::span<const double* const> scores, const double* targets,
                const float* weights, std::int64_t n);

/// The constant raw prediction with the least loss where it depends on the mean of the targets
/// only (for the others: about the least, as LightGBM's), as scikit-learn's fit_intercept_only.
/// `means`: the weighted mean of the targets, for the multinomial loss the share of every class.
std::vector<double> BestConstant(LossKind kind, std::span<const double> means);

/// Raw predictions (row-major, n × n_outputs) to what they mean: probabilities for the log loss (n
/// × 2) and the multinomial (n × n_outputs), else the predicted mean or quantile, through the
/// inverse link.
void RawToResponse(LossKind kind, const double* raw, std::int64_t n, std::int64_t n_outputs,
                   double* out);

}  // namespace treeline
