#include "rowwise/svm.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "rowwise/svm_data.h"
#include "test_context.h"

using namespace treeline;

namespace {

constexpr std::int64_t kCols = 3;

struct Problem {
  std::vector<double> values;  // row-major
  std::vector<double> y;
  std::vector<double> costs;
};

Problem Draw(std::int64_t rows) {
  Problem problem;
  for (std::int64_t i = 0; i < rows; ++i) {
    double sum = 0.1;
    for (std::int64_t j = 0; j < kCols; ++j) {
      problem.values.push_back(RandomUniform(1, j, i) * 4 - 2);
      sum += problem.values.back() * static_cast<double>(j);
    }
    problem.y.push_back(sum + 2 * RandomUniform(2, 0, i) - 1 > 0 ? 1 : -1);
    problem.costs.push_back(0.1 * static_cast<double>(i % 3));
  }
  return problem;
}

RowStore StoreOf(const Problem& problem, int threads) {
  TestContext test(threads);
  Block block;
  block.rows = static_cast<std::int64_t>(problem.y.size());
  block.is_row_major = true;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = problem.values.data() + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  RowStore store(FeatureLabels("X", {}, kCols));
  store.Push(block, test.ctx);
  store.Finish();
  return store;
}

/// The same with most values zero: dense, and their entries.
struct Twins {
  Problem problem;
  std::vector<double> starts{0};
  std::vector<std::int32_t> columns;
  std::vector<double> values;
  RowStore sparse{FeatureLabels("X", {}, kCols)};

  explicit Twins(std::int64_t rows) : problem(Draw(rows)) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < kCols; ++j) {
        double& value = problem.values[i * kCols + j];
        if (j == 0 || RandomUniform(5, j, i) < 0.6) value = 0;
        if (value == 0 && (i + j) % 3 != 0) continue;
        columns.push_back(static_cast<std::int32_t>(j));
        values.push_back(value);
      }
      starts.push_back(static_cast<double>(values.size()));
    }
    SparseView view;
    view.rows = rows;
    view.cols = kCols;
    view.starts.values = starts.data();
    view.columns.type = DType::kInt32;
    view.columns.values = columns.data();
    view.values.values = values.data();
    view.entries = static_cast<std::int64_t>(values.size());
    sparse.PushSparse(view);
    sparse.Finish();
  }
};

/// The objective as its definition says.
double Objective(const Problem& p, SvmProblem kind, double scaling, const std::vector<double>& w,
                 double intercept) {
  const double b = scaling > 0 ? intercept / scaling : 0;
  double penalty = kind == SvmProblem::kL1SquaredHinge ? std::abs(b) : b * b / 2;
  for (const double x : w) penalty += kind == SvmProblem::kL1SquaredHinge ? std::abs(x) : x * x / 2;
  double loss = 0;
  for (std::size_t i = 0; i < p.y.size(); ++i) {
    double margin = intercept;
    for (std::int64_t j = 0; j < kCols; ++j) margin += w[j] * p.values[i * kCols + j];
    const double short_by = std::max(0.0, 1 - p.y[i] * margin);
    loss += p.costs[i] * (kind == SvmProblem::kL2Hinge ? short_by : short_by * short_by);
  }
  return penalty + loss;
}

}  // namespace

TEST_CASE("a support vector machine says its objective, and no step from where it is lowers it") {
  const Problem problem = Draw(400);
  const RowStore store = StoreOf(problem, 2);
  for (const SvmProblem kind :
       {SvmProblem::kL2SquaredHinge, SvmProblem::kL2Hinge, SvmProblem::kL1SquaredHinge}) {
    for (const double scaling : {0.0, 1.0, 5.0}) {
      TestContext test(2);
      SvmOptions options;
      options.problem = kind;
      options.intercept_scaling = scaling;
      options.tol = 1e-9;
      options.max_iter = 100000;
      const SvmModel model = FitSvm(store, problem.y, problem.costs, options, test.ctx);
      CHECK(model.converged);
      const double reached = Objective(problem, kind, scaling, model.coef, model.intercept);
      CHECK(model.objective == doctest::Approx(reached).epsilon(1e-10));
      for (int draw = 0; draw < 200; ++draw) {
        std::vector<double> w = model.coef;
        const double size = std::pow(10.0, -draw % 6);
        for (std::int64_t j = 0; j < kCols; ++j) w[j] += size * (RandomUniform(3, j, draw) - 0.5);
        const double b =
            scaling > 0 ? model.intercept + size * (RandomUniform(4, 0, draw) - 0.5) : 0;
        CHECK(Objective(problem, kind, scaling, w, b) >= reached * (1 - 1e-7));
      }
    }
  }
}

TEST_CASE("a support vector machine is the same bits for any number of threads") {
  const Problem problem = Draw(5000);
  for (const SvmProblem kind :
       {SvmProblem::kL2SquaredHinge, SvmProblem::kL2Hinge, SvmProblem::kL1SquaredHinge}) {
    std::vector<double> first;
    for (const int threads : {1, 4}) {
      TestContext test(threads);
      SvmOptions options;
      options.problem = kind;
      options.max_iter = 20;
      const SvmModel model =
          FitSvm(StoreOf(problem, threads), problem.y, problem.costs, options, test.ctx);
      if (first.empty()) first = model.coef;
      CHECK(model.coef == first);
    }
  }
}

TEST_CASE(
    "products with the rows equal their naive twins; columns are the rows the other way round") {
  const Problem problem = Draw(2100);
  const RowStore store = StoreOf(problem, 1);
  TestContext test(3);
  const SvmData data(store, 2);
  std::vector<double> w(data.width(), 0.0), r(problem.y.size());
  for (std::int64_t j = 0; j < kCols; ++j) w[j] = static_cast<double>(j) - 0.5;
  w.back() = 0.25;
  for (std::size_t i = 0; i < r.size(); ++i) r[i] = static_cast<double>(i % 5);
  const std::vector<double> product = data.Times(w, test.ctx);
  std::vector<double> sums(data.width(), 0.0), squares(data.width(), 0.0);
  for (std::size_t i = 0; i < r.size(); ++i) {
    double margin = 0.5;
    for (std::int64_t j = 0; j < kCols; ++j) {
      const double x = problem.values[i * kCols + j];
      margin += w[j] * x;
      sums[j] += r[i] * x;
      squares[j] += r[i] * x * x;
    }
    sums.back() += 2 * r[i];
    squares.back() += 4 * r[i];
    if (std::abs(product[i] - margin) > 1e-12) FAIL("row " << i);
  }
  const std::vector<double> transposed = data.TransposedTimes(r, test.ctx);
  const std::vector<double> squared = data.TransposedSquaresTimes(r, test.ctx);
  for (std::size_t j = 0; j < data.width(); ++j) {
    CHECK(transposed[j] == doctest::Approx(sums[j]));
    CHECK(squared[j] == doctest::Approx(squares[j]));
  }
  const SvmColumns columns(data);
  std::int64_t row = 0;
  columns.ForEach(1, [&](std::int64_t i, double x) {
    CHECK(i == row);
    CHECK(x == problem.values[row++ * kCols + 1]);
  });
  CHECK(row == 2100);
}

TEST_CASE(
    "a support vector machine learns from entries what it does from dense rows, bit for bit") {
  const Twins twins(3000);
  const RowStore dense = StoreOf(twins.problem, 2);
  std::vector<double> r, w;
  for (std::int64_t i = 0; i < 3000; ++i) r.push_back(RandomUniform(6, 0, i) - 0.4);
  for (std::int64_t i = 0; i < 3000; i += 7) r[i] = 0;
  for (const double scaling : {0.0, 2.5}) {
    const SvmData a(dense, scaling), b(twins.sparse, scaling);
    w.assign(a.width(), 0.7);
    for (const int threads : {1, 3}) {
      TestContext test(threads);
      CHECK(b.Times(w, test.ctx) == a.Times(w, test.ctx));
      CHECK(b.TransposedTimes(r, test.ctx) == a.TransposedTimes(r, test.ctx));
      CHECK(b.TransposedSquaresTimes(r, test.ctx) == a.TransposedSquaresTimes(r, test.ctx));
    }
    for (const SvmProblem kind :
         {SvmProblem::kL2SquaredHinge, SvmProblem::kL2Hinge, SvmProblem::kL1SquaredHinge}) {
      TestContext test(2);
      SvmOptions options;
      options.problem = kind;
      options.intercept_scaling = scaling;
      options.max_iter = 30;
      const Problem& p = twins.problem;
      const SvmModel expected = FitSvm(dense, p.y, p.costs, options, test.ctx);
      const SvmModel model = FitSvm(twins.sparse, p.y, p.costs, options, test.ctx);
      CHECK(model.coef == expected.coef);
      CHECK(model.intercept == expected.intercept);
      CHECK(model.n_iter == expected.n_iter);
    }
  }
}

TEST_CASE("classes of a support vector machine are learned one against all, weights count") {
  const Problem problem = Draw(300);
  const RowStore store = StoreOf(problem, 1);
  std::vector<std::int32_t> codes;
  for (std::int64_t i = 0; i < 300; ++i) codes.push_back(static_cast<std::int32_t>(i % 3));
  TestContext test(2);
  SvmOptions options;
  options.tol = 1e-10;
  const std::vector<double> class_weights = {1, 2, 0.5};
  const auto models = FitSvmClasses(store, codes, 3, {}, class_weights, options, test.ctx);
  REQUIRE(models.size() == 3);
  for (std::int32_t k = 0; k < 3; ++k) {
    std::vector<double> y, costs;
    for (const std::int32_t code : codes) {
      y.push_back(code == k ? 1 : -1);
      costs.push_back(code == k ? class_weights[k] : 1);
    }
    CHECK(models[k].coef == FitSvm(store, y, costs, options, test.ctx).coef);
  }
  CHECK_THROWS_AS(FitSvmClasses(store, std::span(codes).first(5), 3, {}, {}, options, test.ctx),
                  Error);
}
