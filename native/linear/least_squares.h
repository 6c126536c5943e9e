#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/linear_data.h"

namespace treeline {

struct LeastSquaresOptions {
  std::vector<double> alpha;  // L2 penalty of every target, >= 0
  bool positive = false;      // coefficients >= 0
  bool with_rank = false;     // rank and singular values are asked for
};

struct LeastSquaresModel {
  std::vector<double> coef;       // n_targets x cols
  std::vector<double> intercept;  // n_targets
  std::int64_t rank = 0;
  std::vector<double> singular_values;  // of the centred (weighted) columns, descending
};

/// Minimises, for every target, sum_i weight_i (y_i - x_i coef - intercept)^2 + alpha |coef|^2
/// (scikit-learn's LinearRegression and Ridge). Where many coefficients do, those of least norm.
///
/// Normal equations of columns scaled to length 1 in one pass, refined by the gradient over the
/// data; where columns are so close to collinear that squares lose too many digits, orthogonal
/// factors of the rows instead. Fewer rows than columns: the rows' own products.
LeastSquaresModel FitLeastSquares(const LinearData& data, const LeastSquaresOptions& options,
                                  const Context& ctx);

}  // namespace treeline
