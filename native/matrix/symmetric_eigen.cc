#include "matrix/symmetric_eigen.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// A = Q T Q^T with T tridiagonal.
struct Tridiagonal {
  std::vector<double> diagonal;
  std::vector<double> below;  // below[i] couples i and i + 1
  std::vector<double> basis;  // Q^T, row-major
};

/// v[k + 1 …] becomes the vector of a reflection that leaves of it only its first number; returns
/// that number.
double ReflectTail(std::vector<double>& v, std::int64_t first, double* beta) {
  const auto n = static_cast<std::int64_t>(v.size()) - first;
  double* x = v.data() + first;
  *beta = 0;
  double rest = 0;
  for (std::int64_t i = 1; i < n; ++i) rest += x[i] * x[i];
  if (rest == 0) return x[0];
  const double norm = std::sqrt(x[0] * x[0] + rest);
  const double alpha = x[0] > 0 ? -norm : norm;
  x[0] -= alpha;
  *beta = 2 / (x[0] * x[0] + rest);
  return alpha;
}

Tridiagonal Reduce(std::vector<double> a, std::int64_t n) {
  const simd::VectorKernels& kernels = simd::Active().vectors;
  Tridiagonal result;
  result.diagonal.resize(static_cast<std::size_t>(n));
  result.below.resize(static_cast<std::size_t>(n));
  std::vector<std::vector<double>> reflections;
  std::vector<double> betas;
  for (std::int64_t k = 0; k + 2 < n; ++k) {
    const std::int64_t first = k + 1;
    const std::int64_t size = n - first;
    std::vector<double> v(a.begin() + k * n, a.begin() + (k + 1) * n);
    double beta = 0;
    result.below[k] = ReflectTail(v, first, &beta);
    if (beta != 0) {
      std::vector<double> w(static_cast<std::size_t>(n));
      for (std::int64_t i = first; i < n; ++i)
        w[i] = beta * kernels.dot(&a[i * n + first], &v[first], size);
      const double half = beta / 2 * kernels.dot(&w[first], &v[first], size);
      kernels.axpy(-half, &v[first], size, &w[first]);
      for (std::int64_t i = first; i < n; ++i) {
        kernels.axpy(-v[i], &w[first], size, &a[i * n + first]);
        kernels.axpy(-w[i], &v[first], size, &a[i * n + first]);
      }
    }
    reflections.push_back(std::move(v));
    betas.push_back(beta);
  }
  if (n > 1) result.below[n - 2] = a[(n - 2) * n + n - 1];
  for (std::int64_t i = 0; i < n; ++i) result.diagonal[i] = a[i * n + i];
  result.basis.resize(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) result.basis[i * n + i] = 1;
  for (auto k = static_cast<std::int64_t>(betas.size()) - 1; k >= 0; --k) {
    const std::int64_t first = k + 1;
    for (std::int64_t i = first; i < n; ++i) {
      double* row = &result.basis[i * n + first];
      const double* v = &reflections[k][first];
      kernels.axpy(-betas[k] * kernels.dot(row, v, n - first), v, n - first, row);
    }
  }
  return result;
}

/// A rotation of neighbouring rows i, i + 1.
struct Rotation {
  std::int64_t row;
  double c;
  double s;
};

/// One implicit QL sweep over [l, m]; returns its rotations.
std::vector<Rotation> Sweep(std::vector<double>& d, std::vector<double>& e, std::int64_t l,
                            std::int64_t m) {
  std::vector<Rotation> rotations;
  const double half = (d[l + 1] - d[l]) / (2 * e[l]);
  const double root = std::sqrt(half * half + 1);
  double g = d[m] - d[l] + e[l] / (half + (half >= 0 ? root : -root));
  double s = 1;
  double c = 1;
  double p = 0;
  for (std::int64_t i = m - 1; i >= l; --i) {
    double f = s * e[i];
    const double b = c * e[i];
    double r = std::sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r == 0) {  // the matrix splits here
      d[i + 1] -= p;
      e[m] = 0;
      return rotations;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * s + 2 * c * b;
    p = s * r;
    d[i + 1] = g + p;
    g = c * r - b;
    rotations.push_back({i, c, s});
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
  return rotations;
}

/// Rotates rows of `vectors`; columns do not see each other, so they are shared out in strips.
void Apply(const std::vector<Rotation>& rotations, std::int64_t n, std::vector<double>& vectors,
           const Context& ctx) {
  constexpr std::int64_t kStrip = 128;
  const auto rotate = simd::Active().vectors.rotate;
  ctx.ParallelFor((n + kStrip - 1) / kStrip, [&](std::int64_t strip, int) {
    const std::int64_t begin = strip * kStrip;
    const std::int64_t count = std::min(kStrip, n - begin);
    for (const Rotation& rotation : rotations) {
      double* row = &vectors[rotation.row * n + begin];
      rotate(rotation.c, rotation.s, count, row, row + n);
    }
  });
}

void Diagonalize(Tridiagonal& t, std::int64_t n, const Context& ctx) {
  constexpr double kEpsilon = 2.220446049250313e-16;
  constexpr int kMaxSweeps = 100;
  std::vector<double>& d = t.diagonal;
  std::vector<double>& e = t.below;
  for (std::int64_t l = 0; l < n; ++l) {
    for (int sweep = 0;; ++sweep) {
      std::int64_t m = l;
      while (m + 1 < n && std::abs(e[m]) > kEpsilon * (std::abs(d[m]) + std::abs(d[m + 1]))) ++m;
      if (m == l) break;
      if (sweep == kMaxSweeps) throw Error(ErrorCode::kNative, "eigenvalues did not converge");
      Apply(Sweep(d, e, l, m), n, t.basis, ctx);
    }
  }
}

}  // namespace

SymmetricEigen EigenOfSymmetric(std::vector<double> a, std::int64_t n, const Context& ctx) {
  double largest = 0;
  for (const double x : a) {
    if (!std::isfinite(x)) throw Error(ErrorCode::kInvalidData, "a matrix that is not finite");
    largest = std::max(largest, std::abs(x));
  }
  const int exponent = largest > 0 ? std::ilogb(largest) : 0;
  for (double& x : a) x = std::ldexp(x, -exponent);  // squares neither overflow nor vanish
  Tridiagonal t = Reduce(std::move(a), n);
  Diagonalize(t, n, ctx);
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t i, std::int64_t j) { return t.diagonal[i] > t.diagonal[j]; });
  SymmetricEigen result;
  for (const std::int64_t i : order) {
    result.values.push_back(std::ldexp(t.diagonal[i], exponent));
    result.vectors.insert(result.vectors.end(), t.basis.begin() + i * n,
                          t.basis.begin() + (i + 1) * n);
  }
  return result;
}

}  // namespace treeline
