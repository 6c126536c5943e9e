#pragma once

#include <cstdint>
#include <vector>

namespace treeline {

/// An approximation of a Hessian that systems can be solved with: a diagonal, or a whole matrix by
/// its Cholesky factor.
class Preconditioner {
 public:
  /// `diagonal` > 0.
  static Preconditioner Diagonal(std::vector<double> diagonal);
  /// Factors a symmetric n x n matrix (row-major, lower triangle read, destroyed). Pivots that
  /// rounding or collinear columns leave without a digit are lifted by a multiple of the diagonal,
  /// the smallest power that gives a factor.
  static Preconditioner Cholesky(std::vector<double> matrix, std::int64_t n);

  /// out = inverse * in; may be the same array.
  void Solve(const double* in, double* out) const;

 private:
  std::int64_t n_ = 0;
  bool is_diagonal_ = false;
  std::vector<double> factor_;  // the diagonal, or L row-major with L L^T = matrix
};

}  // namespace treeline
