#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "rowwise/margin_map.h"
#include "rowwise/row_store.h"
#include "rowwise/sgd.h"
#include "test_context.h"

using namespace treeline;

namespace {

struct Table {
  std::int64_t cols = 3;
  std::vector<double> values;  // row-major
  std::vector<double> y;       // -1 or 1
  std::int64_t rows() const { return static_cast<std::int64_t>(y.size()); }
};

Table Draw(std::int64_t rows, std::int64_t cols) {
  Table table;
  table.cols = cols;
  for (std::int64_t i = 0; i < rows; ++i) {
    double sum = 0;
    for (std::int64_t j = 0; j < cols; ++j) {
      table.values.push_back(static_cast<double>(static_cast<float>(RandomUniform(1, j, i) - 0.5)));
      sum += table.values.back() * (j % 2 == 0 ? 1 : -2);
    }
    table.y.push_back(sum + 0.2 * RandomUniform(2, 0, i) > 0 ? 1 : -1);
  }
  return table;
}

template <typename T>
Block BlockOf(const std::vector<T>& values, std::int64_t cols, std::int64_t begin,
              std::int64_t rows) {
  Block block;
  block.rows = rows;
  block.first_row = begin;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = values.data() + begin * cols + j;
    column.stride = cols;
    column.type = sizeof(T) == 4 ? DType::kFloat32 : DType::kFloat64;
    block.columns.push_back(column);
  }
  return block;
}

RowStore StoreOf(const Table& table, std::int64_t chunk, int threads, MemoryBudget budget = {}) {
  TestContext test(threads);
  RowStore store(FeatureLabels("X", {}, table.cols), std::move(budget));
  for (std::int64_t row = 0; row < table.rows(); row += chunk) {
    store.Push(BlockOf(table.values, table.cols, row, std::min(chunk, table.rows() - row)),
               test.ctx);
  }
  store.Finish();
  return store;
}

/// The entries of a row-major table in compressed rows; every third zero is one of them.
struct Entries {
  std::int64_t cols;
  std::vector<double> starts{0};
  std::vector<std::int32_t> columns;
  std::vector<double> values;

  explicit Entries(const Table& table) : cols(table.cols) {
    for (std::int64_t i = 0; i < table.rows(); ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        const double value = table.values[i * cols + j];
        if (value == 0 && (i + j) % 3 != 0) continue;
        columns.push_back(static_cast<std::int32_t>(j));
        values.push_back(value);
      }
      starts.push_back(static_cast<double>(values.size()));
    }
  }
  SparseView View(std::int64_t first, std::int64_t count) const {
    SparseView view;
    view.rows = count;
    view.first_row = first;
    view.cols = cols;
    view.starts.values = starts.data() + first;
    view.columns.type = DType::kInt32;
    view.columns.values = columns.data();
    view.values.values = values.data();
    view.entries = static_cast<std::int64_t>(values.size());
    return view;
  }
};

/// Most values zero, and the first row and column all of them.
Table DrawSparse(std::int64_t rows, std::int64_t cols) {
  Table table = Draw(rows, cols);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) {
      const bool is_zero = i == 0 || (j == 0 && cols > 1) || RandomUniform(5, j, i) < 0.7;
      if (is_zero) table.values[i * cols + j] = 0;
    }
  }
  return table;
}

RowStore SparseStoreOf(const Table& table, std::int64_t chunk) {
  const Entries entries(table);
  RowStore store(FeatureLabels("X", {}, table.cols));
  for (std::int64_t row = 0; row < table.rows(); row += chunk)
    store.PushSparse(entries.View(row, std::min(chunk, table.rows() - row)));
  store.Finish();
  return store;
}

SgdState Fit(const RowStore& store, const SgdTarget& target, const SgdOptions& options) {
  TestContext test(1);
  SgdState state;
  state.coef.assign(static_cast<std::size_t>(store.cols()), 0.0);
  if (options.average > 0) state.average_coef = state.coef;
  DescendStochastically(store, target, options, state, test.ctx);
  return state;
}

}  // namespace

TEST_CASE("a row store keeps rows, their norms and zeros behind them, for any chunks and threads") {
  for (const std::int64_t rows : {1, 1023, 1024, 1025, 3000}) {
    for (const std::int64_t cols : {1, 7, 8, 9}) {
      const Table table = Draw(rows, cols);
      for (const std::int64_t chunk : {rows, std::int64_t{700}, std::int64_t{1}}) {
        const RowStore store = StoreOf(table, chunk, 3);
        REQUIRE(store.rows() == rows);
        CHECK_FALSE(store.is_narrow());
        for (std::int64_t i = 0; i < rows; ++i) {
          double norm = 0;
          for (std::int64_t j = 0; j < store.stride(); ++j) {
            const double expected = j < cols ? table.values[i * cols + j] : 0;
            if (store.WideRow(i)[j] != expected) FAIL("row " << i << ", column " << j);
            norm += expected * expected;
          }
          if (std::abs(store.SquaredNorm(i) - norm) > 1e-12) FAIL("norm of row " << i);
        }
      }
    }
  }
}

TEST_CASE("rows of float32 stay so until float64 comes, and give the same coefficients") {
  const Table table = Draw(2500, 5);
  const std::vector<float> narrow(table.values.begin(), table.values.end());
  TestContext test(2);
  RowStore half(FeatureLabels("X", {}, 5));
  half.Push(BlockOf(narrow, 5, 0, 1500), test.ctx);
  CHECK(half.is_narrow());
  RowStore all(FeatureLabels("X", {}, 5));
  all.Push(BlockOf(narrow, 5, 0, 2500), test.ctx);
  all.Finish();
  half.Push(BlockOf(table.values, 5, 1500, 1000), test.ctx);
  half.Finish();
  CHECK_FALSE(half.is_narrow());
  const RowStore wide = StoreOf(table, 2500, 1);
  SgdTarget target;
  target.y = table.y;
  SgdOptions options;
  options.max_iter = 3;
  const SgdState expected = Fit(wide, target, options);
  CHECK(Fit(half, target, options).coef == expected.coef);
  CHECK(Fit(all, target, options).coef == expected.coef);
}

TEST_CASE("rows beyond the budget lie in a file and give the same coefficients") {
  const Table table = Draw(40'000, 9);
  const std::vector<float> narrow(table.values.begin(), table.values.end());
  SgdTarget target;
  target.y = table.y;
  SgdOptions options;
  options.max_iter = 2;
  const SgdState expected = Fit(StoreOf(table, 5000, 2), target, options);
  const RowStore spilled = StoreOf(table, 777, 2, MemoryBudget{1'000'000, ""});
  CHECK(spilled.spilled_bytes() > 3'000'000);
  CHECK(spilled.bytes() < 2'500'000);
  CHECK(Fit(spilled, target, options).coef == expected.coef);
  // Rows that came as float32 and went to the file are filed anew when float64 comes.
  TestContext test(2);
  RowStore mixed(FeatureLabels("X", {}, 9), MemoryBudget{100'000, ""});
  mixed.Push(BlockOf(narrow, 9, 0, 30'500), test.ctx);
  CHECK(mixed.is_narrow());
  mixed.Push(BlockOf(table.values, 9, 30'500, 9500), test.ctx);
  mixed.Finish();
  CHECK_FALSE(mixed.is_narrow());
  CHECK(Fit(mixed, target, options).coef == expected.coef);
}

TEST_CASE("a descent equals its naive twin, with every penalty, averaged or not") {
  const Table table = Draw(300, 4);
  const RowStore store = StoreOf(table, 100, 1);
  std::vector<double> weights;
  for (std::int64_t i = 0; i < 300; ++i) weights.push_back(static_cast<double>(i % 3));
  for (const SgdPenalty penalty :
       {SgdPenalty::kNone, SgdPenalty::kL2, SgdPenalty::kL1, SgdPenalty::kElasticNet}) {
    SgdOptions options;
    options.penalty = penalty;
    options.alpha = 0.01;
    options.l1_ratio = 0.3;
    options.shuffle = false;
    options.max_iter = 2;
    options.average = 100;
    options.schedule = SgdSchedule::kInvScaling;
    options.eta0 = 0.1;
    SgdTarget target;
    target.y = table.y;
    target.weights = weights;
    target.positive_weight = 2;
    const SgdState state = Fit(store, target, options);
    const double l1 = penalty == SgdPenalty::kL1 ? 1 : penalty == SgdPenalty::kElasticNet ? 0.3 : 0;
    const double l2 = penalty == SgdPenalty::kNone || penalty == SgdPenalty::kL1 ? 0 : 1 - l1;
    std::vector<double> w(4), average(4), paid(4);
    double intercept = 0, mean_intercept = 0, due = 0;
    for (std::int64_t step = 0; step < 600; ++step) {
      const std::int64_t i = step % 300;
      const double* x = table.values.data() + i * 4;
      double p = intercept;
      for (int j = 0; j < 4; ++j) p += w[j] * x[j];
      const double eta = 0.1 / std::pow(static_cast<double>(step + 1), 0.5);
      const double update =
          eta * (table.y[i] * p <= 1 ? table.y[i] : 0) * weights[i] * (table.y[i] > 0 ? 2 : 1);
      for (int j = 0; j < 4; ++j) w[j] = w[j] * (1 - l2 * eta * 0.01) + update * x[j];
      intercept += update;
      const double n = static_cast<double>(step + 1 - 100 + 1);
      for (int j = 0; n >= 1 && j < 4; ++j) average[j] += (w[j] - average[j]) / n;
      if (n >= 1) mean_intercept += (intercept - mean_intercept) / n;
      if (l1 == 0) continue;
      due += l1 * eta * 0.01;
      for (int j = 0; j < 4; ++j) {
        const double before = w[j];
        if (before > 0) w[j] = std::max(0.0, before - (due + paid[j]));
        if (before < 0) w[j] = std::min(0.0, before + (due - paid[j]));
        paid[j] += w[j] - before;
      }
    }
    for (int j = 0; j < 4; ++j) {
      CHECK(state.coef[j] == doctest::Approx(w[j]).epsilon(1e-9));
      // What the L1 penalty takes off is not part of the trick's average, as in scikit-learn.
      if (l1 == 0) CHECK(state.average_coef[j] == doctest::Approx(average[j]).epsilon(1e-9));
    }
    CHECK(state.intercept == doctest::Approx(intercept).epsilon(1e-9));
    if (l1 == 0) CHECK(state.average_intercept == doctest::Approx(mean_intercept).epsilon(1e-9));
    CHECK(state.t == 601);
  }
}

TEST_CASE("entries give the sums of dense rows, bit for bit, and mark the columns they are in") {
  for (std::int64_t cols = 1; cols <= 2 * simd::kRowLanes + 1; ++cols) {
    const Table table = DrawSparse(70, cols);
    const RowStore dense = StoreOf(table, 70, 1);
    const RowStore sparse = SparseStoreOf(table, 11);
    REQUIRE(sparse.is_sparse());
    REQUIRE(sparse.rows() == 70);
    const EntryRows entries(sparse);
    const DenseRows<double> rows(dense);
    std::vector<double> w(static_cast<std::size_t>(dense.stride()));
    for (std::int64_t j = 0; j < cols; ++j) w[j] = RandomUniform(6, 0, j) - 0.5;
    for (std::int64_t i = 0; i < 70; ++i) {
      CHECK(entries.Dot(i, w.data()) == rows.Dot(i, w.data()));
      CHECK(entries.SquaredNorm(i) == rows.SquaredNorm(i));
      std::vector<double> a(w), b(w);
      entries.AddScaled(i, 0.3, a.data());
      rows.AddScaled(i, 0.3, b.data());
      CHECK(a == b);
      std::vector<std::uint64_t> marks(1), all(1);
      entries.Mark(i, marks);
      rows.Mark(i, all);
      CHECK(all[0] == (std::uint64_t{1} << cols) - 1);
      std::vector<std::int64_t> columns, expected;
      entries.ForEach(i, [&](std::int64_t j, double) { columns.push_back(j); });
      rows.ForEach(i, [&](std::int64_t j, double x) {
        expected.push_back(j);
        CHECK(x == table.values[i * cols + j]);
        CHECK((marks[0] >> j & 1) == 1);
      });
      CHECK(columns == expected);
    }
  }
}

TEST_CASE("a descent on entries is that on dense rows, bit for bit") {
  const Table table = DrawSparse(700, 130);
  std::vector<float> narrow(table.values.begin(), table.values.end());
  TestContext test(2);
  RowStore floats(FeatureLabels("X", {}, 130));
  floats.Push(BlockOf(narrow, 130, 0, 700), test.ctx);
  floats.Finish();
  const RowStore dense = StoreOf(table, 700, 1);
  const RowStore sparse = SparseStoreOf(table, 300);
  std::vector<std::uint8_t> held_out(700);
  for (std::size_t i = 0; i < 700; i += 5) held_out[i] = 1;
  for (const SgdPenalty penalty :
       {SgdPenalty::kNone, SgdPenalty::kL2, SgdPenalty::kL1, SgdPenalty::kElasticNet}) {
    for (const double alpha : {1e-3, 5.0}) {  // the larger one resets the scale again and again
      SgdOptions options;
      options.penalty = penalty;
      options.alpha = alpha;
      options.schedule = SgdSchedule::kInvScaling;
      options.eta0 = 0.1;
      options.tol = 1e-4;
      options.average = 300;
      options.early_stopping = alpha > 1;
      SgdTarget target;
      target.y = table.y;
      if (options.early_stopping) target.held_out = held_out;
      const SgdState expected = Fit(dense, target, options);
      for (const RowStore* store : std::vector<const RowStore*>{&floats, &sparse}) {
        const SgdState state = Fit(*store, target, options);
        CHECK(state.coef == expected.coef);
        CHECK(state.intercept == expected.intercept);
        CHECK(state.average_coef == expected.average_coef);
        CHECK(state.n_iter == expected.n_iter);
      }
    }
  }
}

TEST_CASE("gradients are the derivatives of the losses") {
  for (const SgdLoss kind :
       {SgdLoss::kHinge, SgdLoss::kSquaredHinge, SgdLoss::kLogLoss, SgdLoss::kModifiedHuber,
        SgdLoss::kPerceptron, SgdLoss::kSquaredError, SgdLoss::kHuber, SgdLoss::kEpsilonInsensitive,
        SgdLoss::kSquaredEpsilonInsensitive}) {
    const SgdLossFunction loss{kind, 0.3};
    for (const double y : {-1.0, 1.0}) {
      for (double p = -3.05; p < 3.1; p += 0.1) {
        const double h = 1e-6;
        const double slope = (loss.Value(y, p + h) - loss.Value(y, p - h)) / (2 * h);
        CHECK(loss.Gradient(y, p) == doctest::Approx(slope).epsilon(1e-5));
        CHECK(loss.Value(y, p) >= 0);
      }
    }
    CHECK(std::isfinite(loss.Value(1, -1e6)));
    CHECK(std::isfinite(loss.Gradient(1, 1e6)));
  }
}

TEST_CASE("the order of the rows is another in every epoch, and the same for a seed") {
  const Table table = Draw(500, 3);
  const RowStore store = StoreOf(table, 500, 1);
  SgdTarget target;
  target.y = table.y;
  SgdOptions options;
  options.max_iter = 1;
  const SgdState first = Fit(store, target, options);
  CHECK(Fit(store, target, options).coef == first.coef);
  options.seed = 1;
  CHECK(Fit(store, target, options).coef != first.coef);
}

TEST_CASE("a descent stops when nothing improves, and says so") {
  const Table table = Draw(400, 3);
  const RowStore store = StoreOf(table, 400, 1);
  std::vector<std::uint8_t> held_out(400);
  for (std::size_t i = 0; i < 400; i += 5) held_out[i] = 1;
  SgdTarget target;
  target.y = table.y;
  SgdOptions options;
  options.tol = 1e-3;
  const SgdState by_loss = Fit(store, target, options);
  CHECK(by_loss.converged);
  CHECK(by_loss.n_iter < 1000);
  target.held_out = held_out;
  options.early_stopping = true;
  const SgdState by_score = Fit(store, target, options);
  CHECK(by_score.converged);
  CHECK(by_score.t == 1 + 320 * static_cast<double>(by_score.n_iter));
  options.is_classifier = false;
  CHECK(Fit(store, target, options).converged);
  options.max_iter = 2;
  const SgdState cut = Fit(store, target, options);
  CHECK_FALSE(cut.converged);
  CHECK(cut.n_iter == 2);
}

TEST_CASE("what a descent cannot use is refused in words, and a cancelled one ends") {
  Table table = Draw(1500, 3);
  TestContext test(1);
  const auto message = [&](auto&& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  table.values[1200 * 3 + 1] = std::nan("");
  CHECK(message([&] { StoreOf(table, 1000, 1); }).find("NaN in row 1200, column 1") !=
        std::string::npos);
  CHECK(message([&] { SparseStoreOf(table, 1000); }).find("NaN in row 1200, column 1") !=
        std::string::npos);
  table.values[1200 * 3 + 1] = 1e200;
  CHECK(message([&] { SparseStoreOf(table, 1000); }).find("too large to square in row 1200") !=
        std::string::npos);
  CHECK(message([&] { StoreOf(table, 1000, 1); }).find("too large to square in row 1200") !=
        std::string::npos);
  table.values[1200 * 3 + 1] = 1e150;
  const RowStore store = StoreOf(table, 1000, 1);
  SgdTarget target;
  target.y = table.y;
  SgdOptions options;
  options.loss.kind = SgdLoss::kSquaredError;
  options.schedule = SgdSchedule::kConstant;
  options.eta0 = 1e300;
  CHECK(message([&] { Fit(store, target, options); }).find("overflow in epoch") !=
        std::string::npos);
  test.cancel.Cancel();
  SgdState state;
  state.coef.assign(3, 0.0);
  CHECK_THROWS_AS(DescendStochastically(store, target, options, state, test.ctx), Error);
  SgdProblem problem;
  problem.n_classes = 2;
  problem.codes.assign(1500, 2);
  std::vector<SgdState> states(1, state);
  TestContext fresh(1);
  CHECK(message([&] { FitSgd(store, problem, options, states, fresh.ctx); }) ==
        "a class code out of range");
  problem.codes.resize(3);
  CHECK(message([&] {
          FitSgd(store, problem, options, states, fresh.ctx);
        }).find("number of rows") != std::string::npos);
}

TEST_CASE("a margin map says of entries what it says of dense rows, bit for bit") {
  const Table table = DrawSparse(300, 5);
  const Entries entries(table);
  SparseRows rows(5);
  rows.Append(entries.View(0, 300), FeatureLabels("X", {}, 5));
  TestContext test(2);
  for (const std::size_t n : {1, 3}) {
    for (const MarginOutput output :
         {MarginOutput::kDecision, MarginOutput::kClass, MarginOutput::kSigmoid,
          MarginOutput::kClipped, MarginOutput::kLogSigmoid, MarginOutput::kLogClipped}) {
      std::vector<double> coef, intercept;
      for (std::size_t i = 0; i < 5 * n; ++i) coef.push_back(RandomUniform(7, 0, i) * 4 - 2);
      for (std::size_t i = 0; i < n; ++i) intercept.push_back(RandomUniform(7, 1, i) - 0.5);
      const MarginMap map(FeatureLabels("X", {}, 5), coef, intercept, output);
      std::vector<double> expected(static_cast<std::size_t>(300 * map.n_outputs()));
      std::vector<double> values(expected.size());
      map.Apply(BlockOf(table.values, 5, 0, 300), expected.data(), test.ctx);
      map.Apply(rows, values.data(), test.ctx);
      CHECK(values == expected);
    }
  }
}

TEST_CASE("a margin map gives decisions, classes and probabilities of one output and of three") {
  const Table table = Draw(300, 2);
  TestContext test(2);
  const Block block = BlockOf(table.values, 2, 0, 300);
  const auto map = [&](std::int64_t outputs, MarginOutput output) {
    const std::vector<double> coef = {3, -1, -2, 2, 0.5, 4};
    const std::vector<double> intercept = {0.1, -0.2, 0.3};
    const MarginMap made(FeatureLabels("X", {}, 2), {coef.begin(), coef.begin() + outputs * 2},
                         {intercept.begin(), intercept.begin() + outputs}, output);
    std::vector<double> values(static_cast<std::size_t>(300 * made.n_outputs()));
    made.Apply(block, values.data(), test.ctx);
    return values;
  };
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const auto clipped = [](double x) { return (std::clamp(x, -1.0, 1.0) + 1) / 2; };
  const std::vector<double> one = map(1, MarginOutput::kDecision);
  const std::vector<double> three = map(3, MarginOutput::kDecision);
  for (std::size_t i = 0; i < 300; ++i) {
    CHECK(one[i] == doctest::Approx(3 * table.values[2 * i] - table.values[2 * i + 1] + 0.1));
    CHECK(map(1, MarginOutput::kClass)[i] == (one[i] > 0 ? 1 : 0));
    CHECK(map(1, MarginOutput::kSigmoid)[2 * i + 1] == doctest::Approx(sigmoid(one[i])));
    CHECK(map(1, MarginOutput::kClipped)[2 * i] == doctest::Approx(1 - clipped(one[i])));
    const double* row = three.data() + 3 * i;
    const double total = sigmoid(row[0]) + sigmoid(row[1]) + sigmoid(row[2]);
    CHECK(map(3, MarginOutput::kSigmoid)[3 * i + 2] == doctest::Approx(sigmoid(row[2]) / total));
    CHECK(map(3, MarginOutput::kLogSigmoid)[3 * i] ==
          doctest::Approx(std::log(sigmoid(row[0]) / total)));
    const double clips = clipped(row[0]) + clipped(row[1]) + clipped(row[2]);
    CHECK(map(3, MarginOutput::kClipped)[3 * i + 1] ==
          doctest::Approx(clips > 0 ? clipped(row[1]) / clips : 1.0 / 3));
    i += 37;
  }
}
