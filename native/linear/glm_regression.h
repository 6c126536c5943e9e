#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/glm_solve.h"
#include "linear/linear_table.h"

namespace treeline {

struct GlmOptions {
  GlmLoss loss = GlmLoss::kSquared;
  double parameter = 0;  // power of a Tweedie loss, epsilon of Huber's
  double alpha = 1;      // strength of the L2 penalty
  double tol = 1e-4;
  std::int64_t max_iter = 100;
  bool fit_intercept = true;
  GlmSolver solver = GlmSolver::kLbfgs;
  /// Where to start: coefficients, the intercept and the scale (Huber's); or empty.
  std::vector<double> start_coef;
  double start_intercept = 0;
  double start_scale = 0;
};

struct GlmModel {
  std::vector<double> coef;
  double intercept = 0;
  double scale = 0;  // Huber's
  std::int64_t n_iter = 0;
  bool converged = false;
  double violation = 0;
};

/// Fits the minimum of
///   sum_i weight_i half_deviance(y_i, x_i) / sum_i weight_i + alpha / 2 |coef|^2
/// (scikit-learn's PoissonRegressor, GammaRegressor, TweedieRegressor), and for Huber's loss
///   sum_i weight_i (s + H((x_i coef + intercept - y_i) / s) s) + alpha |coef|^2
/// (HuberRegressor). Intercepts are not penalised. `table` must be finished; `target` and `weights`
/// (or empty) have one entry per row. Throws Error{kInvalidData} where the start lies outside of
/// what the loss is defined for.
GlmModel FitGlm(const LinearTable& table, std::vector<double> target, std::vector<double> weights,
                const GlmOptions& options, const Context& ctx);

}  // namespace treeline
