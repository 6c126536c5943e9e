#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"

namespace treeline {

struct SymmetricEigen {
  std::vector<double> values;   // descending
  std::vector<double> vectors;  // n x n, row-major: row i belongs to values[i], of length 1
};

/// All eigenvalues and eigenvectors of a symmetric matrix (n x n, row-major): Householder's
/// tridiagonal form, then QL with implicit shifts (Golub, Van Loan: Matrix Computations, 8.3).
/// Errors are of the order of rounding times the largest eigenvalue. Throws Error{kInvalidData} for
/// a matrix that is not finite.
SymmetricEigen EigenOfSymmetric(std::vector<double> a, std::int64_t n, const Context& ctx);

}  // namespace treeline
