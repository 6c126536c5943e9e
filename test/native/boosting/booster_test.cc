#include "boosting/booster.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "boosting/forest_map.h"
#include "boosting/model_io.h"
#include "core/random.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A context on n_jobs threads, and all it refers to.
struct Run {
  explicit Run(int n_jobs) : ctx{pool, n_jobs, cancel, progress, reducer} {}
  ThreadPool pool;
  CancelToken cancel;
  NoProgress progress;
  LocalReducer reducer;
  Context ctx;
};

/// A row-major table with missing values, few-valued and constant columns.
struct Data {
  std::int64_t rows, cols;
  std::vector<double> x, y;
};

Data MakeData(std::int64_t rows, std::int64_t cols) {
  Data data{rows, cols, std::vector<double>(static_cast<std::size_t>(rows * cols)), {}};
  for (std::int64_t i = 0; i < rows; ++i) {
    double z = 0;
    for (std::int64_t j = 0; j < cols; ++j) {
      double value = RandomUniform(1, static_cast<std::uint64_t>(j), static_cast<std::uint64_t>(i));
      if (j == 1) value = std::floor(4 * value);
      if (j == 2) value = 7;
      z += (j % 3 == 0 ? 2 : -1) * value;
      if (j == 3 && RandomUniform(2, 0, static_cast<std::uint64_t>(i)) < 0.2) value = kNaN, z += 1;
      data.x[i * cols + j] = value;
    }
    data.y.push_back(
        RandomUniform(3, 0, static_cast<std::uint64_t>(i)) < 1 / (1 + std::exp(-z)) ? 1 : 0);
  }
  return data;
}

void PushAll(Sink& sink, const Data& data, std::int64_t block_rows, const Context& ctx) {
  for (std::int64_t begin = 0; begin < data.rows; begin += block_rows) {
    Block block;
    block.rows = std::min(block_rows, data.rows - begin);
    block.first_row = begin;
    for (std::int64_t j = 0; j < data.cols; ++j) {
      Column column;
      column.values = data.x.data() + begin * data.cols + j;
      column.stride = data.cols;
      block.columns.push_back(column);
    }
    block.is_row_major = true;
    sink.Push(block, ctx);
  }
}

std::vector<std::uint8_t> FitBytes(const Data& data, BoosterParams params, std::int64_t block_rows,
                                   int n_jobs, const std::vector<std::uint8_t>& row_use = {},
                                   Model* out = nullptr) {
  Run run(n_jobs);
  SketchSink sketch({data.cols, data.rows, 5, row_use, {}});
  PushAll(sketch, data, block_rows, run.ctx);
  BinningSink bins(std::make_shared<const BinMapper>(FindAllThresholds(sketch, 255, run.ctx)),
                   row_use);
  PushAll(bins, data, block_rows, run.ctx);
  Model model;
  FitState state;
  Boost(params, {bins, data.y, {}, {}}, model, state, run.ctx);
  if (out != nullptr) *out = model;
  return WriteModel(model, state);
}

BoosterParams LogLossParams() {
  BoosterParams params;
  params.loss.kind = LossKind::kLogLoss;
  params.max_iter = 8;
  return params;
}

}  // namespace

TEST_CASE("a model is the same, bit for bit, for any number of threads and any blocks of rows") {
  const Data data = MakeData(40'000, 37);
  const auto expected = FitBytes(data, LogLossParams(), data.rows, 1);
  for (const int n_jobs : {1, 2, 4}) {
    for (const std::int64_t block_rows : {std::int64_t{999}, std::int64_t{16'384}, data.rows}) {
      CHECK(FitBytes(data, LogLossParams(), block_rows, n_jobs) == expected);
    }
  }
}

TEST_CASE("early stopping with held-out rows is deterministic too") {
  const Data data = MakeData(20'000, 5);
  std::vector<std::uint8_t> row_use(static_cast<std::size_t>(data.rows));
  for (std::size_t i = 0; i < row_use.size(); ++i) row_use[i] = RandomBits(8, 8, i) % 10 == 0;
  BoosterParams params = LogLossParams();
  params.early_stopping = true;
  params.max_iter = 30;
  const auto expected = FitBytes(data, params, data.rows, 1, row_use);
  CHECK(FitBytes(data, params, 777, 3, row_use) == expected);
}

TEST_CASE("every leaf holds min_samples_leaf rows, exactly counted") {
  const Data data = MakeData(5'000, 6);
  for (const std::int64_t min_samples : {1, 2, 57, 400, 2500, 2501}) {
    BoosterParams params = LogLossParams();
    params.grower.min_samples_leaf = min_samples;
    Model model;
    FitBytes(data, params, 1000, 2, {}, &model);
    for (const Tree& tree : model.trees) {
      std::int64_t rows = 0;
      for (const TreeNode& node : tree.nodes) {
        if (node.feature >= 0) continue;
        CHECK((node.count >= min_samples || tree.nodes.size() == 1));
        rows += node.count;
      }
      CHECK(rows == data.rows);
      if (min_samples == 2501) CHECK(tree.nodes.size() == 1);
    }
  }
}

TEST_CASE("damaged model bytes are refused, never crash") {
  const Data data = MakeData(500, 4);
  const auto bytes = FitBytes(data, LogLossParams(), data.rows, 1);
  Model model;
  FitState state;
  for (std::size_t n = 0; n < bytes.size(); n += 1 + n / 16) {
    CHECK_THROWS_AS(ReadModel(std::span(bytes).first(n), model, state), Error);
  }
  for (std::size_t at = 0; at < std::min<std::size_t>(bytes.size(), 4000); at += 3) {
    auto damaged = bytes;
    damaged[at] ^= 0x80;
    try {
      ReadModel(damaged, model, state);  // what passes must at least be a forest
      const ForestMap map(std::make_shared<Model>(model), LossKind::kLogLoss, ForestOutput::kRaw, 0,
                          model.n_iterations());
    } catch (const Error&) {
    }
  }
}

TEST_CASE("thresholds are midpoints of few values, quantiles of many, and never infinite") {
  const std::vector<double> few = {3, 1, 1, 2, kNaN, 3};
  CHECK(FindThresholds(few, {}, 255) == std::vector<double>{1.5, 2.5});
  const std::vector<double> weights = {1, 1, 1, 0, 1, 1};
  CHECK(FindThresholds(few, weights, 255) == std::vector<double>{2});
  CHECK(FindThresholds(std::vector<double>(9, 4.0), {}, 255).empty());
  CHECK(FindThresholds(std::vector<double>(9, kNaN), {}, 255).empty());
  const double inf = std::numeric_limits<double>::infinity();
  for (const double t : FindThresholds(std::vector<double>{-inf, 0, 1, inf}, {}, 255))
    CHECK(t < inf);
  std::vector<double> many;
  for (int i = 0; i < 10'000; ++i)
    many.push_back(RandomUniform(1, 1, static_cast<std::uint64_t>(i)));
  const auto thresholds = FindThresholds(many, {}, 255);
  CHECK(thresholds.size() == 254);
  CHECK(std::is_sorted(thresholds.begin(), thresholds.end()));
  const std::vector<double> ones(many.size(), 1.0);
  CHECK(FindThresholds(many, ones, 255) == thresholds);
}

TEST_CASE("histograms are exact sums over any rows") {
  const Data data = MakeData(2'000, 70);
  Run run(2);
  SketchSink sketch({data.cols, data.rows, 5, {}, {}});
  PushAll(sketch, data, data.rows, run.ctx);
  BinningSink bins(std::make_shared<const BinMapper>(FindAllThresholds(sketch, 255, run.ctx)), {});
  PushAll(bins, data, 300, run.ctx);
  const BinnedStore& store = bins.train();
  std::vector<std::uint32_t> pairs(kChunkRows);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = static_cast<std::uint32_t>(RandomBits(4, 4, i));
  RowPartition partition(store);
  partition.Reset();
  HistogramBuilder builder(store);
  for (int splits = 0; splits < 4; ++splits) {
    for (std::int64_t leaf = 0; leaf < partition.n_leaves(); ++leaf) {
      std::vector<std::int64_t> expected(static_cast<std::size_t>(data.cols * kHistogramBins));
      std::vector<std::uint16_t> ids(kChunkRows);
      partition.MarkLeaves(0, ids.data());
      std::int64_t count = 0;
      for (std::int64_t i = 0; i < data.rows; ++i) {
        if (ids[i] != leaf) continue;
        ++count;
        for (std::int64_t j = 0; j < data.cols; ++j) {
          expected[j * kHistogramBins + store.column(0, j)[i]] +=
              static_cast<std::int64_t>(static_cast<std::int16_t>(pairs[i] >> 16)) *
                  (std::int64_t{1} << 32) +
              static_cast<std::int64_t>(pairs[i] & 0xffff);
        }
      }
      CHECK(partition.count(leaf) == count);
      builder.Build(partition, leaf, {pairs.data()}, run.ctx);
      for (std::size_t b = 0; b < expected.size(); ++b) {
        std::int64_t sum = 0;
        for (const std::int64_t* part : builder.parts()) sum += part[b];
        REQUIRE(sum == expected[b]);
      }
    }
    const BinSplit split = BinSplit::Of(splits, 100 - 20 * splits, splits == 3);
    const std::int64_t leaf = splits / 2;
    const std::int64_t expected_left = partition.CountLeft(leaf, split, run.ctx);
    CHECK(partition.Split(leaf, split, run.ctx) == expected_left);
  }
}
