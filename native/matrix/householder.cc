#include "matrix/householder.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Makes v (n numbers) a Householder vector with v[0] = 1: (I - beta v v^T) x = alpha e_0. Returns
/// alpha; beta is 0 where there is nothing to do.
double Reflect(double* v, std::int64_t n, double* beta) {
  *beta = 0;
  double largest = 0;
  for (std::int64_t i = 1; i < n; ++i) largest = std::max(largest, std::abs(v[i]));
  const double head = v[0];
  if (largest == 0) return head;
  largest = std::max(largest, std::abs(head));
  const double scale = std::exp2(-std::ilogb(largest));  // a power of two: scaling rounds nothing
  for (std::int64_t i = 0; i < n; ++i) v[i] *= scale;
  const double norm = std::sqrt(simd::Active().vectors.dot(v, v, n));
  const double first = v[0] > 0 ? v[0] + norm : v[0] - norm;
  for (std::int64_t i = 1; i < n; ++i) v[i] /= first;
  v[0] = 1;
  *beta = std::abs(first) / norm;
  return (head > 0 ? -norm : norm) / scale;
}

}  // namespace

void QrInPlace(double* a, std::int64_t rows, std::int64_t cols, std::int64_t stride) {
  const simd::VectorKernels& kernels = simd::Active().vectors;
  for (std::int64_t k = 0; k < std::min(rows, cols); ++k) {
    double* v = a + k * stride + k;
    const std::int64_t n = rows - k;
    double beta = 0;
    const double alpha = Reflect(v, n, &beta);
    if (beta != 0) {
      for (std::int64_t j = k + 1; j < cols; ++j) {
        double* other = a + j * stride + k;
        kernels.axpy(-beta * kernels.dot(v, other, n), v, n, other);
      }
    }
    v[0] = std::abs(alpha);
    if (alpha >= 0) continue;
    for (std::int64_t j = k + 1; j < cols; ++j) a[j * stride + k] = -a[j * stride + k];
  }
}

std::vector<double> UpperTriangle(const double* a, std::int64_t rows, std::int64_t cols,
                                  std::int64_t stride) {
  const std::int64_t height = std::min(rows, cols);
  std::vector<double> r(static_cast<std::size_t>(height * cols));
  for (std::int64_t i = 0; i < height; ++i) {
    for (std::int64_t j = i; j < cols; ++j) r[i * cols + j] = a[j * stride + i];
  }
  return r;
}

void Orthonormalize(std::vector<double>& a, std::int64_t rows, std::int64_t cols) {
  const simd::VectorKernels& kernels = simd::Active().vectors;
  std::vector<double> columns(static_cast<std::size_t>(rows * cols));
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) columns[j * rows + i] = a[i * cols + j];
  }
  std::vector<double> betas(static_cast<std::size_t>(cols));
  for (std::int64_t k = 0; k < cols; ++k) {
    double* v = columns.data() + k * rows + k;
    Reflect(v, rows - k, &betas[k]);
    if (betas[k] == 0) std::fill_n(v + 1, rows - k - 1, 0.0);
    v[0] = 1;
    for (std::int64_t j = k + 1; j < cols; ++j) {
      double* other = columns.data() + j * rows + k;
      kernels.axpy(-betas[k] * kernels.dot(v, other, rows - k), v, rows - k, other);
    }
  }
  // Q = H_0 H_1 … applied to the first columns of the identity, last reflection first.
  std::vector<double> q(static_cast<std::size_t>(rows * cols));
  for (std::int64_t j = 0; j < cols; ++j) {
    double* column = q.data() + j * rows;
    column[j] = 1;
    for (std::int64_t k = j; k >= 0; --k) {
      const double* v = columns.data() + k * rows + k;
      kernels.axpy(-betas[k] * kernels.dot(v, column + k, rows - k), v, rows - k, column + k);
    }
  }
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) a[i * cols + j] = q[j * rows + i];
  }
}

std::vector<double> RandomBasis(std::int64_t rows, std::int64_t cols, std::uint64_t seed) {
  constexpr std::uint64_t kStream = 301;
  std::vector<double> a(static_cast<std::size_t>(rows * cols));
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = RandomUniform(seed, kStream, i) - 0.5;
  Orthonormalize(a, rows, cols);
  return a;
}

}  // namespace treeline
