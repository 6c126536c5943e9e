#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/context.h"
#include "loss/queries.h"

namespace treeline {

/// How well a query is ranked, of the k documents ranked highest (k <= 0: of all). A document is of
/// use if its gain is above 0; a query without any counts 1 (LightGBM's ndcg_metric, map_metric).
struct RankingMetric {
  enum Kind {
    kNdcg,
    kMap,  // average precision: the mean over the documents of use of the share of use up to them,
           // 0 for one below rank k; over k of them if there are more
    kMrr   // 1 / the rank of the first document of use; 0 if that is below rank k
  };
  Kind kind = kNdcg;
  std::int64_t k = 10;
};

/// The metrics of every query, queries × metrics; `gains` and `scores` of every row. Documents of
/// equal scores count the mean over all their orders (McSherry and Najork 2008, "Computing
/// information retrieval performance measures efficiently in the presence of tied scores").
std::vector<double> RankingScores(const Queries& queries, std::span<const double> gains,
                                  std::span<const double> scores,
                                  std::span<const RankingMetric> metrics, const Context& ctx);

}  // namespace treeline
