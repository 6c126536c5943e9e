#pragma once

#include <cstdint>
#include <vector>

namespace treeline {

/// Householder's QR of a rows x cols matrix in place (column-major, columns `stride` apart): what
/// is left is R on and above the diagonal; below it the memory is used up. The diagonal of R is not
/// negative. Golub, Van Loan: Matrix Computations, 5.2. Columns whose squares would overflow or
/// vanish are scaled on the way.
void QrInPlace(double* a, std::int64_t rows, std::int64_t cols, std::int64_t stride);

/// The upper triangle of the first min(rows, cols) rows of what QrInPlace left, row-major.
std::vector<double> UpperTriangle(const double* a, std::int64_t rows, std::int64_t cols,
                                  std::int64_t stride);

/// An orthonormal basis of the columns of a rows x cols matrix (row-major, cols <= rows), in place;
/// directions that are no more than rounding errors of others become some orthonormal completion.
void Orthonormalize(std::vector<double>& a, std::int64_t rows, std::int64_t cols);

/// Orthonormal columns in random directions (rows x cols, row-major, cols <= rows): the same for a
/// seed.
std::vector<double> RandomBasis(std::int64_t rows, std::int64_t cols, std::uint64_t seed);

}  // namespace treeline
