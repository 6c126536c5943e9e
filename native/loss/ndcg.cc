#include "loss/ndcg.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace treeline {

Discounts::Discounts(std::int64_t n, std::int64_t k, double log_base)
    : of_rank_(static_cast<std::size_t>(n)), sums_(static_cast<std::size_t>(n) + 1) {
  for (std::int64_t rank = 0; rank < n; ++rank) {
    if (k <= 0 || rank < k)
      of_rank_[rank] = std::log(log_base) / std::log(static_cast<double>(rank) + 2);
    sums_[rank + 1] = sums_[rank] + of_rank_[rank];
  }
}

void Rank(std::span<Ranked> documents, Ties ties) {
  if (ties == Ties::kLaterFirst) std::reverse(documents.begin(), documents.end());
  std::stable_sort(documents.begin(), documents.end(),
                   [](const Ranked& a, const Ranked& b) { return a.score > b.score; });
}

double Dcg(std::span<const Ranked> documents, const Discounts& discounts, Ties ties) {
  const auto n = static_cast<std::int64_t>(documents.size());
  double sum = 0;
  if (ties == Ties::kLaterFirst) {
    for (std::int64_t rank = 0; rank < n; ++rank) sum += documents[rank].gain * discounts[rank];
    return sum;
  }
  for (std::int64_t first = 0, last = 0; first < n; first = last) {
    double gain = 0;
    for (last = first; last < n && documents[last].score == documents[first].score; ++last)
      gain += documents[last].gain;
    sum += gain / static_cast<double>(last - first) * discounts.Sum(first, last);
  }
  return sum;
}

double IdealDcg(std::span<double> gains, const Discounts& discounts) {
  std::sort(gains.begin(), gains.end(), std::greater<>());
  double sum = 0;
  for (std::size_t rank = 0; rank < gains.size(); ++rank)
    sum += gains[rank] * discounts[static_cast<std::int64_t>(rank)];
  return sum;
}

std::vector<double> DcgByQuery(const Queries& queries, std::span<const double> gains,
                               std::span<const double> scores, const DcgRules& rules,
                               const Context& ctx) {
  struct Scratch {
    std::vector<Ranked> documents;
    std::vector<double> gains;
  };
  const Discounts discounts(queries.largest(), rules.k, rules.log_base);
  std::vector<Scratch> by_slot(static_cast<std::size_t>(ctx.n_jobs));
  std::vector<double> values(static_cast<std::size_t>(queries.n_queries()));
  queries.ForEach(ctx, [&](std::int64_t query, int slot) {
    Scratch& scratch = by_slot[slot];
    scratch.documents.clear();
    scratch.gains.clear();
    for (const std::int64_t row : queries.rows(query)) {
      scratch.documents.push_back({scores[row], gains[row]});
      scratch.gains.push_back(gains[row]);
    }
    Rank(scratch.documents, rules.ties);
    values[query] = Dcg(scratch.documents, discounts, rules.ties);
    if (!rules.is_normalized) return;
    const double ideal = IdealDcg(scratch.gains, discounts);
    values[query] = ideal == 0 ? 0 : values[query] / ideal;
  });
  return values;
}

}  // namespace treeline
