#include "matrix/threshold_curve.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/random.h"

namespace treeline {

namespace {

struct TestContext {
  ThreadPool pool;
  CancelToken cancel;
  NoProgress progress;
  LocalReducer reducer;
  Context ctx{pool, 1, cancel, progress, reducer};
};

/// The same counts by an ordered map.
ThresholdCurve Naive(const std::vector<double>& scores, const std::vector<std::uint8_t>& positive,
                     const std::vector<double>& weights) {
  std::map<double, std::pair<double, double>, std::greater<>> sums;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[i];
    if (weight == 0) continue;
    auto& [tp, fp] = sums[scores[i]];
    (positive[i] ? tp : fp) += weight;
  }
  ThresholdCurve curve;
  double tp = 0, fp = 0;
  for (const auto& [score, sum] : sums) {
    curve.thresholds.push_back(score);
    curve.true_positives.push_back(tp += sum.first);
    curve.false_positives.push_back(fp += sum.second);
  }
  return curve;
}

}  // namespace

TEST_CASE("threshold curves equal those of a naive count") {
  TestContext test;
  for (const std::int64_t n : {0, 1, 2, 3, 100, 5000}) {
    for (const int kind : {0, 1, 2, 3}) {
      std::vector<double> scores, weights;
      std::vector<std::uint8_t> positive;
      for (std::int64_t i = 0; i < n; ++i) {
        const double u =
            RandomUniform(1, static_cast<std::uint64_t>(kind), static_cast<std::uint64_t>(i)) - 0.5;
        scores.push_back(kind == 0   ? u
                         : kind == 1 ? std::round(u * 4)
                         : kind == 2 ? u * 1e300
                                     : u * 1e-310);
        positive.push_back(RandomBits(2, 0, static_cast<std::uint64_t>(i)) % 3 == 0);
        weights.push_back(static_cast<double>(RandomBits(3, 0, static_cast<std::uint64_t>(i)) % 4));
      }
      for (const bool weighted : {true, false}) {
        if (!weighted) weights.clear();
        const ThresholdCurve curve = ComputeThresholdCurve(scores, positive, weights, test.ctx);
        const ThresholdCurve naive = Naive(scores, positive, weights);
        CHECK(curve.thresholds == naive.thresholds);
        CHECK(curve.true_positives == naive.true_positives);
        CHECK(curve.false_positives == naive.false_positives);
      }
    }
  }
}

TEST_CASE("a cancelled token stops a threshold curve") {
  TestContext test;
  test.cancel.Cancel();
  const std::vector<double> scores{1, 2};
  const std::vector<std::uint8_t> positive{0, 1};
  CHECK_THROWS_AS(ComputeThresholdCurve(scores, positive, {}, test.ctx), Error);
}

}  // namespace treeline
