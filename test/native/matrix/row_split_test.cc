#include "matrix/row_split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/random.h"

using namespace treeline;

namespace {

bool Bit(const std::vector<std::uint8_t>& bits, std::int64_t i) {
  return ((bits[i / 8] >> (i % 8)) & 1) != 0;
}

RowSplit Run(const RowSplitPlan& plan) {
  ThreadPool pool;
  CancelToken cancel;
  NoProgress progress;
  LocalReducer reducer;
  return SplitRows(plan, Context{pool, 2, cancel, progress, reducer});
}

/// The naive twin: sorts each group's rows by their draw. 0: neither, 1: train, 2: test.
std::vector<int> Naive(const RowSplitPlan& plan) {
  std::vector<int> part(static_cast<std::size_t>(plan.n_rows));
  for (std::size_t g = 0; g < plan.test.size(); ++g) {
    std::vector<std::pair<std::uint64_t, std::int64_t>> keys;
    for (std::int64_t row = 0; row < plan.n_rows; ++row) {
      if (plan.groups.empty() || plan.groups[row] == static_cast<std::int32_t>(g))
        keys.emplace_back(RandomBits(plan.seed, 0x73706c6974, row), row);
    }
    std::sort(keys.begin(), keys.end());
    for (std::int64_t k = 0; k < plan.test[g] + plan.train[g]; ++k)
      part[keys[k].second] = k < plan.test[g] ? 2 : 1;
  }
  return part;
}

void CheckAgainstNaive(const RowSplitPlan& plan) {
  const RowSplit split = Run(plan);
  const std::vector<int> expected = Naive(plan);
  for (std::int64_t row = 0; row < plan.n_rows; ++row) {
    const int part = Bit(split.test, row) ? 2 : Bit(split.train, row) ? 1 : 0;
    REQUIRE(part == expected[row]);
  }
}

}  // namespace

TEST_CASE("SplitRows picks the rows with the smallest draws, as sorting would") {
  for (std::int64_t n : {0, 1, 2, 7, 8, 9, 1000, 20000}) {
    for (std::int64_t test : {std::int64_t{0}, n / 5, n})
      CheckAgainstNaive({n, 42, {}, {test}, {n - test}});
    CheckAgainstNaive({n, 7, {}, {n / 3}, {n / 3}});
  }
}

TEST_CASE("SplitRows takes its exact share of every group, of few and of many") {
  for (std::int32_t n_groups : {2, 3, 5000}) {
    std::vector<std::int32_t> groups;
    for (std::int32_t i = 0; i < 30000; ++i) groups.push_back(i % n_groups);
    std::vector<std::int64_t> test(n_groups), train(n_groups);
    for (std::int32_t g = 0; g < n_groups; ++g) {
      const auto size = std::count(groups.begin(), groups.end(), g);
      test[g] = size / 3;
      train[g] = size - test[g] - (g % 2);
    }
    CheckAgainstNaive({30000, 1, groups, test, train});
  }
}

TEST_CASE("SplitRows refuses what does not fit") {
  const std::vector<std::int32_t> groups{0, 1, 2};
  CHECK_THROWS_AS(Run({3, 0, groups, {1, 1}, {0, 0}}), Error);
  CHECK_THROWS_AS(Run({4, 0, groups, {1, 1, 1}, {0, 0, 0}}), Error);
  CHECK_THROWS_AS(Run({3, 0, groups, {1, 1, 1}, {1, 0, 0}}), Error);
  CHECK_THROWS_AS(Run({3, 0, {}, {-1}, {1}}), Error);
  CHECK_THROWS_AS(Run({3, 0, {}, {}, {}}), Error);
}
