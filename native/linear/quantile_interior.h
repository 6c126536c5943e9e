#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/quantile_rows.h"

namespace treeline {

struct InteriorPoint {
  std::vector<double> beta;
  std::int64_t n_iter = 0;
};

/// Mehrotra's predictor and corrector from where `rows` stand, until their gap is at most tol *
/// loss
/// + rounding, or shrinks no more.
InteriorPoint SolveInterior(QuantileRows& rows, double tol, double rounding, std::int64_t max_iter,
                            const Context& ctx);

/// The lower Cholesky factor of a symmetric positive semidefinite matrix (n x n, row-major).
/// Unknowns whose pivot rounding leaves no digit, such as those of columns that others add up to,
/// are left out: Solve gives 0 for them.
class SemidefiniteFactor {
 public:
  SemidefiniteFactor(const std::vector<double>& matrix, std::int64_t n);
  std::vector<double> Solve(std::vector<double> right) const;

 private:
  std::int64_t n_;
  std::vector<double> l_;
  std::vector<char> is_out_;
};

}  // namespace treeline
