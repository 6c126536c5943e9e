#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/linear_table.h"

namespace treeline {

struct QuantileOptions {
  double quantile = 0.5;  // between 0 and 1
  double alpha = 1;       // strength of the L1 penalty
  bool fit_intercept = true;
  double tol = 1e-9;  // of the duality gap, of the objective
  std::int64_t max_iter = 200;
};

struct QuantileModel {
  std::vector<double> coef;
  double intercept = 0;
  std::int64_t n_iter = 0;
  double objective = 0;
  double gap = 0;  // objective - the minimum is at most this
  bool converged = false;
};

/// Fits the minimum of
///   sum_i weight_i pinball(y_i - x_i coef - intercept) / sum_i weight_i + alpha |coef|_1
/// (scikit-learn's QuantileRegressor): Frisch and Newton's interior point method (Portnoy, Koenker
/// 1997; Mehrotra 1992), three passes an iteration, then a vertex of the rows that are close to
/// their prediction. `table` must be finished; `target` and `weights` (or empty) have one entry a
/// row. Rows that weigh 0 count for nothing. Memory: 64 bytes a row besides both.
QuantileModel FitQuantile(const LinearTable& table, std::vector<double> target,
                          std::vector<double> weights, const QuantileOptions& options,
                          const Context& ctx);

}  // namespace treeline
