#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/context.h"
#include "linear/glm_solve.h"
#include "linear/linear_table.h"

namespace treeline {

struct LogisticOptions {
  double c = 1;         // infinity: no penalty
  double l1_ratio = 0;  // the part of the penalty that is L1
  double tol = 1e-4;
  std::int64_t max_iter = 100;
  bool fit_intercept = true;
  GlmSolver solver = GlmSolver::kLbfgs;
  /// Where to start: n_outputs x cols coefficients and n_outputs intercepts, or empty.
  std::vector<double> start_coef;
  std::vector<double> start_intercept;
};

struct LogisticModel {
  std::vector<double> coef;       // n_outputs x cols, row-major; one output for two classes
  std::vector<double> intercept;  // n_outputs
  std::int64_t n_iter = 0;  // full passes' iterations; what a subsample was asked is not counted
  bool converged = false;
  double violation = 0;  // the largest gradient entry at the end: what was to come below tol
};

/// What is known of the rows of a store. The memory belongs to someone else.
struct LogisticRows {
  std::span<const std::int32_t> codes;  // 0 … n_classes - 1
  std::span<const double> weights;      // or empty: all 1
  std::span<const std::uint8_t> roles;  // or empty; only rows whose role is 1 are learned from
};

/// Fits the minimum of
///   sum_i weight_i loss(y_i, x_i) / sum_i weight_i
///   + (l1_ratio |coef|_1 + (1 - l1_ratio) / 2 |coef|^2) / (C sum_i weight_i)
/// (scikit-learn's LogisticRegression; binomial for two classes, symmetric multinomial for more;
/// intercepts are not penalised). `table` must be finished.
LogisticModel FitLogistic(const LinearTable& table, const LogisticRows& rows,
                          std::int64_t n_classes, const LogisticOptions& options,
                          const Context& ctx);

}  // namespace treeline
