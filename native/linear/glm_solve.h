#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/glm_problem.h"

namespace treeline {

enum class GlmSolver { kLbfgs, kNewtonCholesky };

/// Where a fit starts, in internal unknowns, and what is known about the problem there.
struct GlmStart {
  std::vector<double> w;
  std::vector<double> curvature;  // the Hessian's diagonal, about; > 0
  double rarest_share = 1;        // of the rarest class: how small a sample may be
};

struct GlmSolution {
  std::vector<double> w;    // internal unknowns
  std::int64_t n_iter = 0;  // full passes' iterations; what a subsample was asked is not counted
  bool converged = false;
  double violation = 0;  // the largest gradient entry at the end: what was to come below tol
  double value = 0;      // the objective
};

/// Minimises the problem's mean loss plus penalty. A large table is first solved on a fixed
/// subsample of its slots, for a start and a metric.
GlmSolution SolveGlm(const GlmProblem& problem, const GlmStart& start, GlmSolver solver, double tol,
                     std::int64_t max_iter, const Context& ctx);

}  // namespace treeline
