#include "loss/ranking_metrics.h"

#include <algorithm>

#include "loss/ndcg.h"

namespace treeline {

namespace {

/// Documents of equal scores: ranks [first, last), so many of use.
struct Tie {
  std::int64_t first, last, of_use;
};

std::vector<Tie> TiesOf(std::span<const Ranked> documents) {
  std::vector<Tie> ties;
  const auto n = static_cast<std::int64_t>(documents.size());
  for (std::int64_t rank = 0; rank < n; ++rank) {
    if (rank == 0 || documents[rank].score != documents[rank - 1].score)
      ties.push_back({rank, rank, 0});
    ++ties.back().last;
    if (documents[rank].gain > 0) ++ties.back().of_use;
  }
  return ties;
}

/// Expected average precision: at every rank, the chance that its document is of use times how many
/// up to it then are, of the ranks up to it.
double AveragePrecision(std::span<const Tie> ties, std::int64_t k) {
  double sum = 0;
  std::int64_t before = 0;  // of use
  for (const auto& [first, last, of_use] : ties) {
    const auto size = static_cast<double>(last - first);
    const double share = static_cast<double>(of_use) / size;
    const double share_of_others = size > 1 ? static_cast<double>(of_use - 1) / (size - 1) : 0;
    for (std::int64_t rank = first; of_use > 0 && rank < std::min(last, k); ++rank) {
      const double hits =
          static_cast<double>(before + 1) + static_cast<double>(rank - first) * share_of_others;
      sum += share * hits / static_cast<double>(rank + 1);
    }
    before += of_use;
  }
  return before == 0 ? 1 : sum / static_cast<double>(std::min(before, k));
}

/// Expected reciprocal rank of the first document of use, which is in the first tie that has any.
double ReciprocalRank(std::span<const Tie> ties, std::int64_t k) {
  const auto tie =
      std::find_if(ties.begin(), ties.end(), [](const Tie& t) { return t.of_use > 0; });
  if (tie == ties.end()) return 1;
  double sum = 0, still_none = 1;  // the chance that there was none so far
  for (std::int64_t rank = tie->first; rank < std::min(tie->last, k) && still_none > 0; ++rank) {
    const double share =
        std::min(1.0, static_cast<double>(tie->of_use) / static_cast<double>(tie->last - rank));
    sum += still_none * share / static_cast<double>(rank + 1);
    still_none *= 1 - share;
  }
  return sum;
}

struct Scratch {
  std::vector<Ranked> documents;
  std::vector<double> gains;
};

}  // namespace

std::vector<double> RankingScores(const Queries& queries, std::span<const double> gains,
                                  std::span<const double> scores,
                                  std::span<const RankingMetric> metrics, const Context& ctx) {
  std::vector<Discounts> discounts;
  for (const RankingMetric& metric : metrics) discounts.emplace_back(queries.largest(), metric.k);
  std::vector<Scratch> by_slot(static_cast<std::size_t>(ctx.n_jobs));
  std::vector<double> values(static_cast<std::size_t>(queries.n_queries()) * metrics.size());
  queries.ForEach(ctx, [&](std::int64_t query, int slot) {
    auto& [documents, of_query] = by_slot[slot];
    documents.clear();
    of_query.clear();
    for (const std::int64_t row : queries.rows(query)) {
      documents.push_back({scores[row], gains[row]});
      of_query.push_back(gains[row]);
    }
    Rank(documents, Ties::kAverage);
    const std::vector<Tie> ties = TiesOf(documents);
    for (std::size_t m = 0; m < metrics.size(); ++m) {
      const std::int64_t k = metrics[m].k > 0 ? metrics[m].k : queries.size(query);
      double& value = values[static_cast<std::size_t>(query) * metrics.size() + m];
      if (metrics[m].kind == RankingMetric::kMap) {
        value = AveragePrecision(ties, k);
      } else if (metrics[m].kind == RankingMetric::kMrr) {
        value = ReciprocalRank(ties, k);
      } else {
        const double ideal = IdealDcg(of_query, discounts[m]);
        value = ideal == 0 ? 1 : Dcg(documents, discounts[m], Ties::kAverage) / ideal;
      }
    }
  });
  return values;
}

}  // namespace treeline
