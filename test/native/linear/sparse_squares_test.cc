#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "core/random.h"
#include "linear/coordinate_descent.h"
#include "linear/elastic_net.h"
#include "linear/linear_data.h"
#include "linear/ridge_cv.h"
#include "linear/sparse_gram.h"
#include "linear/sparse_twins.h"
#include "test_context.h"

using namespace treeline;

namespace {

/// Targets that depend on the columns, weights of which some are 0, and folds.
struct Problem {
  Twins twins;
  LinearData dense;
  LinearData sparse;
  std::vector<std::int32_t> folds;

  Problem(std::int64_t rows, std::int64_t n_targets, bool weighted, bool fit_intercept)
      : twins(rows) {
    dense.n_targets = n_targets;
    dense.fit_intercept = fit_intercept;
    for (std::int64_t t = 0; t < n_targets; ++t) {
      for (std::int64_t i = 0; i < rows; ++i) {
        double y = RandomUniform(5, t, i);
        for (std::int64_t j = 0; j < kCols; ++j)
          y += twins.x[i * kCols + j] * static_cast<double>((j + t) % 3 - 1);
        dense.targets.push_back(y);
      }
    }
    for (std::int64_t i = 0; weighted && i < rows; ++i)
      dense.weights.push_back(static_cast<double>(i % 4) / 2);
    for (std::int64_t i = 0; i < rows; ++i)
      folds.push_back(static_cast<std::int32_t>(RandomUniform(6, 0, i) * 3));
    sparse = dense;
    dense.table = twins.dense;
    sparse.table = twins.sparse;
  }
};

/// Products beside the lengths of the columns they are of.
void CheckProducts(const GramSums& a, const GramSums& b) {
  CHECK(a.rows == b.rows);
  CHECK(a.weight == doctest::Approx(b.weight));
  const auto width = static_cast<std::int64_t>(b.shift.size());
  for (std::int64_t j = 0; j < width; ++j)  // about the mean they are rounding
    CHECK(std::abs(a.sums[j] - b.sums[j]) <= 1e-11 * (b.weight + std::abs(b.sums[j])));
  for (std::int64_t i = 0; i < width; ++i) {
    for (std::int64_t j = 0; j < width; ++j) {
      const double size =
          std::sqrt(b.products[i * width + i] * b.products[j * width + j]) + 1e-9 * b.weight;
      CHECK(std::abs(a.products[i * width + j] - b.products[i * width + j]) <= 1e-11 * size);
    }
  }
}

}  // namespace

TEST_CASE("products of sparse columns are those of dense ones, of all rows or a fold's") {
  for (const std::int64_t rows : {2, 100, 129, 1025, 3000}) {
    for (const bool weighted : {false, true}) {
      const Problem problem(rows, 2, weighted, true);
      TestContext one(1);
      const std::vector<double> means = MeansOf(problem.dense, one.ctx);
      for (const std::vector<double>& shift : {means, std::vector<double>(kCols + 2)}) {
        for (const RowFilter& filter : {RowFilter{}, RowFilter{problem.folds.data(), 1, true},
                                        RowFilter{problem.folds.data(), 1, false}}) {
          const GramSums sums = SumGram(problem.sparse, shift, filter, one.ctx);
          CheckProducts(sums, SumGram(problem.dense, shift, filter, one.ctx));
          TestContext four(4);
          CHECK(SumGram(problem.sparse, shift, filter, four.ctx).products == sums.products);
        }
      }
    }
  }
}

TEST_CASE("a column that is constant where it counts has no squares left, to the last bit") {
  SparseRows rows(2);
  const double values[] = {0.1, 3, 0.1, 0.1, 7};
  const double starts[] = {0, 2, 3, 5};
  const std::int32_t columns[] = {0, 1, 0, 0, 1};
  SparseView view;
  view.rows = 3;
  view.cols = 2;
  view.starts.values = starts;
  view.columns.type = DType::kInt32;
  view.columns.values = columns;
  view.values.values = values;
  view.entries = 5;
  rows.Append(view, FeatureLabels("X", {}, 2));
  const SparseRows by_column = rows.Transposed();
  CHECK(SquaresAbout(by_column, 0, 0.1, {0.1, 0.7, 0.3}, 1.1, 3) == 0);
  CHECK(SquaresAbout(by_column, 1, 3, {0.3, 0, 0}, 0.3, 1) == 0);
  CHECK(SquaresAbout(by_column, 1, 2, {1, 1, 1}, 3, 3) == 1 + 4 + 25);
}

TEST_CASE("a descent on sparse columns sees what one on dense rows does, wherever it goes") {
  for (const bool weighted : {false, true}) {
    for (const bool fit_intercept : {false, true}) {
      const Problem problem(1300, 1, weighted, fit_intercept);
      TestContext test(2);
      for (const RowFilter& filter : {RowFilter{}, RowFilter{problem.folds.data(), 2, false}}) {
        RowProblem dense(DenseRowsOf(problem.dense, filter, test.ctx), kCols);
        SparseProblem sparse(problem.sparse, filter, test.ctx);
        CHECK(sparse.columns == dense.columns);
        CheckClose(sparse.scale, dense.scale);
        CHECK(sparse.target_square == doctest::Approx(dense.target_square));
        std::vector<double> x(sparse.scale.size()), a(x.size()), b(x.size());
        const std::int64_t n = sparse.size();
        for (std::int64_t move = 0; move < 40; ++move) {
          const double step = RandomUniform(7, 0, move) - 0.4;
          x[move * 5 % n] += step;
          dense.Move(move * 5 % n, step);
          sparse.Move(move * 5 % n, step);
          for (std::int64_t j = 0; j < n; ++j) {
            a[j] = sparse.Slope(j);
            b[j] = dense.Slope(j);
          }
          CheckClose(a, b);
        }
        double square[2], with_target[2];
        sparse.Residual(x, &square[0], &with_target[0]);
        dense.Residual(x, &square[1], &with_target[1]);
        CHECK(square[0] == doctest::Approx(square[1]));
        CHECK(with_target[0] == doctest::Approx(with_target[1]));
      }
    }
  }
}

TEST_CASE("least squares of a sparse table end where those of a dense one do") {
  for (const std::int64_t rows : {5, 200, 2100}) {
    for (const bool weighted : {false, true}) {
      for (const bool fit_intercept : {false, true}) {
        const Problem problem(rows, 2, weighted, fit_intercept);
        for (const double alpha : {0.0, 0.5}) {
          for (const bool positive : {false, true}) {
            TestContext test(2);
            const LeastSquaresOptions options{{alpha, alpha}, positive, !positive && alpha == 0};
            const LeastSquaresModel dense = FitLeastSquares(problem.dense, options, test.ctx);
            const LeastSquaresModel sparse = FitLeastSquares(problem.sparse, options, test.ctx);
            CHECK(sparse.rank == dense.rank);
            for (std::size_t i = 0; i < dense.coef.size(); ++i)
              CHECK(sparse.coef[i] == doctest::Approx(dense.coef[i]).epsilon(1e-8));
            for (std::size_t i = 0; i < dense.singular_values.size(); ++i) {
              const double off = sparse.singular_values[i] - dense.singular_values[i];
              CHECK(std::abs(off) <= 1e-9 * dense.singular_values[0]);
            }
            TestContext four(4);
            CHECK(FitLeastSquares(problem.sparse, options, four.ctx).coef == sparse.coef);
          }
        }
      }
    }
  }
}

TEST_CASE("penalties of a sparse table are chosen as those of a dense one are") {
  for (const bool weighted : {false, true}) {
    const Problem problem(700, 1, weighted, true);
    TestContext test(2);
    RidgeCvOptions ridge{{0.1, 1, 10}, false, true};
    const RidgeCvModel a = FitRidgeCv(problem.sparse, ridge, test.ctx);
    const RidgeCvModel b = FitRidgeCv(problem.dense, ridge, test.ctx);
    CheckClose(a.errors, b.errors);
    CHECK(a.alpha == b.alpha);
    ElasticNetOptions options;
    options.tol = 1e-10;
    ElasticNetGrid grid;
    grid.l1_ratios = {0.3, 1};
    grid.n_alphas = 10;
    grid.folds = problem.folds;
    grid.n_folds = 3;
    const ElasticNetCvModel sparse = FitElasticNetCv(problem.sparse, options, grid, test.ctx);
    const ElasticNetCvModel dense = FitElasticNetCv(problem.dense, options, grid, test.ctx);
    CheckClose(sparse.alphas, dense.alphas);
    for (std::size_t i = 0; i < dense.mse_path.size(); ++i)
      CHECK(sparse.mse_path[i] == doctest::Approx(dense.mse_path[i]).epsilon(1e-6));
    for (std::int64_t j = 0; j < kCols; ++j)
      CHECK(sparse.best.coef[j] == doctest::Approx(dense.best.coef[j]).epsilon(1e-5));
    TestContext four(4);
    CHECK(FitElasticNetCv(problem.sparse, options, grid, four.ctx).mse_path == sparse.mse_path);
  }
}
