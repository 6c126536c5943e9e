#include "boosting/booster.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
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
                                   Model* out = nullptr, const BinningParams& binning = {},
                                   std::size_t* peak_bytes = nullptr) {
  Run run(n_jobs);
  SketchSink sketch({data.cols, data.rows, 5, row_use, {}, {}});
  PushAll(sketch, data, block_rows, run.ctx);
  const auto sink = MakeBinningSink(sketch, binning, {}, run.ctx);
  BinningSink& bins = *sink;
  PushAll(bins, data, block_rows, run.ctx);
  bins.Finish();
  Model model;
  FitState state;
  Boost(params, {bins, data.y, {}, {}}, model, state, run.ctx);
  if (out != nullptr) *out = model;
  if (peak_bytes != nullptr) *peak_bytes = state.trace.peak_bytes;
  return WriteModel(model, state);
}

/// ids[row] = leaf, for every row of a chunk that is in a leaf.
void MarkLeaves(const RowPartition& partition, std::int64_t chunk, std::int64_t rows,
                std::uint16_t* ids) {
  for (std::int64_t leaf = 0; leaf < partition.n_leaves(); ++leaf) {
    const RowSet set = partition.rows(leaf, chunk);
    const auto id = static_cast<std::uint16_t>(leaf);
    if (set.list != nullptr) {
      for (std::int64_t i = 0; i < set.count; ++i) ids[set.list[i]] = id;
      continue;
    }
    for (std::int64_t row = 0; row < rows; ++row) {
      if (set.is_all || ((set.bitmap[row / 64] >> (row % 64)) & 1) != 0) ids[row] = id;
    }
  }
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

TEST_CASE("deep trees, whose leaves are split ahead of their turn, are the same for any threads") {
  const Data data = MakeData(30'000, 12);
  for (const std::int64_t max_leaf_nodes : {9, 40, 255}) {
    for (const std::int64_t min_samples_leaf : {1, 40}) {
      BoosterParams params = LogLossParams();
      params.max_iter = 3;
      params.grower.max_leaf_nodes = max_leaf_nodes;
      params.grower.min_samples_leaf = min_samples_leaf;
      const auto expected = FitBytes(data, params, data.rows, 1);
      for (const int n_jobs : {2, 3, 16})
        CHECK(FitBytes(data, params, data.rows, n_jobs) == expected);
    }
  }
}

TEST_CASE("trees are the same when histograms are taken from leaves and built again") {
  const Data data = MakeData(9'000, 12);
  BoosterParams params = LogLossParams();
  params.grower.max_leaf_nodes = 60;
  const auto expected = FitBytes(data, params, data.rows, 1);
  for (const std::int64_t bytes : {1, 200'000}) {
    params.grower.histogram_bytes = bytes;
    for (const int n_jobs : {1, 3}) CHECK(FitBytes(data, params, data.rows, n_jobs) == expected);
  }
}

TEST_CASE("histograms of vector leaves, of all outputs together, keep to their limit") {
  Data data = MakeData(9'000, 12);
  data.y.assign(data.x.begin(), data.x.begin() + 3 * data.rows);
  for (double& y : data.y) y = std::isnan(y) ? -1 : y;
  BoosterParams params;
  params.max_iter = 3;
  params.n_outputs = 3;
  params.has_vector_leaves = true;
  params.grower.max_leaf_nodes = 60;
  std::size_t unlimited = 0, fewest = 0, limited = 0;
  const auto fit = [&](std::int64_t bytes, int n_jobs, std::size_t* peak) {
    params.grower.histogram_bytes = bytes;
    return FitBytes(data, params, data.rows, n_jobs, {}, nullptr, {}, peak);
  };
  constexpr std::int64_t kLimit = 600'000;
  const auto expected = fit(0, 1, &unlimited);
  CHECK(fit(kLimit, 3, nullptr) == expected);
  CHECK(fit(1, 1, &fewest) == expected);
  CHECK(fit(kLimit, 1, &limited) == expected);
  CHECK(fewest < limited);
  CHECK(limited < fewest + kLimit);
  CHECK(fewest + kLimit < unlimited);
}

TEST_CASE("a split of rows that is taken back leaves the rows as they were") {
  const Data data = MakeData(20'000, 4);
  Run run(1);
  SketchSink sketch({data.cols, data.rows, 5, {}, {}, {}});
  PushAll(sketch, data, data.rows, run.ctx);
  const auto sink = MakeBinningSink(sketch, {}, {}, run.ctx);
  PushAll(*sink, data, data.rows, run.ctx);
  RowPartition partition(sink->train());
  const auto ids = [&] {
    std::vector<std::uint16_t> marks(static_cast<std::size_t>(2 * kChunkRows));
    for (int c = 0; c < 2; ++c)
      MarkLeaves(partition, c, sink->train().chunk_rows(c), marks.data() + c * kChunkRows);
    marks.resize(static_cast<std::size_t>(data.rows));
    return marks;
  };
  // Parts of both kinds: bitmaps (many rows of a chunk) and lists, and parts without rows.
  for (const int first : {3, 128, 251}) {
    for (const int second : {0, 2, 100, 250, 254}) {
      partition.Reset();
      partition.Split(0, BinSplit::Of(0, first, false), run.ctx);
      const auto before = ids();
      for (const std::int64_t leaf : {0, 1}) {
        const std::int64_t rows = partition.count(leaf);
        const std::int64_t right = partition.AddLeaves(1);
        partition.SplitInto(leaf, right, BinSplit::Of(3, second, true), run.ctx);
        const std::int64_t n_right = partition.count(right);
        partition.Rejoin(leaf, right);
        CHECK(partition.count(leaf) == rows);
        CHECK(ids() == before);
        const BinSplit again = BinSplit::Of(3, second, true);
        CHECK(rows - partition.SplitInto(leaf, right, again, run.ctx) == n_right);
        partition.Rejoin(leaf, right);
      }
      partition.Renumber({1, 0});
      CHECK(partition.n_leaves() == 2);
      auto swapped = ids();
      for (std::uint16_t& id : swapped) id ^= 1;
      CHECK(swapped == before);
    }
  }
}

TEST_CASE("a model is the same, bit for bit, however its bins are kept") {
  Data data = MakeData(40'000, 60);
  for (std::int64_t i = 0; i < data.rows; ++i) {  // flags, few values, some missing
    for (std::int64_t j = 20; j < 60; ++j) {
      double& x = data.x[i * data.cols + j];
      x = std::floor(x * static_cast<double>(2 + j % 6));
      if (j % 7 == 0 && i % 5 == 0) x = kNaN;
    }
  }
  std::vector<std::uint8_t> row_use(static_cast<std::size_t>(data.rows));
  for (std::size_t i = 0; i < row_use.size(); ++i) row_use[i] = RandomBits(8, 8, i) % 10 == 0;
  BoosterParams params = LogLossParams();
  params.early_stopping = true;
  BinningParams plain;
  plain.bundle = false;
  const auto expected = FitBytes(data, params, data.rows, 1, row_use, nullptr, plain);
  for (const bool compact : {false, true}) {
    for (const bool bundle : {false, true}) {
      for (const std::int64_t memory_limit : {0, 1}) {  // in memory, in a file
        for (const int n_jobs : {1, 3}) {
          const BinningParams binning{255, compact, bundle, memory_limit, ""};
          CAPTURE(compact);
          CAPTURE(bundle);
          CAPTURE(memory_limit);
          CHECK(FitBytes(data, params, 5000, n_jobs, row_use, nullptr, binning) == expected);
        }
      }
    }
  }
}

TEST_CASE("a value that is missing only when the rows are read again is refused") {
  Data data = MakeData(2'000, 5);
  Run run(1);
  SketchSink sketch({data.cols, data.rows, 5, {}, {}, {}});
  PushAll(sketch, data, data.rows, run.ctx);
  const auto sink = MakeBinningSink(sketch, {}, {}, run.ctx);
  data.x[7] = kNaN;
  CHECK_THROWS_WITH_AS(PushAll(*sink, data, data.rows, run.ctx), doctest::Contains("column 2"),
                       Error);
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
  SketchSink sketch({data.cols, data.rows, 5, {}, {}, {}});
  PushAll(sketch, data, data.rows, run.ctx);
  const auto sink = MakeBinningSink(sketch, {}, {}, run.ctx);
  BinningSink& bins = *sink;
  PushAll(bins, data, 300, run.ctx);
  const BinnedStore& store = bins.train();
  std::vector<std::uint32_t> pairs(kChunkRows);
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = static_cast<std::uint32_t>(RandomBits(4, 4, i));
  RowPartition partition(store);
  partition.Reset();
  HistogramBuilder builder(store);
  const UsedColumns all(store.layout(), {});
  std::vector<std::uint8_t> looked_at(static_cast<std::size_t>(data.cols));
  for (std::size_t f = 0; f < looked_at.size(); ++f) looked_at[f] = f % 5 == 2 || f / 8 % 3 == 1;
  const UsedColumns some(store.layout(), looked_at);
  for (int splits = 0; splits < 4; ++splits) {
    for (std::int64_t leaf = 0; leaf < partition.n_leaves(); ++leaf) {
      std::vector<std::int64_t> expected(static_cast<std::size_t>(data.cols * kHistogramBins));
      std::vector<std::uint16_t> ids(kChunkRows);
      MarkLeaves(partition, 0, data.rows, ids.data());
      std::int64_t count = 0;
      for (std::int64_t i = 0; i < data.rows; ++i) {
        if (ids[i] != leaf) continue;
        ++count;
        for (std::int64_t j = 0; j < data.cols; ++j) {
          expected[j * kHistogramBins + store.bins(0, j, nullptr, 0, nullptr)[i]] +=
              static_cast<std::int64_t>(static_cast<std::int16_t>(pairs[i] >> 16)) *
                  (std::int64_t{1} << 32) +
              static_cast<std::int64_t>(pairs[i] & 0xffff);
        }
      }
      CHECK(partition.count(leaf) == count);
      const ColumnLayout& layout = store.layout();
      Histogram sums(static_cast<std::size_t>(layout.n_sums()));
      Histogram rest(sums.size());
      std::fill(rest.begin(), rest.end(), 0);
      std::vector<std::atomic<int>> calls(static_cast<std::size_t>(layout.n_columns()));
      FitTrace trace;
      builder.Build(
          {all, partition, leaf, {pairs.data()}, sums.data(), rest.data()},
          [&](std::int64_t column, int) { ++calls[column]; }, run.ctx, trace);
      CHECK(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; }));
      CHECK(trace.histogram_updates == count * layout.n_columns());
      Histogram sums_of_some(sums.size());
      std::fill(sums_of_some.begin(), sums_of_some.end(), 77);
      FitTrace trace_of_some;
      builder.Build(
          {some, partition, leaf, {pairs.data()}, sums_of_some.data(), nullptr},
          [&](std::int64_t column, int) { ++calls[column]; }, run.ctx, trace_of_some);
      CHECK(trace_of_some.histogram_updates == count * some.count());
      for (std::int64_t column = 0; column < layout.n_columns(); ++column) {
        const auto members = layout.members(column);
        const bool is_used = std::any_of(members.begin(), members.end(),
                                         [&](std::int64_t f) { return looked_at[f] != 0; });
        CHECK(calls[column] == (is_used ? 2 : 1));
        for (int code = 0; code < layout.n_codes(column); ++code) {
          const std::int64_t at = layout.first_sum(column) + code;
          REQUIRE(sums_of_some[at] == (is_used ? sums[at] : 77));
        }
      }
      for (std::int64_t f = 0; f < data.cols; ++f) {
        if (layout.feature(f).column < 0) continue;
        const std::int64_t at = layout.first_sum(layout.feature(f).column);
        std::int64_t scratch[kHistogramBins];
        const std::int64_t* bins_of_f = layout.FeatureSums(f, sums.data() + at, scratch);
        const std::int64_t* want = expected.data() + f * kHistogramBins;
        for (int b = 0; b < sink->mapper().n_bins(f); ++b) REQUIRE(bins_of_f[b] == want[b]);
        if (layout.feature(f).has_missing) CHECK(bins_of_f[255] == want[255]);
      }
      for (std::int64_t column = 0; column < layout.n_columns(); ++column) {
        for (int code = 0; code < layout.n_codes(column); ++code) {
          const std::int64_t at = layout.first_sum(column) + code;
          REQUIRE(rest[at] == -sums[at]);
        }
      }
    }
    const BinSplit split = BinSplit::Of(splits, 100 - 20 * splits, splits == 3);
    const std::int64_t leaf = splits / 2;
    std::vector<std::uint16_t> ids(kChunkRows);
    MarkLeaves(partition, 0, data.rows, ids.data());
    const std::uint8_t* column = store.bins(0, split.feature, nullptr, 0, nullptr);
    std::int64_t expected_left = 0;
    for (std::int64_t i = 0; i < data.rows; ++i) {
      const simd::BinTest test = split.test();
      const auto shifted = static_cast<std::uint8_t>(column[i] + test.shift);
      expected_left += ids[i] == leaf && shifted <= test.limit;
    }
    CHECK(partition.Split(leaf, split, run.ctx) == expected_left);
  }
}
