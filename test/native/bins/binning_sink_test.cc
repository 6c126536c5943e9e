#include "bins/binning_sink.h"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

#include "../test_context.h"
#include "boosting/booster.h"
#include "core/error.h"
#include "core/random.h"

using namespace treeline;

namespace {

constexpr std::int64_t kRows = 3 * kChunkRows + 100;
constexpr std::int64_t kCols = 3;

std::vector<double> Values() {
  std::vector<double> x;
  for (std::int64_t i = 0; i < kRows * kCols; ++i)
    x.push_back(RandomUniform(7, 0, static_cast<std::uint64_t>(i)));
  return x;
}

Block BlockOf(const std::vector<double>& x) {
  Block block;
  block.rows = kRows;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = x.data() + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  block.is_row_major = true;
  return block;
}

std::shared_ptr<BinningSink> Bins(const std::vector<double>& x, std::int64_t memory_limit,
                                  const Context& ctx) {
  SketchSink sketch({kCols, kRows, 1, {}, {}, {}});
  sketch.Push(BlockOf(x), ctx);
  BinningParams params;
  params.memory_limit = memory_limit;
  auto bins = MakeBinningSink(sketch, params, {}, ctx);
  bins->Push(BlockOf(x), ctx);
  return bins;
}

boosting::Model Fit(BinningSink& bins, const std::vector<double>& y, const Context& ctx) {
  bins.Finish();
  boosting::BoosterParams params;
  params.max_iter = 4;
  boosting::Model model;
  boosting::FitState state;
  boosting::Boost(params, {bins, y, {}, {}}, model, state, ctx);
  return model;
}

bool Same(const boosting::Model& a, const boosting::Model& b) {
  if (a.trees.size() != b.trees.size() || a.trees.empty()) return false;
  for (std::size_t t = 0; t < a.trees.size(); ++t) {
    if (a.trees[t].nodes.size() != b.trees[t].nodes.size()) return false;
    for (std::size_t n = 0; n < a.trees[t].nodes.size(); ++n) {
      const auto &left = a.trees[t].nodes[n], &right = b.trees[t].nodes[n];
      if (left.feature != right.feature || left.value != right.value) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("several fits at once finish and read one sink's bins, in memory and in a file") {
  const std::vector<double> x = Values();
  std::vector<double> y;
  for (std::int64_t i = 0; i < kRows; ++i) y.push_back(x[i * kCols] * x[i * kCols + 1]);
  const TestContext test(4);
  for (const std::int64_t limit : {std::int64_t{0}, std::int64_t{1}}) {
    const boosting::Model alone = Fit(*Bins(x, limit, test.ctx), y, test.ctx);
    const auto shared = Bins(x, limit, test.ctx);
    CHECK((shared->spilled_bytes() > 0) == (limit > 0));
    std::vector<boosting::Model> models(8);
    test.ctx.ParallelFor(8, [&](std::int64_t k, int) {
      const TestContext own(1);
      models[k] = Fit(*shared, y, own.ctx);
    });
    for (const boosting::Model& model : models) CHECK(Same(model, alone));
  }
}

TEST_CASE("bins that fits read take no more rows") {
  const std::vector<double> x = Values();
  const TestContext test(2);
  const auto bins = Bins(x, 0, test.ctx);
  bins->Close();
  CHECK_THROWS_AS(bins->Push(BlockOf(x), test.ctx), Error);
  bins->Finish();
  bins->Finish();
  CHECK(bins->train().rows() == kRows);
}
