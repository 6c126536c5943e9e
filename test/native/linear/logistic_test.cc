#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "linear/glm_objective.h"
#include "linear/logistic_map.h"
#include "linear/logistic_path.h"
#include "linear/logistic_regression.h"
#include "linear/solver.h"
#include "test_context.h"

using namespace treeline;

namespace {

constexpr std::int64_t kCols = 4;

/// A table, a finished store of it, and codes that depend on it.
struct Data {
  std::int64_t rows;
  std::int64_t n_classes;
  std::vector<double> x;
  std::vector<std::int32_t> codes;
  std::vector<double> weights;
  LinearStore store{FeatureLabels("X", {}, kCols)};

  Data(std::int64_t n_rows, std::int64_t classes, bool weighted)
      : rows(n_rows), n_classes(classes), x(static_cast<std::size_t>(n_rows * kCols)) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < kCols; ++j) {
        x[i * kCols + j] =
            (RandomUniform(5, 1, i * kCols + j) - 0.3) * std::pow(10, static_cast<double>(j) - 1);
      }
      const double score = 8 * x[i * kCols] + RandomUniform(5, 2, i);
      codes.push_back(static_cast<std::int32_t>(std::min<double>(
          static_cast<double>(classes) - 1, std::max(0.0, std::floor(score + 0.5)))));
      if (weighted) weights.push_back(static_cast<double>(i % 3));
    }
    Block block;
    block.rows = rows;
    block.is_row_major = true;
    for (std::int64_t j = 0; j < kCols; ++j) {
      Column column;
      column.values = x.data() + j;
      column.stride = kCols;
      block.columns.push_back(column);
    }
    TestContext context(1);
    store.Push(block, context.ctx);
    store.Finish();
  }

  GlmProblem Problem(bool fit_intercept, double l2) const {
    GlmProblem problem;
    problem.table = store;
    problem.codes = codes;
    problem.weights = weights;
    problem.n_classes = n_classes;
    problem.fit_intercept = fit_intercept;
    problem.l2 = l2;
    for (const Moments& moments : store.moments()) {
      problem.shift.push_back(fit_intercept ? moments.mean : 0);
      problem.factor.push_back(1 / std::sqrt(moments.Variance()));
    }
    return problem;
  }
};

std::vector<std::int64_t> AllSlots(const LinearStore& store) {
  std::vector<std::int64_t> slots(store.slots().size());
  std::iota(slots.begin(), slots.end(), 0);
  return slots;
}

/// The objective row by row.
double NaiveValue(const Data& data, const GlmProblem& problem, const std::vector<double>& w) {
  const std::int64_t width = problem.width();
  double loss = 0, total = 0, penalty = 0;
  for (std::int64_t i = 0; i < data.rows; ++i) {
    std::vector<double> margin;
    for (std::int64_t k = 0; k < problem.n_outputs(); ++k) {
      double m = problem.fit_intercept ? w[k * width + kCols] : 0;
      for (std::int64_t j = 0; j < kCols; ++j)
        m += w[k * width + j] * (data.x[i * kCols + j] - problem.shift[j]) * problem.factor[j];
      margin.push_back(m);
    }
    if (margin.size() == 1) margin.insert(margin.begin(), 0.0);
    double sum = 0;
    for (const double m : margin) sum += std::exp(m);
    const double weight = data.weights.empty() ? 1 : data.weights[i];
    loss += weight * (std::log(sum) - margin[data.codes[i]]);
    total += weight;
  }
  for (std::int64_t k = 0; k < problem.n_outputs(); ++k) {
    for (std::int64_t j = 0; j < kCols; ++j) {
      const double c = w[k * width + j] * problem.factor[j];
      penalty += problem.l2 / 2 * c * c;
    }
  }
  return loss / total + penalty;
}

std::vector<double> SomePoint(std::int64_t size) {
  std::vector<double> w;
  for (std::int64_t i = 0; i < size; ++i) w.push_back(RandomUniform(9, 3, i) - 0.5);
  return w;
}

}  // namespace

TEST_CASE("value, gradient and Hessian are those of the naive objective") {
  for (const std::int64_t classes : {2, 3, 5}) {
    for (const bool weighted : {false, true}) {
      for (const bool intercept : {true, false}) {
        const Data data(1500, classes, weighted);
        const GlmProblem problem = data.Problem(intercept, 0.01);
        TestContext context(2);
        GlmObjective objective(problem, AllSlots(data.store), context.ctx);
        const std::int64_t n = objective.size();
        std::vector<double> w = SomePoint(n), gradient(n), up(n), down(n), hessian(n * n);
        const double value =
            objective.EvaluateWithHessian(w.data(), gradient.data(), hessian.data());
        CHECK(value == doctest::Approx(NaiveValue(data, problem, w)).epsilon(1e-13));
        std::vector<double> again(n);
        CHECK(objective.Evaluate(w.data(), again.data()) == value);
        CHECK(again == gradient);
        // The constant direction of a softmax has curvature added to it: leave it out of the step.
        for (std::int64_t i = 0; i < n; ++i) {
          const double h = 1e-5;
          std::vector<double> direction(n, 0.0);
          direction[i] = 1;
          if (classes > 2) direction[(i + problem.width()) % n] = -1;
          std::vector<double> plus = w, minus = w;
          double slope = 0;
          for (std::int64_t k = 0; k < n; ++k) {
            plus[k] += h * direction[k];
            minus[k] -= h * direction[k];
            slope += gradient[k] * direction[k];
          }
          const double rise = NaiveValue(data, problem, plus) - NaiveValue(data, problem, minus);
          CHECK(slope == doctest::Approx(rise / (2 * h)).epsilon(1e-6));
          objective.Evaluate(plus.data(), up.data());
          objective.Evaluate(minus.data(), down.data());
          for (std::int64_t k = 0; k < n; ++k) {
            double curvature = 0;
            for (std::int64_t l = 0; l < n; ++l) curvature += hessian[k * n + l] * direction[l];
            CHECK(std::abs(curvature - (up[k] - down[k]) / (2 * h)) < 1e-8);
          }
        }
      }
    }
  }
}

TEST_CASE("a pass gives the same bits for any number of threads") {
  const Data data(20'000, 3, true);
  const GlmProblem problem = data.Problem(true, 0.01);
  std::vector<double> first;
  for (const int jobs : {1, 2, 3, 4}) {
    TestContext context(jobs);
    GlmObjective objective(problem, AllSlots(data.store), context.ctx);
    const std::int64_t n = objective.size();
    const std::vector<double> w = SomePoint(n);
    std::vector<double> result(n + n * n + 1);
    result[n + n * n] = objective.EvaluateWithHessian(w.data(), result.data(), result.data() + n);
    if (first.empty()) first = result;
    CHECK(result == first);
  }
}

TEST_CASE("both solvers reach the point where the gradient vanishes, in few iterations") {
  for (const std::int64_t classes : {2, 4}) {
    for (const double c : {1e-3, 1.0, 1e4}) {
      const Data data(3000, classes, false);
      TestContext context(2);
      LogisticOptions options;
      options.c = c;
      options.tol = 1e-10;
      const LogisticModel lbfgs =
          FitLogistic(data.store, {data.codes, {}, {}}, classes, options, context.ctx);
      options.solver = GlmSolver::kNewtonCholesky;
      const LogisticModel newton =
          FitLogistic(data.store, {data.codes, {}, {}}, classes, options, context.ctx);
      CHECK(lbfgs.converged);
      CHECK(newton.converged);
      CHECK(lbfgs.violation <= 1e-10);
      CHECK(newton.violation <= 1e-10);
      CHECK(newton.n_iter <= 12);
      CHECK(lbfgs.n_iter <= 40);
      for (std::size_t i = 0; i < newton.coef.size(); ++i)
        CHECK(lbfgs.coef[i] == doctest::Approx(newton.coef[i]).epsilon(1e-6));
    }
  }
}

TEST_CASE("a fit that runs out of iterations says that it did not converge") {
  const Data data(3000, 3, false);
  TestContext context(1);
  LogisticOptions options;
  options.tol = 1e-12;
  options.max_iter = 1;
  const LogisticModel model =
      FitLogistic(data.store, {data.codes, {}, {}}, 3, options, context.ctx);
  CHECK(!model.converged);
  CHECK(model.n_iter == 1);
  CHECK(model.violation > 1e-12);
}

TEST_CASE("a cancelled fit throws") {
  const Data data(3000, 2, false);
  TestContext context(2);
  context.cancel.Cancel();
  CHECK_THROWS_AS(FitLogistic(data.store, {data.codes, {}, {}}, 2, LogisticOptions(), context.ctx),
                  Error);
}

TEST_CASE("a Cholesky factor solves, and survives matrices that have none") {
  const std::vector<double> matrix = {4, 2, 0, 2, 5, 1, 0, 1, 3};
  const std::vector<double> in = {2, -1, 4};
  std::vector<double> out(3);
  Preconditioner::Cholesky(matrix, 3).Solve(in.data(), out.data());
  for (int i = 0; i < 3; ++i) {
    double sum = 0;
    for (int j = 0; j < 3; ++j) sum += matrix[i * 3 + j] * out[j];
    CHECK(sum == doctest::Approx(in[i]));
  }
  for (const std::vector<double>& singular :
       {std::vector<double>{1, 1, 0, 1, 1, 0, 0, 0, 0}, std::vector<double>(9, 0.0),
        std::vector<double>{1e24, 0, 0, 0, 1, 1, 0, 1, 1}}) {
    Preconditioner::Cholesky(singular, 3).Solve(in.data(), out.data());
    for (const double x : out) CHECK(std::isfinite(x));
  }
}

TEST_CASE("predictions are those of a naive loop, in both float types, for any block") {
  const Data data(1000, 3, false);
  const std::vector<double> coef = SomePoint(3 * kCols);
  const std::vector<double> intercept = {0.5, -0.25, 0};
  Block block;
  block.rows = 1000;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = data.x.data() + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  TestContext context(3);
  const FeatureLabels labels("X", {}, kCols);
  std::vector<double> decision(3000), p(3000), log_p(3000), code(1000);
  std::vector<float> narrow(3000);
  LogisticMap(labels, coef, intercept, LogisticOutput::kDecision)
      .Apply(block, decision.data(), context.ctx);
  LogisticMap(labels, coef, intercept, LogisticOutput::kProbability)
      .Apply(block, p.data(), context.ctx);
  LogisticMap(labels, coef, intercept, LogisticOutput::kProbability)
      .Apply(block, narrow.data(), context.ctx);
  LogisticMap(labels, coef, intercept, LogisticOutput::kLogProbability)
      .Apply(block, log_p.data(), context.ctx);
  LogisticMap(labels, coef, intercept, LogisticOutput::kClass)
      .Apply(block, code.data(), context.ctx);
  for (std::int64_t i = 0; i < 1000; ++i) {
    double sum = 0;
    int best = 0;
    for (int k = 0; k < 3; ++k) {
      double margin = intercept[k];
      for (std::int64_t j = 0; j < kCols; ++j)
        margin += coef[k * kCols + j] * data.x[i * kCols + j];
      CHECK(decision[i * 3 + k] == margin);
      sum += std::exp(margin);
      if (margin > decision[i * 3 + best]) best = k;
    }
    CHECK(code[i] == best);
    for (int k = 0; k < 3; ++k) {
      const double expected = std::exp(decision[i * 3 + k]) / sum;
      CHECK(p[i * 3 + k] == doctest::Approx(expected).epsilon(1e-13));
      CHECK(narrow[i * 3 + k] == static_cast<float>(p[i * 3 + k]));
      CHECK(log_p[i * 3 + k] == doctest::Approx(std::log(expected)).epsilon(1e-12));
    }
  }
}

TEST_CASE(
    "a fold's model is the one of weights that are 0 elsewhere, its outputs those of its rows") {
  const Data data(3000, 3, true);
  TestContext context(3);
  LogisticGrid grid;
  grid.cs = {0.1, 1};
  grid.l1_ratios = {0, 1};
  grid.n_folds = 2;
  for (std::int64_t f = 0; f < grid.n_folds; ++f) {
    for (std::int64_t i = 0; i < data.rows; ++i)
      grid.roles.push_back(static_cast<std::uint8_t>((i / 700 + f) % 3));
  }
  LogisticOptions options;
  options.tol = 1e-10;
  options.max_iter = 1000;
  const LogisticPaths paths =
      FitLogisticPaths(data.store, data.codes, data.weights, 3, options, grid, context.ctx);
  CHECK(paths.converged);
  CHECK(paths.n_iter.size() == 8);
  for (std::size_t m = 0; m < 8; ++m) {
    std::vector<std::uint8_t> roles(
        grid.roles.begin() + static_cast<std::int64_t>(m / 4) * 3000,
        grid.roles.begin() + static_cast<std::int64_t>(m / 4 + 1) * 3000);
    std::vector<double> weights = data.weights;
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= roles[i] == 1 ? 1 : 0;
    LogisticOptions own = options;
    own.c = grid.cs[m % 2];
    own.l1_ratio = grid.l1_ratios[m / 2 % 2];
    const LogisticModel alone =
        FitLogistic(data.store, {data.codes, weights, {}}, 3, own, context.ctx);
    for (std::size_t i = 0; i < alone.coef.size(); ++i)
      CHECK(paths.coef[m * alone.coef.size() + i] == doctest::Approx(alone.coef[i]).epsilon(1e-6));
    const LogisticMap map(FeatureLabels("X", {}, kCols), alone.coef, alone.intercept,
                          LogisticOutput::kDecision);
    const std::vector<double> outputs = TestOutputs(data.store, roles, map, context.ctx);
    std::size_t at = 0;
    for (std::int64_t i = 0; i < data.rows; ++i) {
      if (roles[i] != 2) continue;
      for (std::int64_t k = 0; k < 3; ++k) {
        double margin = alone.intercept[k];
        for (std::int64_t j = 0; j < kCols; ++j)
          margin += alone.coef[k * kCols + j] * data.x[i * kCols + j];
        CHECK(outputs[at++] == doctest::Approx(margin).epsilon(1e-9));
      }
    }
    CHECK(at == outputs.size());
  }
}
