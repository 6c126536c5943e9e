#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/random.h"
#include "linear/quantile_interior.h"
#include "linear/quantile_problem.h"
#include "linear/quantile_regression.h"
#include "linear/quantile_rows.h"
#include "linear/quantile_vertex.h"
#include "linear/sparse_store.h"
#include "test_context.h"

using namespace treeline;

// The passes of quantile regression against naive twins that hold all constraints as one matrix;
// the vertex that is found against the best of all vertices.

namespace {

using Numbers = std::vector<double>;

Numbers Random(std::int64_t n, std::uint64_t stream) {
  Numbers values;
  for (std::int64_t i = 0; i < n; ++i)
    values.push_back(2 * RandomUniform(9, stream, static_cast<std::uint64_t>(i)) - 1);
  return values;
}

Block BlockOf(const Numbers& values, std::int64_t rows, std::int64_t cols) {
  Block block;
  block.rows = rows;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = values.data() + j;
    column.stride = cols;
    column.type = DType::kFloat64;
    block.columns.push_back(column);
  }
  return block;
}

LinearStore StoreOf(const Numbers& values, std::int64_t rows, std::int64_t cols,
                    const Context& ctx) {
  LinearStore store(FeatureLabels("X", {}, cols));
  store.Push(BlockOf(values, rows, cols), ctx);
  store.Finish();
  return store;
}

/// Three columns, two cells of three empty.
Numbers Cells(std::int64_t rows) {
  Numbers values = Random(rows * 3, 1);
  for (double& value : values) value = std::abs(value) < 0.67 ? 0 : value;
  return values;
}

/// A problem of three columns, and its constraints as a matrix.
struct Sample {
  TestContext context;
  Numbers weights;
  Numbers cells;
  LinearStore store;
  SparseStore entries{FeatureLabels("X", {}, 3)};
  QuantileProblem problem;
  Numbers a;  // constraints x size

  Sample(std::int64_t rows, double penalty, bool fit_intercept, bool is_sparse)
      : context(3),
        weights(Random(rows, 3)),
        cells(Cells(rows)),
        store(StoreOf(cells, rows, 3, context.ctx)) {
    for (double& w : weights) w = std::max(w, 0.0);
    entries.Push(BlockOf(cells, rows, 3), context.ctx);
    entries.Finish(context.ctx);
    if (is_sparse) {
      problem.table = entries;
    } else {
      problem.table = store;
    }
    problem.target = Random(rows, 2);
    problem.weights = weights;
    problem.quantile = 0.3;
    problem.fit_intercept = fit_intercept;
    ChooseColumns(problem, penalty, context.ctx);
    a.resize(static_cast<std::size_t>(problem.constraints() * problem.size()));
    for (std::int64_t i = 0; i < problem.constraints(); ++i)
      problem.Constraint(i, a.data() + i * problem.size());
  }
  Sample(const Sample&) = delete;  // the problem points into it
  Sample& operator=(const Sample&) = delete;
  double Margin(std::int64_t i, const Numbers& beta) const {
    double sum = 0;
    for (std::int64_t j = 0; j < problem.size(); ++j) sum += a[i * problem.size() + j] * beta[j];
    return sum;
  }
  void AddTo(Numbers& sums, std::int64_t i, double times) const {
    for (std::int64_t j = 0; j < problem.size(); ++j) sums[j] += times * a[i * problem.size() + j];
  }
};

/// QuantileRows word by word.
struct NaiveRows {
  const Sample& sample;
  std::int64_t n, p;
  Numbers x, s, z, w, r, q, dx, dz, dw, ex, ez, ew;

  explicit NaiveRows(const Sample& of)
      : sample(of), n(of.problem.constraints()), p(of.problem.size()) {
    double total = 0;
    double sum = 0;
    for (std::int64_t i = 0; i < of.problem.rows(); ++i) {
      total += of.problem.Weight(i);
      sum += of.problem.Weight(i) * std::abs(of.problem.Target(i));
    }
    for (std::int64_t i = 0; i < n; ++i) {
      x.push_back(of.problem.Lower(i));
      s.push_back(of.problem.Upper(i));
      r.push_back(of.problem.Target(i));
      w.push_back(std::max(r[i], 0.0) + sum / total);
      z.push_back(std::max(-r[i], 0.0) + sum / total);
    }
    for (Numbers* each : {&q, &dx, &dz, &dw, &ex, &ez, &ew}) each->resize(x.size());
    Weigh();
  }
  void Weigh() {
    for (std::int64_t i = 0; i < n; ++i) q[i] = x[i] > 0 ? 1 / (w[i] / s[i] + z[i] / x[i]) : 0;
  }
  double Gap() const {
    double gap = 0;
    for (std::int64_t i = 0; i < n; ++i) gap += x[i] * z[i] + s[i] * w[i];
    return gap;
  }
  void Normal(Numbers& matrix, Numbers& right) const {
    matrix.assign(static_cast<std::size_t>(p * p), 0);
    right.assign(static_cast<std::size_t>(p), 0);
    for (std::int64_t i = 0; i < n; ++i) {
      sample.AddTo(right, i, q[i] * r[i] + x[i] - sample.problem.Lower(i));
      for (std::int64_t j = 0; j < p * p; ++j)
        matrix[j] += q[i] * sample.a[i * p + j / p] * sample.a[i * p + j % p];
    }
  }
  void Predict(const Numbers& beta) {
    for (std::int64_t i = 0; i < n; ++i) {
      if (q[i] == 0) continue;
      dx[i] = q[i] * (r[i] - sample.Margin(i, beta));
      dz[i] = -z[i] - z[i] * dx[i] / x[i];
      dw[i] = -w[i] + w[i] * dx[i] / s[i];
    }
  }
  void Correct(const Numbers& beta, double mu) {
    for (std::int64_t i = 0; i < n; ++i) {
      if (q[i] == 0) continue;
      const double xz = mu - x[i] * z[i] - dx[i] * dz[i];  // what z dx + x dz must be
      const double sw = mu - s[i] * w[i] + dx[i] * dw[i];  // what -w dx + s dw must be
      const double change = sample.Margin(i, beta);
      ex[i] = q[i] * (r[i] - w[i] + z[i] - change - sw / s[i] + xz / x[i]);
      ez[i] = (xz - z[i] * ex[i]) / x[i];
      ew[i] = (sw + w[i] * ex[i]) / s[i];
    }
  }
  void Advance(double primal, double dual, const Numbers& beta) {
    for (std::int64_t i = 0; i < n; ++i) {
      x[i] += primal * ex[i];
      s[i] -= primal * ex[i];
      z[i] += dual * ez[i];
      w[i] += dual * ew[i];
      r[i] -= dual * sample.Margin(i, beta);
    }
    Weigh();
  }
  static double Longest(const Numbers& from, const Numbers& step, double sign) {
    double most = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
      if (from[i] > 0) most = std::max(most, -sign * step[i] / from[i]);
    }
    return most;
  }
};

void CheckNear(const Numbers& found, const Numbers& expected, double tolerance = 1e-10) {
  REQUIRE(found.size() == expected.size());
  double size = 1e-300;
  for (const double value : expected) size = std::max(size, std::abs(value));
  for (std::size_t i = 0; i < found.size(); ++i)
    CHECK(std::abs(found[i] - expected[i]) <= tolerance * size);
}

double LossAt(const VertexProblem& problem, const Numbers& beta) {
  double loss = 0;
  for (std::int64_t j = 0; j < problem.cols; ++j) loss -= problem.tilt[j] * beta[j];
  for (std::int64_t i = 0; i < problem.rows; ++i) {
    double r = problem.target[i];
    for (std::int64_t j = 0; j < problem.cols; ++j) r -= problem.a[i * problem.cols + j] * beta[j];
    loss += std::max(problem.upper[i] * r, -problem.lower[i] * r);
  }
  return loss;
}

VertexProblem LineProblem(std::int64_t rows, double step) {
  VertexProblem problem;
  problem.rows = rows;
  problem.cols = 2;
  problem.a = Random(2 * rows, 5);
  problem.target = Random(rows, 6);
  for (double& value : problem.target) value = std::round(value / step) * step;
  if (step > 0.1) {
    for (double& value : problem.a) value = std::round(2 * value);
  }
  problem.lower.assign(static_cast<std::size_t>(rows), 0.4);
  problem.upper.assign(static_cast<std::size_t>(rows), 0.6);
  problem.tilt = {0.1, -0.2};
  problem.start = {0, 0};
  for (std::int64_t i = 0; i < rows; ++i) problem.order.push_back(i);
  return problem;
}

}  // namespace

TEST_CASE("the passes of quantile regression are those of all constraints as one matrix") {
  for (const std::int64_t rows : {1, 63, 129, 1200}) {
    for (const double penalty : {0.0, 0.05}) {
      for (const int kind : {0, 1, 2, 3}) {
        const bool fit_intercept = kind % 2 == 0;
        CAPTURE(rows);
        CAPTURE(penalty);
        CAPTURE(kind);
        const Sample sample(rows, penalty, fit_intercept, kind / 2 == 1);
        if (sample.problem.size() == 0) continue;
        QuantileRows fast(sample.problem, sample.context.ctx);
        NaiveRows naive(sample);
        for (int iteration = 0; iteration < 3; ++iteration) {
          Numbers matrix, right, expected_matrix, expected_right;
          fast.Normal(matrix, right);
          naive.Normal(expected_matrix, expected_right);
          CheckNear(matrix, expected_matrix);
          CheckNear(right, expected_right);
          const Numbers beta = SemidefiniteFactor(matrix, sample.problem.size()).Solve(right);
          const QuantileRows::Prediction step = fast.Predict(beta);
          naive.Predict(beta);
          CHECK(step.steps.primal ==
                doctest::Approx(std::max(NaiveRows::Longest(naive.x, naive.dx, 1),
                                         NaiveRows::Longest(naive.s, naive.dx, -1))));
          CHECK(step.steps.dual ==
                doctest::Approx(std::max(NaiveRows::Longest(naive.z, naive.dz, 1),
                                         NaiveRows::Longest(naive.w, naive.dw, 1))));
          Numbers centring(right.size());
          Numbers second_order(right.size());
          double gap = 0;  // after 0.5 and 0.25 of the step
          for (std::int64_t i = 0; i < naive.n; ++i) {
            if (naive.q[i] == 0) continue;
            sample.AddTo(centring, i, naive.q[i] * (1 / naive.x[i] - 1 / naive.s[i]));
            sample.AddTo(
                second_order, i,
                -naive.q[i] * naive.dx[i] * (naive.dz[i] / naive.x[i] + naive.dw[i] / naive.s[i]));
            gap += (naive.x[i] + 0.5 * naive.dx[i]) * (naive.z[i] + 0.25 * naive.dz[i]) +
                   (naive.s[i] - 0.5 * naive.dx[i]) * (naive.w[i] + 0.25 * naive.dw[i]);
          }
          CheckNear(step.centring, centring);
          CheckNear(step.second_order, second_order);
          CHECK(fast.standing().gap + 0.5 * step.linear_primal + 0.25 * step.linear_dual +
                    0.125 * step.bilinear ==
                doctest::Approx(gap));
          const double mu = 0.1 * naive.Gap() / (2 * fast.standing().count);
          Numbers corrected = right;
          for (std::size_t j = 0; j < right.size(); ++j)
            corrected[j] += mu * centring[j] + second_order[j];
          const Numbers full = SemidefiniteFactor(matrix, sample.problem.size()).Solve(corrected);
          const QuantileSteps steps = fast.Correct(full, mu);
          naive.Correct(full, mu);
          CHECK(steps.primal ==
                doctest::Approx(std::max(NaiveRows::Longest(naive.x, naive.ex, 1),
                                         NaiveRows::Longest(naive.s, naive.ex, -1))));
          CHECK(steps.dual == doctest::Approx(std::max(NaiveRows::Longest(naive.z, naive.ez, 1),
                                                       NaiveRows::Longest(naive.w, naive.ew, 1))));
          const double primal = 0.9 * std::min(1.0, 1 / steps.primal);
          const double dual = 0.9 * std::min(1.0, 1 / steps.dual);
          fast.Advance(primal, dual, mu);
          naive.Advance(primal, dual, full);
          CHECK(fast.standing().gap == doctest::Approx(naive.Gap()));
          for (std::int64_t i = 0; i < naive.n; ++i)
            CHECK(fast.multiplier(i) == doctest::Approx(naive.x[i] - sample.problem.Lower(i)));
        }
      }
    }
  }
}

TEST_CASE("columns of a quantile regression are standardised over rows that weigh something") {
  for (const bool is_sparse : {false, true}) {
    for (const bool fit_intercept : {true, false}) {
      const double penalty = 40;
      const Sample sample(300, penalty, fit_intercept, is_sparse);
      const QuantileProblem& problem = sample.problem;
      std::vector<std::int64_t> columns;
      for (std::int64_t j = 0; j < 3; ++j) {
        double count = 0, sum = 0, squares = 0, most = 0;
        for (std::int64_t i = 0; i < 300; ++i) {
          const double value = sample.cells[i * 3 + j];
          CHECK(problem.At(i, j) == value);
          if (!(sample.weights[i] > 0)) continue;
          count += 1;
          sum += value;
        }
        const double shift = fit_intercept ? sum / count : 0;
        for (std::int64_t i = 0; i < 300; ++i) {
          const double apart = sample.cells[i * 3 + j] - shift;
          squares += sample.weights[i] > 0 ? apart * apart : 0;
          most += 0.7 * sample.weights[i] * std::abs(apart);
        }
        CHECK(problem.shift[j] == doctest::Approx(shift));
        CHECK(problem.factor[j] == doctest::Approx(1 / std::sqrt(squares / count)));
        if (penalty < most) columns.push_back(j);
      }
      CHECK(problem.columns == columns);
    }
  }
}

TEST_CASE("a check of a point sums losses, gaps and what the multipliers are off") {
  const Sample sample(300, 0.05, true, false);
  QuantileRows rows(sample.problem, sample.context.ctx);
  const Numbers beta = Random(sample.problem.size(), 8);
  rows.Snap(beta);
  const QuantileRows::Check check = rows.Evaluate(beta);
  double loss = 0;
  Numbers off(beta.size());
  for (std::int64_t i = 0; i < sample.problem.constraints(); ++i) {
    const double r = sample.problem.Target(i) - sample.Margin(i, beta);
    loss += sample.problem.Loss(i, r);
    sample.AddTo(off, i, r > 0 ? sample.problem.Upper(i) : -sample.problem.Lower(i));
  }
  CHECK(check.loss == doctest::Approx(loss));
  CheckNear(check.off, off);
  double gap = 0;  // every multiplier is at the bound of its residual
  for (std::size_t j = 0; j < off.size(); ++j) gap += std::abs(off[j]) * (1 + std::abs(beta[j]));
  CHECK(check.gap == doctest::Approx(gap));
}

TEST_CASE("a semidefinite matrix is solved where it can be, and unknowns it does not see are 0") {
  // Columns 0, 1 and their sum.
  const Numbers matrix = {2, 1, 3, 1, 5, 6, 3, 6, 9};
  const Numbers x = SemidefiniteFactor(matrix, 3).Solve({4, 11, 15});
  CheckNear(x, {1, 2, 0});
  CheckNear(SemidefiniteFactor({0, 0, 0, 4}, 2).Solve({7, 8}), {0, 2});
}

TEST_CASE("the vertex that is found is the best of all, with ties and without") {
  TestContext context(1);
  for (const double step : {1e-3, 0.5}) {
    for (const std::int64_t rows : {2, 5, 24, 60}) {
      CAPTURE(rows);
      CAPTURE(step);
      const VertexProblem problem = LineProblem(rows, step);
      double best = std::numeric_limits<double>::infinity();
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < i; ++j) {
          const double* p = problem.a.data() + 2 * i;
          const double* q = problem.a.data() + 2 * j;
          const double det = p[0] * q[1] - p[1] * q[0];
          if (std::abs(det) < 1e-9) continue;
          const double b = problem.target[i];
          const double c = problem.target[j];
          best = std::min(
              best, LossAt(problem, {(b * q[1] - c * p[1]) / det, (p[0] * c - q[0] * b) / det}));
        }
      }
      const Vertex vertex = FindVertex(problem, context.ctx);
      if (!vertex.optimal) {  // two rows may not hold back the tilt
        CHECK(rows < 5);
        continue;
      }
      CHECK(LossAt(problem, vertex.beta) == doctest::Approx(best).epsilon(1e-9));
      Numbers sum = problem.tilt;
      for (std::int64_t i = 0; i < rows; ++i) {
        CHECK(vertex.dual[i] <= problem.upper[i]);
        CHECK(vertex.dual[i] >= -problem.lower[i]);
        for (int j = 0; j < 2; ++j) sum[j] += vertex.dual[i] * problem.a[2 * i + j];
      }
      CheckNear({1 + sum[0], 1 + sum[1]}, {1, 1}, 1e-9);
    }
  }
}

TEST_CASE("a loss that falls without end has no vertex that is optimal") {
  TestContext context(1);
  VertexProblem problem = LineProblem(10, 1e-3);
  problem.tilt = {100, 0};
  CHECK(!FindVertex(problem, context.ctx).optimal);
}

TEST_CASE("a quantile regression is the same for any number of threads") {
  const std::int64_t rows = 5000;
  const Numbers x = Random(rows * 6, 1);
  QuantileModel models[2];
  for (const int jobs : {1, 4}) {
    TestContext context(jobs);
    const LinearStore store = StoreOf(x, rows, 6, context.ctx);
    QuantileOptions options;
    options.alpha = 0.001;
    options.quantile = 0.8;
    models[jobs / 4] = FitQuantile(store, Random(rows, 2), {}, options, context.ctx);
  }
  CHECK(models[0].converged);
  CHECK(models[0].coef == models[1].coef);
  CHECK(models[0].intercept == models[1].intercept);
  CHECK(models[0].gap == models[1].gap);
}
