#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "matrix/cholesky.h"
#include "matrix/householder.h"
#include "matrix/jacobi_svd.h"
#include "matrix/symmetric_eigen.h"
#include "test_context.h"

using namespace treeline;

namespace {

std::vector<double> Draw(std::int64_t n, std::uint64_t stream) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = RandomUniform(5, stream, i) - 0.5;
  return values;
}

/// a (m x k) times b (k x n), in long double.
std::vector<double> Times(const std::vector<double>& a, const std::vector<double>& b,
                          std::int64_t m, std::int64_t k, std::int64_t n) {
  std::vector<double> c(static_cast<std::size_t>(m * n));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      long double sum = 0;
      for (std::int64_t l = 0; l < k; ++l)
        sum += static_cast<long double>(a[i * k + l]) * b[l * n + j];
      c[i * n + j] = static_cast<double>(sum);
    }
  }
  return c;
}

std::vector<double> Turn(const std::vector<double>& a, std::int64_t rows, std::int64_t cols) {
  std::vector<double> t(a.size());
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) t[j * rows + i] = a[i * cols + j];
  }
  return t;
}

double Distance(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::max(most, std::abs(a[i] - b[i]));
  return most;
}

double Largest(const std::vector<double>& a) {
  double most = 0;
  for (const double x : a) most = std::max(most, std::abs(x));
  return most;
}

/// How far rows (n x width) are from orthonormal.
double Unorthogonal(const std::vector<double>& rows, std::int64_t n, std::int64_t width) {
  std::vector<double> product = Times(rows, Turn(rows, n, width), n, width, n);
  for (std::int64_t i = 0; i < n; ++i) product[i * n + i] -= 1;
  return Largest(product);
}

std::vector<double> Scaled(std::vector<double> a, double factor) {
  for (double& x : a) x *= factor;
  return a;
}

void CheckSvd(const std::vector<double>& a, std::int64_t rows, std::int64_t cols) {
  const TestContext test(2);
  const ThinSvd svd = SvdOf(a, rows, cols, test.ctx);
  const std::int64_t k = std::min(rows, cols);
  REQUIRE(static_cast<std::int64_t>(svd.values.size()) == k);
  CHECK(Unorthogonal(svd.vt, k, cols) < 1e-13);
  CHECK(Unorthogonal(svd.ut, k, rows) < 1e-13);
  std::vector<double> scaled = svd.vt;
  for (std::int64_t i = 0; i < k; ++i) {
    if (i > 0) CHECK(svd.values[i] <= svd.values[i - 1]);
    for (std::int64_t j = 0; j < cols; ++j) scaled[i * cols + j] *= svd.values[i];
  }
  CHECK(Distance(Times(Turn(svd.ut, k, rows), scaled, rows, k, cols), a) <=
        1e-13 * Largest(a) + std::numeric_limits<double>::denorm_min());
}

}  // namespace

TEST_CASE(
    "Cholesky: L L^T is the matrix, and solves it; indefinite and singular ones are refused") {
  for (const std::int64_t n : {1, 2, 5, 40, 130}) {
    const std::vector<double> half = Draw(n * n, 1);
    std::vector<double> a = Times(half, Turn(half, n, n), n, n, n);
    for (std::int64_t i = 0; i < n; ++i) a[i * n + i] += 0.1;
    const std::vector<double> l = Cholesky(a, n);
    REQUIRE(!l.empty());
    CHECK(Distance(Times(l, Turn(l, n, n), n, n, n), a) < 1e-13 * Largest(a));
    const std::vector<double> x = Draw(n, 2);
    std::vector<double> b = Times(a, x, n, n, 1);
    SolveLower(l, n, b.data());
    SolveLowerTransposed(l, n, b.data());
    CHECK(Distance(b, x) < 1e-8);
    a[0] = -1;
    CHECK(Cholesky(a, n).empty());
  }
  CHECK(Cholesky({1, 1, 1, 1}, 2).empty());
  CHECK(Cholesky({std::numeric_limits<double>::quiet_NaN()}, 1).empty());
}

TEST_CASE("an upper triangle is solved for any number of right-hand sides") {
  for (const std::int64_t n : {1, 2, 7, 40}) {
    std::vector<double> u = Draw(n * n, 20);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < i; ++j) u[i * n + j] = 0;
      u[i * n + i] = 2;
    }
    const std::vector<double> x = Draw(n * 3, 21);
    std::vector<double> b = Times(u, x, n, n, 3);
    SolveUpper(u, n, b.data(), 3);
    CHECK(Distance(b, x) < 1e-12);
  }
}

TEST_CASE("QR: R^T R is A^T A, its diagonal is not negative, at any scale") {
  for (const double scale : {1.0, 1e-200, 1e160}) {
    for (const auto& [rows, cols] :
         {std::pair<std::int64_t, std::int64_t>{1, 1}, {7, 3}, {3, 7}, {90, 31}}) {
      const std::vector<double> a = Scaled(Draw(rows * cols, 3), scale);  // column-major
      std::vector<double> work = a;
      QrInPlace(work.data(), rows, cols, rows);
      const std::vector<double> r = UpperTriangle(work.data(), rows, cols, rows);
      const std::int64_t height = std::min(rows, cols);
      const std::vector<double> unit = Scaled(a, 1 / scale);
      const std::vector<double> small = Scaled(r, 1 / scale);
      const std::vector<double> expected = Times(unit, Turn(unit, cols, rows), cols, rows, cols);
      CHECK(Distance(Times(Turn(small, height, cols), small, cols, height, cols), expected) <
            1e-13);
      for (std::int64_t i = 0; i < height; ++i) CHECK(r[i * cols + i] >= 0);
    }
  }
  std::vector<double> zeros(12, 0.0);
  QrInPlace(zeros.data(), 4, 3, 4);
  CHECK(Largest(zeros) == 0);
}

TEST_CASE("an orthonormal basis spans the columns, and is orthonormal where columns depend") {
  std::vector<double> a = Draw(60 * 4, 4);
  for (std::int64_t i = 0; i < 60; ++i) a[i * 4 + 3] = a[i * 4] - 2 * a[i * 4 + 1];
  const std::vector<double> before = a;
  Orthonormalize(a, 60, 4);
  const std::vector<double> qt = Turn(a, 60, 4);
  CHECK(Unorthogonal(qt, 4, 60) < 1e-14);
  CHECK(Distance(Times(a, Times(qt, before, 4, 60, 4), 60, 4, 4), before) < 1e-14);
  const std::vector<double> random = RandomBasis(30, 5, 1);
  CHECK(Unorthogonal(Turn(random, 30, 5), 5, 30) < 1e-14);
  CHECK(RandomBasis(30, 5, 1) == random);
  CHECK(RandomBasis(30, 5, 2) != random);
  std::vector<double> nothing(10, 0.0);
  Orthonormalize(nothing, 5, 2);
  CHECK(Unorthogonal(Turn(nothing, 5, 2), 2, 5) < 1e-15);
}

TEST_CASE("eigenvalues and eigenvectors rebuild a symmetric matrix, at any scale, on any threads") {
  for (const double scale : {1.0, 1e-250, 1e250}) {
    for (const std::int64_t n : {1, 2, 3, 10, 65, 200}) {
      std::vector<double> a = Draw(n * n, 6);
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < i; ++j) a[i * n + j] = a[j * n + i];
      }
      const TestContext test(1);
      const SymmetricEigen eigen = EigenOfSymmetric(Scaled(a, scale), n, test.ctx);
      CHECK(Unorthogonal(eigen.vectors, n, n) < 1e-13);
      std::vector<double> scaled = eigen.vectors;
      for (std::int64_t i = 0; i < n; ++i) {
        if (i > 0) CHECK(eigen.values[i] <= eigen.values[i - 1]);
        for (std::int64_t j = 0; j < n; ++j) scaled[i * n + j] *= eigen.values[i] / scale;
      }
      CHECK(Distance(Times(Turn(eigen.vectors, n, n), scaled, n, n, n), a) < 1e-13);
      const TestContext three(3);
      CHECK(EigenOfSymmetric(Scaled(a, scale), n, three.ctx).vectors == eigen.vectors);
    }
  }
}

TEST_CASE("eigenvalues of diagonal, constant and repeated matrices") {
  const TestContext test(1);
  CHECK(EigenOfSymmetric({}, 0, test.ctx).values.empty());
  CHECK(EigenOfSymmetric({0, 0, 0, 0}, 2, test.ctx).values == std::vector<double>{0, 0});
  CHECK(EigenOfSymmetric({1, 0, 0, 0, 3, 0, 0, 0, 2}, 3, test.ctx).values ==
        std::vector<double>{3, 2, 1});
  const SymmetricEigen ones = EigenOfSymmetric(std::vector<double>(25, 1.0), 5, test.ctx);
  CHECK(std::abs(ones.values[0] - 5) < 1e-14);
  CHECK(std::abs(ones.values[4]) < 1e-14);
  CHECK(Unorthogonal(ones.vectors, 5, 5) < 1e-14);
  CHECK_THROWS_AS(EigenOfSymmetric({std::nan("")}, 1, test.ctx), Error);
}

TEST_CASE("SVD: square, tall, wide, rank-deficient and zero matrices, at any scale") {
  for (const double scale : {1.0, 1e-280, 1e280}) {
    CheckSvd(Scaled(Draw(1, 7), scale), 1, 1);
    CheckSvd(Scaled(Draw(36, 7), scale), 6, 6);
    CheckSvd(Scaled(Draw(300, 7), scale), 50, 6);
    CheckSvd(Scaled(Draw(300, 7), scale), 6, 50);
  }
  CheckSvd(Draw(300 * 260, 8), 300, 260);
  CheckSvd(Times(Draw(40, 9), Draw(60, 10), 20, 2, 30), 20, 30);
  CheckSvd(std::vector<double>(12, 0.0), 3, 4);
  CheckSvd(std::vector<double>(12, 1.0), 4, 3);
}

TEST_CASE("SVD: small singular values of a graded matrix are accurate relative to themselves") {
  // diag(1, 1e-10, 1e-20) times an orthogonal matrix.
  std::vector<double> q = Draw(9, 11);
  Orthonormalize(q, 3, 3);
  const double grades[] = {1, 1e-10, 1e-20};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) q[i * 3 + j] *= grades[i];
  }
  const TestContext test(1);
  const ThinSvd svd = SvdOf(q, 3, 3, test.ctx);
  for (int i = 0; i < 3; ++i) CHECK(std::abs(svd.values[i] / grades[i] - 1) < 1e-14);
}

TEST_CASE("least squares: the solution, its rank, and the least norm where columns depend") {
  const TestContext test(1);
  const std::vector<double> a = Draw(120, 12);
  const std::vector<double> x = Draw(12, 13);
  const LeastSquares full = SolveLeastSquares(a, 20, 6, Times(a, x, 20, 6, 2), 2, 1e-14, test.ctx);
  CHECK(full.rank == 6);
  CHECK(Distance(full.x, x) < 1e-13);
  // Two equal columns share a coefficient; an unneeded one is 0.
  const LeastSquares twin =
      SolveLeastSquares({1, 1, 0, 2, 2, 0, 3, 3, 0}, 3, 3, {2, 4, 6}, 1, 1e-14, test.ctx);
  CHECK(twin.rank == 1);
  CHECK(Distance(twin.x, {1, 1, 0}) < 1e-14);
  // Fewer rows than columns.
  const LeastSquares wide = SolveLeastSquares({3, 4}, 1, 2, {5}, 1, 1e-14, test.ctx);
  CHECK(Distance(wide.x, {0.6, 0.8}) < 1e-14);
  CHECK(SolveLeastSquares({0, 0}, 2, 1, {1, 1}, 1, 1e-14, test.ctx).x == std::vector<double>{0});
}
