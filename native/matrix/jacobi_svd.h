#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"

namespace treeline {

/// A = U diag(values) V^T with k = min(rows, cols) values.
struct ThinSvd {
  std::vector<double> values;  // k, descending
  std::vector<double> ut;      // k x rows, row-major: row i is the left vector of values[i]
  std::vector<double> vt;      // k x cols, row-major
};

/// Singular values and vectors of a small matrix (rows x cols, row-major): QR, then one-sided
/// Jacobi rotations of the rows of R (Demmel, Veselić 1992). Small singular values are as accurate,
/// relative to themselves, as the data allow. Throws Error{kInvalidData} for a matrix that is not
/// finite.
ThinSvd SvdOf(const std::vector<double>& a, std::int64_t rows, std::int64_t cols,
              const Context& ctx);

/// x (cols x n_rhs, row-major) of least |A x - b|, and among those of least |x|: singular values up
/// to `rcond` times the largest count as 0 (numpy.linalg.lstsq). b: rows x n_rhs, row-major.
struct LeastSquares {
  std::vector<double> x;
  std::int64_t rank = 0;
  std::vector<double> singular_values;
};
LeastSquares SolveLeastSquares(const std::vector<double>& a, std::int64_t rows, std::int64_t cols,
                               const std::vector<double>& b, std::int64_t n_rhs, double rcond,
                               const Context& ctx);

}  // namespace treeline
