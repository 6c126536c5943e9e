#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/linear_data.h"

namespace treeline {

struct ElasticNetOptions {
  double alpha = 1;
  double l1_ratio = 1;
  bool positive = false;
  double tol = 1e-4;
  std::int64_t max_iter = 1000;
  bool in_random_order = false;
  std::uint64_t seed = 0;
  std::vector<double> start_coef;  // or empty
};

struct ElasticNetModel {
  std::vector<double> coef;
  double intercept = 0;
  std::int64_t n_iter = 0;
  double dual_gap = 0;  // per row, as scikit-learn gives it
  bool converged = false;
};

/// Minimises sum_i weight_i (y_i - x_i coef - intercept)^2 / (2 sum_i weight_i) + alpha (l1_ratio
/// |coef|_1 + (1 - l1_ratio) / 2 |coef|^2): scikit-learn's ElasticNet and Lasso. One target.
ElasticNetModel FitElasticNet(const LinearData& data, const ElasticNetOptions& options,
                              const Context& ctx);

/// What cross-validation is to try.
struct ElasticNetGrid {
  std::vector<double> l1_ratios;
  /// Penalties of every ratio, n_alphas each, largest first; or empty: `n_alphas` of them, from the
  /// least that makes all coefficients 0 down to `eps` times it.
  std::vector<double> alphas;
  std::int64_t n_alphas = 100;
  double eps = 1e-3;
  std::vector<std::int32_t> folds;  // one per row: 0 … n_folds - 1
  std::int32_t n_folds = 5;
};

struct ElasticNetCvModel {
  ElasticNetModel best;
  double alpha = 0;
  double l1_ratio = 1;
  std::vector<double> alphas;    // n_ratios x n_alphas
  std::vector<double> mse_path;  // n_ratios x n_alphas x n_folds
  bool converged = true;         // every descent of every path
};

/// Fits a path of penalties for every ratio and fold, and the best of them on all rows
/// (scikit-learn's ElasticNetCV and LassoCV).
ElasticNetCvModel FitElasticNetCv(const LinearData& data, const ElasticNetOptions& options,
                                  const ElasticNetGrid& grid, const Context& ctx);

}  // namespace treeline
