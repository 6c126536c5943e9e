#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/context.h"
#include "rowwise/row_store.h"

namespace treeline {

/// What a linear support vector machine minimises, liblinear's objective (Fan et al. 2008): penalty
/// + C * sum of weight * loss(y (w x + s b)), where b is penalised like the entries of w and the
/// intercept is s b. Penalty: |w|^2 / 2 or |w|_1; loss: max(0, 1 - m) or its square.
enum class SvmProblem { kL2SquaredHinge, kL2Hinge, kL1SquaredHinge };

struct SvmOptions {
  SvmProblem problem = SvmProblem::kL2SquaredHinge;
  double c = 1;
  double tol = 1e-4;
  std::int64_t max_iter = 1000;
  double intercept_scaling = 1;  // s; 0: no intercept
  std::uint64_t seed = 0;        // order of the rows (hinge) or columns (L1)
};

struct SvmModel {
  std::vector<double> coef;
  double intercept = 0;
  double objective = 0;
  std::int64_t n_iter = 0;
  bool converged = false;
};

/// The machine for rows of y = -1 or 1. `costs`: C times the weight of every row; one of 0 leaves
/// it out. The same bits for any number of threads.
SvmModel FitSvm(const RowStore& store, std::span<const double> y, std::span<const double> costs,
                const SvmOptions& options, const Context& ctx);

/// FitSvm for one class against all others, for every class (for two, once), at the same time.
/// `weights`: one a row, or none; `class_weights`: one a class, or none: for more than two classes
/// a class's weight counts for its own rows only, as in scikit-learn. Throws Error{kInvalidData}
/// where the parts do not fit the table.
std::vector<SvmModel> FitSvmClasses(const RowStore& store, std::span<const std::int32_t> codes,
                                    std::int64_t n_classes, std::span<const double> weights,
                                    std::span<const double> class_weights,
                                    const SvmOptions& options, const Context& ctx);

}  // namespace treeline
