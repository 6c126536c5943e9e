#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "linear/glm_objective.h"
#include "linear/logistic_map.h"
#include "linear/logistic_regression.h"
#include "linear/sparse_twins.h"
#include "test_context.h"

using namespace treeline;

namespace {

struct Evaluated {
  double value = 0;
  double violation = 0;
  std::vector<double> gradient;
  std::vector<double> hessian;
};

Evaluated Evaluate(const GlmProblem& problem, const std::vector<double>& w, int jobs) {
  TestContext context(jobs);
  GlmObjective objective(problem, context.ctx);
  Evaluated result;
  result.gradient.resize(w.size());
  result.hessian.resize(w.size() * w.size());
  result.value =
      objective.EvaluateWithHessian(w.data(), result.gradient.data(), result.hessian.data());
  std::vector<double> gradient(w.size());
  CHECK(objective.Evaluate(w.data(), gradient.data()) == result.value);
  CHECK(gradient == result.gradient);
  result.violation = objective.Violation(w.data(), gradient.data());
  return result;
}

/// The sparse passes against those over the same table, dense.
void CheckPass(const Twins& twins, GlmProblem problem) {
  std::vector<Evaluated> results;
  std::vector<double> w;
  for (const LinearTable& table : {LinearTable(twins.dense), LinearTable(twins.sparse)}) {
    problem.table = table;
    problem.Standardise();
    for (std::int64_t i = static_cast<std::int64_t>(w.size()); i < problem.size(); ++i)
      w.push_back(0.2 + RandomUniform(4, 0, i));
    results.push_back(Evaluate(problem, w, 1));
  }
  CHECK(results[1].value == doctest::Approx(results[0].value).epsilon(1e-13));
  CHECK(results[1].violation <= results[0].violation * (1 + 1e-12));
  CHECK(results[1].violation > 0);
  CheckClose(results[1].gradient, results[0].gradient);
  CheckClose(results[1].hessian, results[0].hessian);
  for (const int jobs : {2, 3, 4}) {
    const Evaluated again = Evaluate(problem, w, jobs);
    CHECK(again.value == results[1].value);
    CHECK(again.gradient == results[1].gradient);
    CHECK(again.hessian == results[1].hessian);
  }
}

}  // namespace

TEST_CASE("rows taken out of a sparse table are those rows, in the order asked for") {
  const Twins twins(50);
  const SparseRows& all = twins.sparse.by_row();
  const std::vector<std::int64_t> rows = {49, 0, 7, 7, 11};
  const SparseRows some = all.Taken(rows);
  REQUIRE(some.rows() == 5);
  CHECK(some.cols() == kCols);
  for (std::int64_t i = 0; i < some.rows(); ++i) {
    std::vector<double> row(kCols), expected(kCols);
    for (std::int64_t k = some.begin(i); k < some.end(i); ++k) row[some.column(k)] = some.value(k);
    for (std::int64_t j = 0; j < kCols; ++j) expected[j] = twins.x[rows[i] * kCols + j];
    CHECK(row == expected);
  }
  CHECK(all.Taken({}).rows() == 0);
}

TEST_CASE("sparse passes sum what dense ones do: losses, weights, roles, intercepts") {
  for (const std::int64_t rows : {1, 2, 100, 129, 1025, 3000}) {
    const Twins twins(rows);
    std::vector<std::int32_t> codes;
    std::vector<double> weights, target;
    std::vector<std::uint8_t> roles;
    for (std::int64_t i = 0; i < rows; ++i) {
      codes.push_back(static_cast<std::int32_t>(3 * RandomUniform(7, 0, i)));
      weights.push_back(static_cast<double>((i + 1) % 3));
      target.push_back(0.5 + RandomUniform(7, 1, i));
      roles.push_back(static_cast<std::uint8_t>(i < 200 ? 1 : i % 3));
    }
    for (const bool fit_intercept : {true, false}) {
      for (const bool weighted : {false, true}) {
        GlmProblem problem;
        problem.fit_intercept = fit_intercept;
        problem.l1 = weighted ? 0.01 : 0;
        problem.l2 = 0.1;
        if (weighted) {
          problem.weights = weights;
          problem.roles = roles;
        }
        problem.target = target;
        for (const GlmLoss loss : {GlmLoss::kSquared, GlmLoss::kTweedieLog, GlmLoss::kHuber}) {
          problem.loss = loss;
          problem.parameter = loss == GlmLoss::kHuber ? 1.35 : 1.5;
          CheckPass(twins, problem);
        }
        problem.loss = GlmLoss::kLogistic;
        problem.codes = codes;
        problem.n_classes = 3;
        CheckPass(twins, problem);
        std::vector<std::int32_t> two(codes);
        for (std::int32_t& code : two) code = code > 0 ? 1 : 0;
        problem.codes = two;
        problem.n_classes = 2;
        CheckPass(twins, problem);
      }
    }
  }
}

TEST_CASE("sparse rows have the moments of dense ones, whatever chunks they came in") {
  const Twins twins(2500);
  const Twins by_single_rows(2500, 1);
  for (std::int64_t j = 0; j < kCols; ++j) {
    const Moments& a = twins.sparse.moments()[j];
    const Moments& b = twins.dense.moments()[j];
    CHECK(a.count == b.count);
    CHECK(a.mean == doctest::Approx(b.mean).epsilon(1e-13));
    CHECK(a.m2 == doctest::Approx(b.m2).epsilon(1e-12));
    CHECK(a.m2 == by_single_rows.sparse.moments()[j].m2);
  }
  SparseStore from_dense(FeatureLabels("X", {}, kCols));
  TestContext context(1);
  Block block;
  block.rows = twins.rows;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = twins.x.data() + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  from_dense.Push(block, context.ctx);
  from_dense.Finish(context.ctx);
  CHECK(from_dense.entries() < twins.sparse.entries());  // explicit zeros are left out
  CHECK(from_dense.moments()[6].m2 == twins.sparse.moments()[6].m2);
}

TEST_CASE("a table by columns is the same table") {
  const Twins twins(300);
  const SparseRows& columns = twins.sparse.by_column();
  REQUIRE(columns.rows() == kCols);
  std::vector<double> x(twins.x.size());
  for (std::int64_t j = 0; j < kCols; ++j) {
    for (std::int64_t k = columns.begin(j); k < columns.end(j); ++k) {
      x[columns.column(k) * kCols + j] = columns.value(k);
      if (k > columns.begin(j)) CHECK(columns.column(k) > columns.column(k - 1));
    }
  }
  CHECK(x == twins.x);
}

TEST_CASE("a map says of sparse rows what it says of dense ones, bit for bit") {
  const Twins twins(2100);
  TestContext context(2);
  SparseRows rows(kCols);
  rows.Append(twins.View(0, 2100), FeatureLabels("X", {}, kCols));
  Block block;
  block.rows = 2100;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = twins.x.data() + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  for (const std::size_t outputs : {1U, 3U}) {
    std::vector<double> coef, intercept;
    for (std::size_t i = 0; i < outputs * kCols; ++i)
      coef.push_back(RandomUniform(9, 0, static_cast<std::int64_t>(i)) - 0.5);
    for (std::size_t k = 0; k < outputs; ++k) intercept.push_back(0.1 * static_cast<double>(k));
    for (const LogisticOutput output :
         {LogisticOutput::kDecision, LogisticOutput::kProbability, LogisticOutput::kLogProbability,
          LogisticOutput::kClass, LogisticOutput::kExponential}) {
      const LogisticMap map(FeatureLabels("X", {}, kCols), coef, intercept, output);
      std::vector<double> dense(static_cast<std::size_t>(2100 * map.n_outputs()));
      std::vector<double> sparse(dense.size());
      map.Apply(block, dense.data(), context.ctx);
      map.Apply(rows, sparse.data(), context.ctx);
      CHECK(sparse == dense);
    }
  }
}

TEST_CASE("sparse rows that are wrong are refused") {
  const auto refusal = [](Twins& twins) {
    SparseRows rows(kCols);
    try {
      rows.Append(twins.View(2, 5), FeatureLabels("X", {}, kCols));
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  Twins good(10);
  CHECK(refusal(good).empty());
  const auto entry = static_cast<std::size_t>(good.starts[5]) - 1;
  Twins missing(10);
  missing.values[entry] = std::numeric_limits<double>::quiet_NaN();
  CHECK(refusal(missing).find("X contains NaN in row 4, column 6") == 0);
  Twins outside(10);
  outside.columns[entry] = kCols;
  CHECK(refusal(outside).find("the entries of row 4 are out of order or out of range") !=
        std::string::npos);
  Twins back(10);
  back.starts[5] = 0;
  CHECK(refusal(back).find("the entries of row 4") != std::string::npos);
  Twins beyond(10);
  beyond.starts[7] = 1e9;
  CHECK(refusal(beyond).find("the entries of row 6") != std::string::npos);
}

TEST_CASE("a column whose squares overflow is refused, and a fit that is cancelled stops") {
  Twins twins(10);
  for (std::size_t k = 0; k < twins.values.size(); ++k)
    if (twins.columns[k] == 6) twins.values[k] = 1e200;
  SparseStore store(FeatureLabels("X", {}, kCols));
  store.PushSparse(twins.View(0, 10));
  TestContext context(1);
  CHECK_THROWS_WITH_AS(store.Finish(context.ctx),
                       "X has values too large to square in column 6: scale it down first", Error);
  context.cancel.Cancel();
  const std::vector<std::int32_t> codes = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  CHECK_THROWS_AS(FitLogistic(twins.sparse, {codes, {}, {}}, 2, LogisticOptions(), context.ctx),
                  Error);
}

TEST_CASE("fits of sparse rows end where those of dense ones do") {
  const Twins twins(2500);
  std::vector<std::int32_t> codes;
  for (std::int64_t i = 0; i < twins.rows; ++i) {
    const double score = twins.x[i * kCols] + 3 * (twins.x[i * kCols + 1] > 0 ? 1 : 0) -
                         twins.x[i * kCols + 6] + 4.5 + RandomUniform(8, 0, i);
    codes.push_back(score > 0.5 ? 1 : 0);
  }
  for (const double l1_ratio : {0.0, 0.5, 1.0}) {
    for (const GlmSolver solver : {GlmSolver::kLbfgs, GlmSolver::kNewtonCholesky}) {
      LogisticOptions options;
      options.l1_ratio = l1_ratio;
      options.tol = 1e-9;
      options.solver = solver;
      options.c = 0.5;
      TestContext context(2);
      const LogisticModel dense =
          FitLogistic(twins.dense, {codes, {}, {}}, 2, options, context.ctx);
      const LogisticModel sparse =
          FitLogistic(twins.sparse, {codes, {}, {}}, 2, options, context.ctx);
      CHECK(sparse.converged);
      for (std::int64_t j = 0; j < kCols; ++j)
        CHECK(std::abs(sparse.coef[j] - dense.coef[j]) < 1e-6);
      CHECK(sparse.coef[3] == 0);
      TestContext four(4);
      CHECK(FitLogistic(twins.sparse, {codes, {}, {}}, 2, options, four.ctx).coef == sparse.coef);
    }
  }
}
