#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "loss/lambdarank.h"
#include "loss/ndcg.h"
#include "loss/ranking_metrics.h"
#include "test_context.h"

using namespace treeline;

namespace {

using Values = std::vector<double>;

double Draw(std::uint64_t stream, std::int64_t i) {
  return RandomUniform(9, stream, static_cast<std::uint64_t>(i));
}

/// of_order(gains by rank), averaged over all orders of equal scores, by trying every permutation.
template <typename OfOrder>
double NaiveMean(const Values& gains, const Values& scores, OfOrder&& of_order) {
  std::vector<std::size_t> order(gains.size());
  std::iota(order.begin(), order.end(), 0);
  double sum = 0;
  int n_orders = 0;
  do {
    if (!std::is_sorted(order.begin(), order.end(),
                        [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; }))
      continue;
    ++n_orders;
    Values by_rank;
    for (const std::size_t document : order) by_rank.push_back(gains[document]);
    sum += of_order(by_rank);
  } while (std::next_permutation(order.begin(), order.end()));
  return sum / n_orders;
}

std::size_t Counted(const Values& by_rank, std::int64_t k) {
  return k <= 0 ? by_rank.size() : std::min(by_rank.size(), static_cast<std::size_t>(k));
}

double NaiveDcg(const Values& gains, const Values& scores, std::int64_t k) {
  return NaiveMean(gains, scores, [&](const Values& by_rank) {
    double sum = 0;
    for (std::size_t rank = 0; rank < Counted(by_rank, k); ++rank)
      sum += by_rank[rank] / std::log2(static_cast<double>(rank) + 2);
    return sum;
  });
}

/// LightGBM's MapMetric::CalMapAtK.
double NaiveMap(const Values& gains, const Values& scores, std::int64_t k) {
  return NaiveMean(gains, scores, [&](const Values& by_rank) {
    double hits = 0, sum = 0, relevant = 0;
    for (const double gain : by_rank) relevant += gain > 0;
    for (std::size_t rank = 0; rank < Counted(by_rank, k); ++rank) {
      if (by_rank[rank] > 0) sum += ++hits / static_cast<double>(rank + 1);
    }
    return relevant == 0 ? 1 : sum / std::min(relevant, static_cast<double>(Counted(by_rank, k)));
  });
}

double NaiveMrr(const Values& gains, const Values& scores, std::int64_t k) {
  return NaiveMean(gains, scores, [&](const Values& by_rank) -> double {
    const auto first =
        std::find_if(by_rank.begin(), by_rank.end(), [](double gain) { return gain > 0; });
    if (first == by_rank.end()) return 1;
    const auto rank = static_cast<std::size_t>(first - by_rank.begin());
    return rank < Counted(by_rank, k) ? 1 / static_cast<double>(rank + 1) : 0;
  });
}

/// LightGBM's GetGradientsForOneQuery, pair by pair.
void NaiveLambda(const LambdarankParams& params, const Values& gains, const Values& scores,
                 double inverse_ideal, Values& gradients, Values& hessians) {
  const auto n = static_cast<std::int64_t>(gains.size());
  std::vector<std::int64_t> order(gains.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return scores[a] > scores[b]; });
  gradients.assign(gains.size(), 0);
  hessians.assign(gains.size(), 0);
  const bool by_distance = params.norm && scores[order[0]] != scores[order[n - 1]];
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = i + 1; j < n && i < params.truncation_level; ++j) {
      if (gains[order[i]] == gains[order[j]]) continue;
      const bool i_is_better = gains[order[i]] > gains[order[j]];
      const std::int64_t high = order[i_is_better ? i : j], low = order[i_is_better ? j : i];
      const double lead = scores[high] - scores[low];
      double change = (gains[high] - gains[low]) * inverse_ideal *
                      std::fabs(1 / std::log2(static_cast<double>(i) + 2) -
                                1 / std::log2(static_cast<double>(j) + 2));
      if (by_distance) change /= 0.01 + std::fabs(lead);
      const double doubt = 1 / (1 + std::exp(params.sigmoid * lead));
      const double pull = params.sigmoid * change * doubt;
      const double curve = params.sigmoid * params.sigmoid * change * doubt * (1 - doubt);
      gradients[high] -= pull;
      gradients[low] += pull;
      hessians[high] += curve;
      hessians[low] += curve;
      sum += 2 * pull;
    }
  }
  if (!params.norm || sum <= 0) return;
  for (double& gradient : gradients) gradient *= std::log2(1 + sum) / sum;
  for (double& hessian : hessians) hessian *= std::log2(1 + sum) / sum;
}

}  // namespace

TEST_CASE("DCG is the mean over all orders of equal scores") {
  for (std::int64_t n = 1; n <= 6; ++n) {
    for (std::int64_t k = 0; k <= n; ++k) {
      Values gains, scores;
      std::vector<Ranked> documents;
      for (std::int64_t i = 0; i < n; ++i) {
        gains.push_back(std::floor(4 * Draw(1, 10 * n + i)));
        scores.push_back(std::floor(3 * Draw(2, 10 * n + i)));
        documents.push_back({scores.back(), gains.back()});
      }
      Rank(documents, Ties::kAverage);
      CHECK(Dcg(documents, Discounts(n, k), Ties::kAverage) ==
            doctest::Approx(NaiveDcg(gains, scores, k)));
      Values ideal = gains;
      CHECK(IdealDcg(ideal, Discounts(n, k)) == doctest::Approx(NaiveDcg(gains, gains, k)));
    }
  }
}

TEST_CASE("NDCG, MAP and MRR of every query are the means over all orders of equal scores") {
  std::vector<std::int32_t> codes;
  Values gains, scores;
  std::vector<Values> gains_of, scores_of;
  for (std::int64_t n = 0; n <= 6; ++n) {
    for (std::int64_t grades = 1; grades <= 3; ++grades) {  // 1: no document is of use
      const auto query = static_cast<std::int32_t>(gains_of.size());
      gains_of.emplace_back();
      scores_of.emplace_back();
      for (std::int64_t i = 0; i < n; ++i) {
        gains_of.back().push_back(
            std::floor(static_cast<double>(grades) * Draw(5, 10 * query + i)));
        scores_of.back().push_back(std::floor(3 * Draw(6, 10 * query + i)));
        codes.push_back(query);
        gains.push_back(gains_of.back().back());
        scores.push_back(scores_of.back().back());
      }
    }
  }
  std::vector<RankingMetric> metrics;
  for (const auto kind : {RankingMetric::kNdcg, RankingMetric::kMap, RankingMetric::kMrr}) {
    for (std::int64_t k = 0; k <= 7; ++k) metrics.push_back({kind, k});
  }
  const Queries queries(codes);
  TestContext one(1), many(3);
  const Values values = RankingScores(queries, gains, scores, metrics, one.ctx);
  CHECK(values == RankingScores(queries, gains, scores, metrics, many.ctx));
  REQUIRE(values.size() == gains_of.size() * metrics.size());
  for (std::size_t query = 0; query < gains_of.size(); ++query) {
    if (gains_of[query].empty()) continue;
    const Values &of = gains_of[query], &by = scores_of[query];
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      const auto [kind, k] = metrics[m];
      const double ideal = NaiveDcg(of, of, k);
      const double expected = kind == RankingMetric::kMap   ? NaiveMap(of, by, k)
                              : kind == RankingMetric::kMrr ? NaiveMrr(of, by, k)
                              : ideal == 0                  ? 1
                                                            : NaiveDcg(of, by, k) / ideal;
      CHECK(values[query * metrics.size() + m] == doctest::Approx(expected).epsilon(1e-12));
    }
  }
}

TEST_CASE("the last of equal scores comes first where ties are ignored") {
  std::vector<Ranked> documents{{1, 10}, {0, 2}, {1, 5}};
  Rank(documents, Ties::kLaterFirst);
  CHECK(Dcg(documents, Discounts(3, 1), Ties::kLaterFirst) == 5);
}

TEST_CASE("rows of a query are found wherever they lie, a code without rows is an empty query") {
  const std::vector<std::int32_t> codes{2, 0, 2, 4, 0, 2};
  const Queries queries(codes);
  REQUIRE(queries.n_queries() == 5);
  CHECK(std::vector<std::int64_t>(queries.rows(2).begin(), queries.rows(2).end()) ==
        std::vector<std::int64_t>{0, 2, 5});
  CHECK(queries.size(1) == 0);
  CHECK(queries.size(3) == 0);
  CHECK(queries.largest() == 3);
  CHECK(Queries(std::span<const std::int32_t>()).n_queries() == 0);
}

TEST_CASE("every query is visited once, by any number of threads") {
  std::vector<std::int32_t> codes;
  for (std::int32_t query = 0; query < 900; ++query)
    codes.insert(codes.end(), static_cast<std::size_t>(query % 40), query);
  const Queries queries(codes);
  for (const int n_jobs : {1, 3}) {
    TestContext test(n_jobs);
    std::vector<int> visits(static_cast<std::size_t>(queries.n_queries()));
    queries.ForEach(test.ctx, [&](std::int64_t query, int) { ++visits[query]; });
    CHECK(std::all_of(visits.begin(), visits.end(), [](int count) { return count == 1; }));
  }
}

TEST_CASE("lambda gradients are those of a loop over pairs") {
  for (const std::int64_t n : {1, 2, 3, 17, 70}) {
    for (const LambdarankParams& params :
         {LambdarankParams{}, LambdarankParams{.truncation_level = 5, .norm = false, .sigmoid = 2},
          LambdarankParams{.truncation_level = 1}}) {
      for (const bool has_equal_scores : {false, true}) {
        Values gains, scores, gradients(static_cast<std::size_t>(n)), hessians(gradients);
        for (std::int64_t i = 0; i < n; ++i) {
          gains.push_back(std::exp2(std::floor(4 * Draw(3, i))) - 1);
          scores.push_back(has_equal_scores ? 0.5 : 8 * Draw(4, i) - 4);
        }
        Values naive_gradients, naive_hessians;
        NaiveLambda(params, gains, scores, 0.25, naive_gradients, naive_hessians);
        LambdarankScratch scratch;
        const CancelToken cancel;
        LambdaGradients(params, gains, scores, 0.25, Discounts(n, 0), cancel, scratch,
                        gradients.data(), hessians.data());
        for (std::int64_t i = 0; i < n; ++i) {
          CHECK(gradients[i] == doctest::Approx(naive_gradients[i]).epsilon(1e-9));
          CHECK(hessians[i] == doctest::Approx(naive_hessians[i]).epsilon(1e-9));
        }
      }
    }
  }
}

TEST_CASE("a cancelled token ends a query between two ranks") {
  CancelToken cancel;
  cancel.Cancel();
  LambdarankScratch scratch;
  Values gains{1, 0}, scores{0, 1}, out(2);
  CHECK_THROWS_AS(LambdaGradients({}, gains, scores, 1, Discounts(2, 0), cancel, scratch,
                                  out.data(), out.data()),
                  Error);
}
