#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "linear/linear_table.h"

namespace treeline {

/// How a margin is compared with what was seen: simd/linear-inl.h and simd/glm-inl.h hold the
/// formulas.
enum class GlmLoss {
  kLogistic,  // codes; binomial for two classes, symmetric multinomial for more
  kSquared,
  kTweedieLog,       // margin = log of the mean; parameter: the power
  kTweedieIdentity,  // margin = mean > 0; parameter: the power, not 0
  kHuber,            // parameter: epsilon; the scale is one more unknown, the last
};

/// What a generalised linear model is fitted to. Internally column j is z_j = (x_j - shift_j) *
/// factor_j, so that every column weighs the same to a solver; the penalty stays that of the
/// columns as they came.
struct GlmProblem {
  LinearTable table;
  GlmLoss loss = GlmLoss::kLogistic;
  double parameter = 0;                 // of the loss
  std::span<const std::int32_t> codes;  // logistic: one per row, 0 … n_classes - 1
  std::vector<double> target;           // other losses: one per row
  std::span<const double> weights;      // one per row, or empty: all 1
  std::span<const std::uint8_t> roles;  // one per row, or empty; rows whose role is not 1 weigh 0
  std::int64_t n_classes = 2;           // logistic
  bool fit_intercept = true;
  /// The penalty is l1 * |coefficients|_1 + l2 / 2 * |coefficients|^2, in original units,
  /// intercepts not in it.
  double l1 = 0;
  double l2 = 0;
  std::vector<double> shift;   // 0 without an intercept
  std::vector<double> factor;  // 1 / standard deviation; 0 leaves a constant column out

  /// What makes an internal gradient one of a column whose entries are about 1, for sparse tables;
  /// empty: nothing. A column that is hardly ever there deviates little, and is not small for that.
  std::vector<double> unit;

  /// Whether every row weighs 1.
  bool AllAlike() const noexcept { return weights.empty() && roles.empty(); }
  double Weight(std::int64_t row) const noexcept {
    if (!roles.empty() && roles[row] != 1) return 0;
    return weights.empty() ? 1 : weights[row];
  }
  /// Margins per row.
  std::int64_t n_outputs() const noexcept {
    return loss == GlmLoss::kLogistic && n_classes > 2 ? n_classes : 1;
  }
  bool has_scale() const noexcept { return loss == GlmLoss::kHuber; }
  /// Unknowns per output: coefficients of the columns in order, then the intercept if there is one,
  /// then the scale if the loss has one.
  std::int64_t width() const noexcept {
    return table.cols() + (fit_intercept ? 1 : 0) + (has_scale() ? 1 : 0);
  }
  std::int64_t size() const noexcept { return n_outputs() * width(); }

  /// Sets shift and factor from the columns' moments. Without an intercept nothing may be centred:
  /// the scale is then about 0.
  void Standardise();
  /// What a solver takes for the curvature along unknown j of an output at the start, where the
  /// loss has `curvature`. For sparse tables that of columns whose entries are about 1: L-BFGS then
  /// leaves rare columns, of which little is to be learned, for later, and needs half the passes.
  double StartCurvature(std::int64_t j, double curvature) const noexcept {
    if (j >= table.cols()) return curvature;
    const double own = unit.empty() ? 1 : unit[j];
    return (curvature + l2 * factor[j] * factor[j]) / (own * own);
  }
  /// Internal unknowns from coefficients (n_outputs x cols) and intercepts in original units; a
  /// scale stays 0.
  std::vector<double> ToInternal(const std::vector<double>& coef,
                                 const std::vector<double>& intercept) const;
  /// The way back: appends to `coef` and `intercept`.
  void ToOriginal(const std::vector<double>& w, std::vector<double>& coef,
                  std::vector<double>& intercept) const;
};

}  // namespace treeline
