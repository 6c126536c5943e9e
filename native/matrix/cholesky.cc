#include "matrix/cholesky.h"

#include <cmath>

#include "simd/kernels.h"

namespace treeline {

std::vector<double> Cholesky(const std::vector<double>& a, std::int64_t n) {
  constexpr double kEpsilon = 2.220446049250313e-16;
  const auto dot = simd::Active().vectors.dot;
  std::vector<double> l(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) {
    double* row = l.data() + i * n;
    for (std::int64_t j = 0; j < i; ++j) {
      const double* other = l.data() + j * n;
      row[j] = (a[i * n + j] - dot(row, other, j)) / other[j];
    }
    const double pivot = a[i * n + i] - dot(row, row, i);
    if (!(pivot > static_cast<double>(n) * kEpsilon * a[i * n + i]) || !std::isfinite(pivot))
      return {};
    row[i] = std::sqrt(pivot);
  }
  return l;
}

void SolveLower(const std::vector<double>& l, std::int64_t n, double* b) noexcept {
  for (std::int64_t i = 0; i < n; ++i)
    b[i] = (b[i] - simd::Active().vectors.dot(l.data() + i * n, b, i)) / l[i * n + i];
}

void SolveUpper(const std::vector<double>& u, std::int64_t n, double* b,
                std::int64_t n_rhs) noexcept {
  for (std::int64_t i = n - 1; i >= 0; --i) {
    double* row = b + i * n_rhs;
    for (std::int64_t j = i + 1; j < n; ++j)
      simd::Active().vectors.axpy(-u[i * n + j], b + j * n_rhs, n_rhs, row);
    for (std::int64_t r = 0; r < n_rhs; ++r) row[r] /= u[i * n + i];
  }
}

void SolveLowerTransposed(const std::vector<double>& l, std::int64_t n, double* b) noexcept {
  for (std::int64_t i = n - 1; i >= 0; --i) {
    b[i] /= l[i * n + i];
    simd::Active().vectors.axpy(-b[i], l.data() + i * n, i, b);
  }
}

}  // namespace treeline
