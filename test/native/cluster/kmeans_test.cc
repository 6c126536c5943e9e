#include "cluster/kmeans.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cluster/assignment.h"
#include "cluster/centers_map.h"
#include "cluster/mini_batch.h"
#include "cluster/seeding.h"
#include "core/error.h"
#include "core/random.h"
#include "test_context.h"

using namespace treeline;

namespace {

std::vector<double> Draw(std::int64_t n, std::uint64_t stream, double offset = 0) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = offset + RandomUniform(7, stream, i) - 0.5;
  return values;
}

Block RowsOf(const std::vector<double>& values, std::int64_t first, std::int64_t rows,
             std::int64_t cols) {
  Block block;
  block.rows = rows;
  block.first_row = first;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = values.data() + first * cols + j;
    column.stride = cols;
    block.columns.push_back(column);
  }
  return block;
}

PointStore Stored(const std::vector<double>& x, std::int64_t cols, std::int64_t chunk) {
  const TestContext test(2);
  const auto rows = static_cast<std::int64_t>(x.size()) / cols;
  PointStore store(FeatureLabels("test", {}, cols));
  for (std::int64_t row = 0; row < rows; row += chunk)
    store.Push(RowsOf(x, row, std::min(chunk, rows - row), cols), test.ctx);
  store.Finish(test.ctx);
  return store;
}

}  // namespace

TEST_CASE("a point store holds the rows less their shift, whatever chunks they come in") {
  const std::vector<double> x = Draw(2500 * 3, 1, 1e6);
  const PointStore whole = Stored(x, 3, 2500);
  const PointStore parts = Stored(x, 3, 70);
  CHECK(whole.rows() == 2500);
  CHECK(parts.shift() == whole.shift());
  for (std::int64_t i = 0; i < 2500; ++i) {
    for (std::int64_t j = 0; j < 3; ++j) {
      CHECK(whole.row(i)[j] == x[i * 3 + j] - whole.shift()[j]);
      CHECK(parts.row(i)[j] == whole.row(i)[j]);
    }
  }
  std::vector<double> bad = x;
  bad[2400 * 3 + 1] = HUGE_VAL;
  CHECK_THROWS_WITH_AS(Stored(bad, 3, 500), doctest::Contains("row 2400, column 1"), Error);
  bad[2400 * 3 + 1] = 1e200;
  CHECK_THROWS_WITH_AS(Stored(bad, 3, 500), doctest::Contains("too large to square"), Error);
}

TEST_CASE("points beyond the budget lie in a file and are the same numbers") {
  const TestContext test(2);
  const std::vector<double> x = Draw(5000 * 3, 1);
  const PointStore whole = Stored(x, 3, 5000);
  for (const std::int64_t limit : {1, 3 * 1024 * 8, 3 * 3 * 1024 * 8}) {
    PointStore store(FeatureLabels("test", {}, 3), {}, {limit, ""});
    for (std::int64_t row = 0; row < 5000; row += 500) store.Push(RowsOf(x, row, 500, 3), test.ctx);
    store.Finish(test.ctx);
    CHECK(static_cast<std::int64_t>(store.bytes()) <= limit);
    REQUIRE(store.n_slots() == 5);
    for (std::int64_t i = 0; i < 5000; ++i) {
      for (std::int64_t j = 0; j < 3; ++j) CHECK(store.row(i)[j] == whole.row(i)[j]);
    }
  }
}

TEST_CASE("distances and nearest centres are their naive twins, any number of centres and rows") {
  for (const std::int64_t cols : {1, 4, 300}) {
    for (const std::int64_t n : {1, 2, 15, 16, 17, 40}) {
      const std::vector<double> x = Draw(70 * cols, 2);
      const std::vector<double> values = Draw(n * cols, 3);
      std::vector<double> rows = x;
      rows.resize(static_cast<std::size_t>(80 * cols));
      const Centers centers(values, cols);
      std::vector<double> distances(static_cast<std::size_t>(70 * n));
      std::vector<std::int32_t> label(70);
      std::vector<double> score(70);
      centers.SquaredDistances(rows.data(), 70, distances.data());
      centers.Nearest(rows.data(), 70, label.data(), score.data());
      for (std::int64_t i = 0; i < 70; ++i) {
        double least = HUGE_VAL;
        for (std::int64_t c = 0; c < n; ++c) {
          const double exact = SquaredDistance(&x[i * cols], &values[c * cols], cols);
          CHECK(std::abs(distances[i * n + c] - exact) <= 1e-11 * exact);
          least = std::min(least, exact);
        }
        CHECK(SquaredDistance(&x[i * cols], &values[label[i] * cols], cols) <=
              least + 1e-12 * static_cast<double>(cols));
      }
    }
  }
}

TEST_CASE("the distance of a row from itself is zero, however far both are from the origin") {
  const std::vector<double> x = {1e8, 1e8 + 1, -3e7, 5, 1e8, 1e8 + 2, -3e7, 5};
  std::vector<double> rows = x;
  rows.resize(16 * 4);
  const Centers centers({x.begin(), x.begin() + 4}, 4);
  double distances[2];
  centers.SquaredDistances(rows.data(), 2, distances);
  CHECK(distances[0] == 0);
  CHECK(distances[1] == 1);
}

TEST_CASE("sums of clusters are those of their rows, weights counted, on any number of threads") {
  const std::vector<double> x = Draw(5000 * 2, 4);
  const PointStore points(x, 5000, 2);
  const std::vector<double> weights = Draw(5000, 5, 1);
  const Centers centers(Draw(6 * 2, 6), 2);
  std::vector<double> first;
  for (const int n_jobs : {1, 3}) {
    const TestContext test(n_jobs);
    std::vector<std::int32_t> labels;
    ClusterSums sums;
    AssignPoints(points, weights, centers, labels, &sums, test.ctx);
    std::vector<double> expected(12);
    std::vector<double> totals(6);
    for (std::int64_t i = 0; i < 5000; ++i) {
      totals[labels[i]] += weights[i];
      for (int j = 0; j < 2; ++j) expected[labels[i] * 2 + j] += weights[i] * x[i * 2 + j];
    }
    for (int i = 0; i < 12; ++i) CHECK(std::abs(sums.sums[i] - expected[i]) < 1e-10);
    for (int c = 0; c < 6; ++c) CHECK(sums.weights[c] == doctest::Approx(totals[c]));
    if (first.empty()) first = sums.sums;
    CHECK(sums.sums == first);
  }
}

TEST_CASE("first centres are rows, different ones where there are enough, of positive weight") {
  const TestContext test(2);
  const std::vector<double> x = Draw(300, 7);
  const PointStore points(x, 300, 1);
  std::vector<double> weights(300, 1.0);
  for (std::size_t i = 0; i < 150; ++i) weights[i] = 0;
  const std::set<double> allowed(x.begin() + 150, x.end());
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const std::vector<double>& centers : {SeedPlusPlus(points, weights, 12, seed, test.ctx),
                                               SeedParallel(points, weights, 12, seed, test.ctx),
                                               SeedRandom(points, weights, 12, seed)}) {
      CHECK(std::set<double>(centers.begin(), centers.end()).size() == 12);
      CHECK(std::all_of(centers.begin(), centers.end(),
                        [&](double c) { return allowed.count(c) == 1; }));
    }
  }
}

TEST_CASE("k-means++ takes one row of each of clouds that are far apart") {
  const TestContext test(1);
  std::vector<double> x = Draw(1000, 8);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] += 1000.0 * static_cast<double>(i % 10);
  const PointStore points(x, 1000, 1);
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    std::set<long> clouds;
    for (const double c : SeedPlusPlus(points, {}, 10, seed, test.ctx))
      clouds.insert(std::lround(c / 1000));
    CHECK(clouds.size() == 10);
  }
}

TEST_CASE(
    "skipping rows by bounds changes no bit, for clouds, noise, equal rows and far outliers") {
  const std::int64_t cols = 3;
  for (const int kind : {0, 1, 2, 3}) {
    CAPTURE(kind);
    const std::int64_t n = 2500;
    std::vector<double> x = Draw(n * cols, 20);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) {
        double& value = x[i * cols + j];
        if (kind == 0) value += 5.0 * static_cast<double>(i % 6);
        if (kind == 2) value = static_cast<double>((i + j) % 4);
        if (kind == 3 && i % 700 == 0) value *= 1e9;
      }
    }
    const PointStore points(x, n, cols);
    std::vector<double> weights = Draw(n, 21);
    for (double& w : weights) w = std::abs(w);
    for (const std::int64_t n_clusters : {1, 6, 25}) {
      for (const bool weighted : {false, true}) {
        KMeansOptions options;
        options.n_clusters = n_clusters;
        options.tol = 0;
        options.max_iter = 40;
        options.init = KMeansInit::kRandom;
        const std::vector<double> none;
        const KMeansModel plain =
            FitKMeans(points, weighted ? weights : none, options, TestContext(1).ctx);
        options.use_bounds = true;
        const KMeansModel skipped =
            FitKMeans(points, weighted ? weights : none, options, TestContext(3).ctx);
        CHECK(skipped.centers == plain.centers);
        CHECK(skipped.labels == plain.labels);
        CHECK(skipped.inertia == plain.inertia);
        CHECK(skipped.n_iter == plain.n_iter);
      }
    }
  }
}

TEST_CASE("a cluster without rows gets the row farthest from its centre") {
  const TestContext test(1);
  const PointStore points({0, 1, 2, 50}, 4, 1);
  KMeansOptions options;
  options.n_clusters = 2;
  options.init = KMeansInit::kGiven;
  options.start = {1, 1e6};
  const KMeansModel model = FitKMeans(points, {}, options, test.ctx);
  CHECK(model.centers == std::vector<double>{1, 50});
  CHECK(model.labels == std::vector<std::int32_t>{0, 0, 0, 1});
  CHECK(model.inertia == 2);
  CHECK(model.n_distinct == 2);
}

TEST_CASE("a mini-batch moves each centre to the mean of all it has seen") {
  const TestContext test(1);
  MiniBatchOptions options;
  options.first.n_clusters = 2;
  options.first.init = KMeansInit::kGiven;
  options.first.start = {0, 10};
  options.reassignment_ratio = 0;
  const PointStore first({1, 2, 9}, 3, 1);
  MiniBatchState state = BeginMiniBatch(first, {}, options, test.ctx);
  MiniBatchStep(first, {}, options, state, test.ctx);
  CHECK(state.centers == std::vector<double>{1.5, 9});
  const double inertia = MiniBatchStep(PointStore({3, 11, 13}, 3, 1), {}, options, state, test.ctx);
  CHECK(inertia == 1.5 * 1.5 + 4 + 16);
  CHECK(state.centers == std::vector<double>{2, 11});
  CHECK(state.counts == std::vector<double>{3, 3});
  CHECK(state.n_steps == 2);
}
