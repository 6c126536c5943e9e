#include "forest/isolation.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "test_context.h"

namespace treeline::forest {
namespace {

constexpr std::int64_t kRows = 300, kCols = 3;

std::vector<double> Draw() {
  std::vector<double> x;
  for (std::int64_t i = 0; i < kRows * kCols; ++i) {
    const double u = RandomUniform(3, 0, static_cast<std::uint64_t>(i));
    x.push_back(i % 17 == 0 ? std::numeric_limits<double>::quiet_NaN() : i % 3 == 0 ? 1 : u);
  }
  return x;
}

Block BlockOf(const std::vector<double>& x, std::int64_t begin, std::int64_t rows) {
  Block block;
  block.rows = rows;
  block.first_row = begin;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = x.data() + begin * kCols + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  return block;
}

Forest Fit(const std::vector<double>& x, const IsolationParams& params, std::int64_t chunk,
           const Context& ctx) {
  IsolationSink sink(params, FeatureLabels("X", {}, kCols));
  for (std::int64_t begin = 0; begin < kRows; begin += chunk)
    sink.Push(BlockOf(x, begin, std::min(chunk, kRows - begin)), ctx);
  return sink.Fit(ctx);
}

TEST_CASE("a leaf of an isolation tree tells its depth and what its rows would take") {
  const TestContext one(1), three(3);
  const std::vector<double> x = Draw();
  for (const bool bootstrap : {false, true}) {
    IsolationParams params;
    params.n_rows = kRows;
    params.max_samples = 64;
    params.max_features = 2;
    params.bootstrap = bootstrap;
    params.n_trees = 9;
    params.seed = 5;
    const Forest forest = Fit(x, params, kRows, one.ctx);
    CHECK(forest.nodes.threshold == Fit(x, params, 7, three.ctx).nodes.threshold);
    for (std::int64_t t = 0; t < 9; ++t) {
      const IsolationDraw draw = DrawForIsolation(params, kCols, t);
      CHECK(draw.features.size() == 2);
      CHECK((bootstrap ? draw.rows.size() < 64 : draw.rows.size() == 64));
      const std::int64_t first = forest.first_node[t];
      std::map<std::int64_t, std::int64_t> rows_of, depth_of;
      for (const std::int64_t row : draw.rows) {
        std::int64_t at = 0, depth = 0;
        for (; forest.nodes.left[first + at] != kLeafChild; ++depth) {
          const double value = x[row * kCols + forest.nodes.feature[first + at]];
          const bool left = std::isnan(value) ? forest.nodes.missing_left[first + at] != 0
                                              : value <= forest.nodes.threshold[first + at];
          at = left ? forest.nodes.left[first + at] : forest.nodes.right[first + at];
        }
        ++rows_of[at];
        depth_of[at] = depth;
      }
      for (const auto& [leaf, rows] : rows_of) {
        CHECK(forest.nodes.n_rows[first + leaf] == static_cast<double>(rows));
        CHECK(depth_of[leaf] <= 6);
        CHECK(forest.nodes.values[first + leaf] ==
              doctest::Approx(static_cast<double>(depth_of[leaf]) +
                              AveragePathLength(static_cast<double>(rows))));
      }
    }
  }
}

/// How often successive draws in proportion to weights, without replacement, give a set of rows.
double ChanceOf(const std::vector<double>& weights, std::vector<std::int64_t> rows) {
  double chance = 0;
  std::sort(rows.begin(), rows.end());
  do {
    double in_order = 1, left = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (const std::int64_t row : rows) {
      in_order *= weights[row] / left;
      left -= weights[row];
    }
    chance += in_order;
  } while (std::next_permutation(rows.begin(), rows.end()));
  return chance;
}

TEST_CASE("rows are drawn in proportion to weights, with and without replacement") {
  IsolationParams params;
  params.weights = {1, 0, 5, 2, 0.5};
  params.n_rows = 5;
  params.max_samples = 3;
  constexpr int kTrees = 40'000;
  std::map<std::vector<std::int64_t>, int> sets;
  for (int t = 0; t < kTrees; ++t) ++sets[DrawForIsolation(params, 1, t).rows];
  CHECK(sets.size() == 4);
  for (const auto& [rows, count] : sets) {
    CHECK(rows.size() == 3);
    const double chance = ChanceOf(params.weights, rows);
    CHECK(std::fabs(count - kTrees * chance) < 4.5 * std::sqrt(kTrees * chance * (1 - chance)));
  }
  params.bootstrap = true;
  std::vector<int> drawn(5);
  for (int t = 0; t < kTrees; ++t) {
    for (const std::int64_t row : DrawForIsolation(params, 1, t).rows) ++drawn[row];
  }
  for (std::size_t row = 0; row < 5; ++row) {
    const double chance = 1 - std::pow(1 - params.weights[row] / 8.5, 3);
    CHECK(std::fabs(drawn[row] - kTrees * chance) <=
          4.5 * std::sqrt(kTrees * chance * (1 - chance)));
  }
}

TEST_CASE("the average path length is twice a harmonic number, less what the last level lacks") {
  CHECK(AveragePathLength(1) == 0);
  CHECK(AveragePathLength(2) == 1);
  for (const int n : {10, 256, 5000}) {
    double harmonic = 0;
    for (int i = 1; i < n; ++i) harmonic += 1.0 / i;
    CHECK(AveragePathLength(n) == doctest::Approx(2 * harmonic - 2.0 * (n - 1) / n).epsilon(0.04));
  }
}

}  // namespace
}  // namespace treeline::forest
