#include "boosting/row_sampler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <memory>
#include <vector>

#include "bins/binning_sink.h"
#include "bins/quantile_sketch.h"
#include "core/random.h"
#include "test_context.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

/// Rows of one feature, binned, with what a sampler looks at: gradients of the squared error.
struct Problem {
  explicit Problem(std::int64_t rows, const Context& ctx)
      : targets(static_cast<std::size_t>(rows)) {
    for (std::int64_t i = 0; i < rows; ++i)
      targets[i] = 20 * RandomUniform(5, 0, static_cast<std::uint64_t>(i)) - 10;
    SketchParams params;
    params.n_features = 1;
    params.n_rows = rows;
    SketchSink sketch(params);
    Block block;
    block.rows = rows;
    block.columns.push_back({.values = targets.data()});
    sketch.Push(block, ctx);
    bins = MakeBinningSink(sketch, {}, {}, ctx);
    bins->Push(block, ctx);
    bins->Finish();
    data = std::make_unique<RowData>(bins->train(), 1, targets, std::span<const double>(),
                                     std::span<const std::uint8_t>(), RowUse::kTrain);
    data->SetScores(std::vector<double>{0}, {});
    gradients = std::make_unique<GradientEngine>(Loss{LossKind::kSquaredError, 0}, *data, 1);
    gradients->Compute(0, {}, ctx);
  }

  std::vector<double> targets;
  std::shared_ptr<BinningSink> bins;
  std::unique_ptr<RowData> data;
  std::unique_ptr<GradientEngine> gradients;
};

/// The factor of every row; checks that the bitmaps say the same.
std::vector<float> Factors(const RowSampler& sampler, std::int64_t rows) {
  std::vector<float> factors;
  for (std::int64_t i = 0; i < rows; ++i) {
    const std::int64_t c = i / kChunkRows, at = i % kChunkRows;
    const auto bit = [&](const RowBitmaps& bitmaps) {
      return (bitmaps[c][at / 64] >> (at % 64) & 1) != 0;
    };
    factors.push_back(sampler.factors()[c][at]);
    CHECK(bit(sampler.chosen()) == (factors.back() > 0));
    CHECK(bit(sampler.left_out()) == (factors.back() == 0));
  }
  return factors;
}

std::int64_t Count(const std::vector<float>& factors) {
  return std::count_if(factors.begin(), factors.end(), [](float factor) { return factor > 0; });
}

constexpr std::int64_t kRows = kChunkRows + 1000;

}  // namespace

TEST_CASE("a bag is a share of the rows, drawn by row, the same for its iterations and threads") {
  TestContext one(1), three(3);
  const Problem problem(kRows, one.ctx);
  const SamplingParams params{.subsample = 0.3, .subsample_freq = 2};
  RowSampler a(params, problem.bins->train(), 7), b(params, problem.bins->train(), 7);
  std::vector<std::vector<float>> bags;
  for (std::int64_t iteration = 0; iteration < 4; ++iteration) {
    REQUIRE(a.IsActive(iteration));
    a.Draw(iteration, *problem.gradients, one.ctx);
    b.Draw(iteration, *problem.gradients, three.ctx);
    bags.push_back(Factors(a, kRows));
    CHECK(bags.back() == Factors(b, kRows));
    const double share = static_cast<double>(Count(bags.back())) / static_cast<double>(kRows);
    CHECK(std::fabs(share - 0.3) < 5 * std::sqrt(0.21 / static_cast<double>(kRows)));
  }
  CHECK(bags[0] == bags[1]);
  CHECK(bags[2] == bags[3]);
  CHECK(bags[0] != bags[2]);
}

TEST_CASE("a bag is never empty") {
  TestContext test(1);
  const Problem problem(3, test.ctx);
  RowSampler sampler({.subsample = 1e-12}, problem.bins->train(), 7);
  sampler.Draw(0, *problem.gradients, test.ctx);
  CHECK(Count(Factors(sampler, 3)) == 3);
}

TEST_CASE("GOSS keeps the rows of the largest gradients, and others for those not drawn") {
  for (const int n_jobs : {1, 3}) {
    TestContext test(n_jobs);
    const Problem problem(kRows, test.ctx);
    RowSampler sampler({.is_goss = true, .top_rate = 0.1, .other_rate = 0.2}, problem.bins->train(),
                       7);
    CHECK(!sampler.IsActive(9));
    REQUIRE(sampler.IsActive(10));
    sampler.Draw(10, *problem.gradients, test.ctx);
    const std::vector<float> factors = Factors(sampler, kRows);
    std::vector<double> sizes;
    for (const double y : problem.targets) sizes.push_back(std::fabs(y));
    std::sort(sizes.begin(), sizes.end(), std::greater<>());
    const double least = sizes[static_cast<std::size_t>(0.1 * static_cast<double>(kRows))];
    double others = 0, n_others = 0, sum = 0;
    for (std::int64_t i = 0; i < kRows; ++i) {
      if (std::fabs(problem.targets[i]) > least + 0.01) CHECK(factors[i] == 1.0f);
      if (std::fabs(problem.targets[i]) > least - 0.01) continue;  // rounded gradients tie
      CHECK((factors[i] == 0 || factors[i] > 1));
      ++n_others;
      others += factors[i] > 0 ? 1 : 0;
      sum += factors[i];
    }
    CHECK(others / static_cast<double>(kRows) == doctest::Approx(0.2).epsilon(0.03));
    CHECK(sum == doctest::Approx(n_others).epsilon(0.03));  // they stand for all the others
  }
}

TEST_CASE("GOSS of equal gradients keeps all rows: none is larger than another") {
  TestContext test(1);
  Problem problem(100, test.ctx);
  std::fill(problem.targets.begin(), problem.targets.end(), 2.0);
  RowData data(problem.bins->train(), 1, problem.targets, {}, {}, RowUse::kTrain);
  data.SetScores(std::vector<double>{0}, {});
  GradientEngine gradients(Loss{LossKind::kSquaredError, 0}, data, 1);
  gradients.Compute(0, {}, test.ctx);
  RowSampler sampler({.is_goss = true, .goss_start = 0}, problem.bins->train(), 7);
  sampler.Draw(0, gradients, test.ctx);
  CHECK(Count(Factors(sampler, 100)) == 100);
}
