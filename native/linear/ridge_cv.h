#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/least_squares.h"

namespace treeline {

struct RidgeCvOptions {
  std::vector<double> alphas;  // > 0
  bool alpha_per_target = false;
  bool keep_errors = false;
};

struct RidgeCvModel {
  LeastSquaresModel best;
  std::vector<double> alpha;  // of every target
  std::vector<double> score;  // minus the mean squared error: one, or one a target
  std::vector<double>
      errors;  // rows x n_targets x n_alphas, times the roots of weights, if asked for
};

/// Ridge regression with the penalty of least leave-one-out error, which one decomposition gives
/// exactly for all penalties and rows (Golub, Heath, Wahba 1979; Rifkin, Lippert 2007). Errors of
/// weighted rows are times their weight, as scikit-learn's RidgeCV has them.
RidgeCvModel FitRidgeCv(const LinearData& data, const RidgeCvOptions& options, const Context& ctx);

}  // namespace treeline
