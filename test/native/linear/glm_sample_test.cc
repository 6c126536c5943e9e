#include "linear/glm_sample.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "linear/logistic_regression.h"
#include "test_context.h"

using namespace treeline;

namespace {

constexpr std::int64_t kRows = 120'000;
constexpr std::int64_t kCols = 3;

/// A table and codes, of which every `rare`-th or so is 1.
struct Table {
  LinearStore store{FeatureLabels("X", {}, kCols)};
  std::vector<std::int32_t> codes;
  std::vector<double> weights;

  Table(double rare, bool weighted) {
    std::vector<double> x(kRows * kCols);
    for (std::int64_t i = 0; i < kRows; ++i) {
      const bool is_one = RandomUniform(1, 1, i) * rare < 1;
      codes.push_back(is_one ? 1 : 0);
      if (weighted) weights.push_back(0.5 + RandomUniform(1, 3, i));
      for (std::int64_t j = 0; j < kCols; ++j)
        x[j * kRows + i] = RandomUniform(1, 4 + j, i) + (is_one ? 0.3 * static_cast<double>(j) : 0);
    }
    Block block;
    block.rows = kRows;
    for (std::int64_t j = 0; j < kCols; ++j) {
      Column column;
      column.values = x.data() + j * kRows;
      block.columns.push_back(column);
    }
    TestContext context(2);
    store.Push(block, context.ctx);
    store.Finish();
  }

  GlmProblem Problem() const {
    GlmProblem problem;
    problem.table = store;
    problem.codes = codes;
    problem.weights = weights;
    problem.Standardise();
    return problem;
  }
};

}  // namespace

TEST_CASE("a sample's objective is about that of the whole, with rare classes and with weights") {
  for (const double rare : {2.0, 500.0}) {
    for (const bool weighted : {false, true}) {
      const Table table(rare, weighted);
      const GlmProblem problem = table.Problem();
      TestContext context(2);
      const GlmSample sample(problem, 1 / rare, context.ctx);
      REQUIRE(sample.exists());
      CHECK(sample.step() >= 3);
      GlmObjective whole(problem, EverySlot(table.store, 1), context.ctx);
      GlmObjective part = sample.Objective(context.ctx);
      const std::vector<double> w = {0.2, 0.1, 0.4, -std::log(rare)};
      std::vector<double> gradient(4), about(4);
      const double value = whole.Evaluate(w.data(), gradient.data());
      CHECK(part.Evaluate(w.data(), about.data()) == doctest::Approx(value).epsilon(0.03));
      for (int i = 0; i < 4; ++i)
        CHECK(std::abs(gradient[i] - about[i]) < 0.03 * value + 0.01 / rare);
    }
  }
}

TEST_CASE("a fit with a rare class takes few passes and ends where Newton's method ends") {
  for (const bool weighted : {false, true}) {
    const Table table(500, weighted);
    LogisticOptions options;
    std::vector<double> first;
    for (const int jobs : {1, 3}) {
      TestContext context(jobs);
      const LogisticModel model =
          FitLogistic(table.store, {table.codes, table.weights, {}}, 2, options, context.ctx);
      CHECK(model.converged);
      CHECK(model.n_iter <= 2);
      if (first.empty()) first = model.coef;
      CHECK(model.coef == first);
    }
    TestContext context(2);
    options.tol = 1e-12;
    options.solver = GlmSolver::kNewtonCholesky;
    const LogisticModel exact =
        FitLogistic(table.store, {table.codes, table.weights, {}}, 2, options, context.ctx);
    for (std::size_t j = 0; j < first.size(); ++j)
      CHECK(first[j] == doctest::Approx(exact.coef[j]).epsilon(0.02));
  }
}
