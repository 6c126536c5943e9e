#include "matrix/jacobi_svd.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr double kEpsilon = 2.220446049250313e-16;
/// Rows no longer than this, squared, count as zero beside entries of about 1: their squares would
/// lose digits.
constexpr double kNothing = 1e-260;

std::vector<double> TransposeOf(const std::vector<double>& a, std::int64_t rows,
                                std::int64_t cols) {
  std::vector<double> t(a.size());
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) t[j * rows + i] = a[i * cols + j];
  }
  return t;
}

/// Rotates rows p and q of `work` to be orthogonal, and the rows of `left` with them; false where
/// they were.
bool OrthogonalizePair(std::vector<double>& work, std::int64_t width, std::vector<double>& left,
                       std::int64_t height, std::int64_t p, std::int64_t q,
                       std::vector<double>& norms) {
  if (norms[p] < kNothing || norms[q] < kNothing) return false;
  const simd::VectorKernels& kernels = simd::Active().vectors;
  double* a = &work[p * width];
  double* b = &work[q * width];
  const double product = kernels.dot(a, b, width);
  const double limit = std::sqrt(norms[p]) * std::sqrt(norms[q]);
  if (!(std::abs(product) > kEpsilon * std::sqrt(static_cast<double>(width)) * limit)) return false;
  const double zeta = (norms[q] - norms[p]) / (2 * product);
  const double root = std::abs(zeta) < 1e8 ? std::sqrt(1 + zeta * zeta) : std::abs(zeta);
  const double t = (zeta >= 0 ? 1.0 : -1.0) / (std::abs(zeta) + root);
  const double c = 1 / std::sqrt(1 + t * t);
  const double s = c * t;
  kernels.rotate(c, s, width, a, b);
  kernels.rotate(c, s, height, &left[p * height], &left[q * height]);
  norms[p] = kernels.dot(a, a, width);
  norms[q] = kernels.dot(b, b, width);
  return true;
}

/// Rounds of a tournament: every pair of n rows once, n / 2 disjoint pairs a round, so that they
/// can be rotated at the same time.
template <typename Play>
void PlayRounds(std::int64_t n, const Play& play) {
  const std::int64_t even = n + n % 2;
  std::vector<std::int64_t> seats(static_cast<std::size_t>(even));
  std::iota(seats.begin(), seats.end(), 0);
  for (std::int64_t round = 0; round + 1 < even; ++round) {
    play(seats);
    std::rotate(seats.begin() + 1, seats.end() - 1, seats.end());
  }
}

/// G such that the rows of G work are orthogonal; `work` becomes G work, `left` (identity, n x n)
/// becomes G.
void OrthogonalizeRows(std::vector<double>& work, std::int64_t n, std::int64_t width,
                       std::vector<double>& left, const Context& ctx) {
  constexpr int kMaxSweeps = 60;
  constexpr std::int64_t kSmall = 64 * 1024;  // numbers below which threads do not pay
  const auto dot = simd::Active().vectors.dot;
  std::vector<double> norms(static_cast<std::size_t>(n));
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    for (std::int64_t i = 0; i < n; ++i) norms[i] = dot(&work[i * width], &work[i * width], width);
    std::vector<unsigned char> rotated(static_cast<std::size_t>(n / 2 + 1));
    PlayRounds(n, [&](const std::vector<std::int64_t>& seats) {
      const auto pairs = static_cast<std::int64_t>(seats.size() / 2);
      const auto meet = [&](std::int64_t i, int) {
        const std::int64_t p = std::min(seats[i], seats[2 * pairs - 1 - i]);
        const std::int64_t q = std::max(seats[i], seats[2 * pairs - 1 - i]);
        if (q < n && OrthogonalizePair(work, width, left, n, p, q, norms)) rotated[i] = 1;
      };
      if (n * width > kSmall) {
        ctx.ParallelFor(pairs, meet);
      } else {
        for (std::int64_t i = 0; i < pairs; ++i) meet(i, 0);
      }
    });
    ctx.cancel.ThrowIfCancelled();
    if (std::none_of(rotated.begin(), rotated.end(), [](unsigned char r) { return r != 0; }))
      return;
  }
  throw Error(ErrorCode::kNative, "singular values did not converge");
}

/// Gives rows [known, n) of `rows`, which are to be vectors of length 1, directions orthogonal to
/// all before them.
void CompleteBasis(std::vector<double>& rows, std::int64_t known, std::int64_t n,
                   std::int64_t width) {
  const simd::VectorKernels& kernels = simd::Active().vectors;
  std::int64_t axis = 0;
  for (std::int64_t i = known; i < n; ++i) {
    double* row = &rows[i * width];
    double norm = 0;
    while (!(norm > 0.1 / std::sqrt(static_cast<double>(width)))) {
      std::fill_n(row, width, 0.0);
      row[axis++ % width] = 1;
      for (int twice = 0; twice < 2; ++twice) {
        for (std::int64_t k = 0; k < i; ++k) {
          const double* other = &rows[k * width];
          kernels.axpy(-kernels.dot(other, row, width), other, width, row);
        }
      }
      norm = std::sqrt(kernels.dot(row, row, width));
    }
    for (std::int64_t j = 0; j < width; ++j) row[j] /= norm;
  }
}

/// The SVD of a matrix with no more rows than columns.
ThinSvd SvdOfWide(const std::vector<double>& a, std::int64_t rows, std::int64_t cols, int exponent,
                  const Context& ctx) {
  std::vector<double> work = a;
  std::vector<double> left(static_cast<std::size_t>(rows * rows));
  for (std::int64_t i = 0; i < rows; ++i) left[i * rows + i] = 1;
  OrthogonalizeRows(work, rows, cols, left, ctx);
  std::vector<double> norms;
  for (std::int64_t i = 0; i < rows; ++i) {
    const double* row = &work[i * cols];
    const double square = simd::Active().vectors.dot(row, row, cols);
    norms.push_back(square < kNothing ? 0 : std::sqrt(square));
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t i, std::int64_t j) { return norms[i] > norms[j]; });
  ThinSvd result;
  std::int64_t known = 0;
  for (const std::int64_t i : order) {
    result.values.push_back(std::ldexp(norms[i], exponent));
    result.ut.insert(result.ut.end(), left.begin() + i * rows, left.begin() + (i + 1) * rows);
    for (std::int64_t j = 0; j < cols; ++j)
      result.vt.push_back(norms[i] > 0 ? work[i * cols + j] / norms[i] : 0.0);
    known += norms[i] > 0 ? 1 : 0;
  }
  CompleteBasis(result.vt, known, rows, cols);
  return result;
}

}  // namespace

ThinSvd SvdOf(const std::vector<double>& a, std::int64_t rows, std::int64_t cols,
              const Context& ctx) {
  double largest = 0;
  for (const double x : a) {
    if (!std::isfinite(x)) throw Error(ErrorCode::kInvalidData, "a matrix that is not finite");
    largest = std::max(largest, std::abs(x));
  }
  const int exponent = largest > 0 ? std::ilogb(largest) : 0;
  std::vector<double> scaled = a;
  for (double& x : scaled) x = std::ldexp(x, -exponent);
  if (rows <= cols) return SvdOfWide(scaled, rows, cols, exponent, ctx);
  ThinSvd turned = SvdOfWide(TransposeOf(scaled, rows, cols), cols, rows, exponent, ctx);
  return {std::move(turned.values), std::move(turned.vt), std::move(turned.ut)};
}

LeastSquares SolveLeastSquares(const std::vector<double>& a, std::int64_t rows, std::int64_t cols,
                               const std::vector<double>& b, std::int64_t n_rhs, double rcond,
                               const Context& ctx) {
  ThinSvd svd = SvdOf(a, rows, cols, ctx);
  LeastSquares result;
  result.x.resize(static_cast<std::size_t>(cols * n_rhs));
  const double limit = svd.values.empty() ? 0 : rcond * svd.values[0];
  for (std::size_t k = 0; k < svd.values.size() && svd.values[k] > limit; ++k) {
    ++result.rank;
    const double* u = &svd.ut[k * static_cast<std::size_t>(rows)];
    const double* v = &svd.vt[k * static_cast<std::size_t>(cols)];
    for (std::int64_t r = 0; r < n_rhs; ++r) {
      double projected = 0;
      for (std::int64_t i = 0; i < rows; ++i) projected += u[i] * b[i * n_rhs + r];
      projected /= svd.values[k];
      for (std::int64_t j = 0; j < cols; ++j) result.x[j * n_rhs + r] += projected * v[j];
    }
  }
  result.singular_values = std::move(svd.values);
  return result;
}

}  // namespace treeline
