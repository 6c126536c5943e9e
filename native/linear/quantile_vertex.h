#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"

namespace treeline {

/// A small quantile regression in memory:
///   min sum_i max(upper_i r_i, -lower_i r_i) - tilt beta,  r = target - a beta.
struct VertexProblem {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<double> a;  // rows x cols, row-major
  std::vector<double> target;
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<double> tilt;         // cols
  std::vector<double> start;        // cols: where directions that no row sees stay
  std::vector<std::int64_t> order;  // rows, those first that are likely to have no residual
};

struct Vertex {
  std::vector<double> beta;
  std::vector<double> dual;  // one per row; sum_i dual_i a_i + tilt = 0, within bounds if optimal
  std::vector<std::int64_t>
      basis;  // rows whose residual is 0; -1 - j: unknown j is as at the start
  bool optimal = false;
};

/// Goes from vertex to vertex (a vertex: as many independent rows without residual as there are
/// unknowns) along edges, each to the minimum along its line (Barrodale, Roberts 1973), until the
/// multipliers of the rows without residual lie within their bounds. Ties are broken by moving the
/// targets a billionth of a typical residual until it ends. On one thread.
Vertex FindVertex(const VertexProblem& problem, const Context& ctx);

}  // namespace treeline
