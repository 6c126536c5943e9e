#pragma once

#include <vector>

#include "core/context.h"
#include "linear/glm_problem.h"

namespace treeline {

/// Sums of a generalised linear model over the rows of a sparse table, as GlmObjective finishes
/// them: the loss; the gradient by the coefficients of centred, unscaled columns, n_outputs x
/// width; with the Hessian, for every pair of outputs k <= l, width x width numbers whose upper
/// triangle counts. `scaled`: those coefficients, intercepts and scale.
///
/// Nothing is centred: what the shift takes away is subtracted from margins and sums. A pass costs
/// what there are entries, rows and columns; the Hessian what there are pairs of entries in rows.
std::vector<double> SumSparse(const GlmProblem& problem, const double* scaled, bool with_hessian,
                              const Context& ctx);

}  // namespace treeline
