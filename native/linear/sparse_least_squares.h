#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/sparse_store.h"

namespace treeline {

struct SparseLeastSquaresProblem {
  std::vector<double> targets;  // column-major, rows x n_targets
  std::int64_t n_targets = 1;
  std::vector<double> weights;  // one per row, or empty: all 1
  std::vector<double> alpha;    // L2 penalty of every target, >= 0
  bool fit_intercept = true;
};

struct SparseLeastSquaresModel {
  std::vector<double> coef;       // n_targets x cols
  std::vector<double> intercept;  // n_targets
  bool converged = true;
};

/// FitLeastSquares for the rows of a sparse table, finished: the same minimum, and of many
/// coefficients that reach it those of least norm, by conjugate gradients on the rows (CGLS;
/// Hestenes and Stiefel 1952; Björck 1996, ch. 7), until a step changes nothing. With a penalty
/// every column is divided by its own curvature; without one nothing may be scaled, so that the
/// coefficients stay in the span of the rows.
SparseLeastSquaresModel FitSparseLeastSquares(const SparseStore& store,
                                              const SparseLeastSquaresProblem& problem,
                                              const Context& ctx);

}  // namespace treeline
