#pragma once

#include <cstdint>
#include <vector>

namespace treeline {

/// The lower factor L of a symmetric positive definite matrix, A = L L^T (n x n, row-major; only
/// A's lower triangle is read; zeros above L's diagonal). Empty where A is not positive definite to
/// working precision. Golub, Van Loan: Matrix Computations, 4.2.
std::vector<double> Cholesky(const std::vector<double>& a, std::int64_t n);

/// Solves L x = b in place.
void SolveLower(const std::vector<double>& l, std::int64_t n, double* b) noexcept;
/// Solves U X = B in place for an upper triangle U (n x n) and n x n_rhs numbers, all row-major.
void SolveUpper(const std::vector<double>& u, std::int64_t n, double* b,
                std::int64_t n_rhs) noexcept;
/// Solves L^T x = b in place.
void SolveLowerTransposed(const std::vector<double>& l, std::int64_t n, double* b) noexcept;

}  // namespace treeline
