#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "loss/queries.h"

namespace treeline {

/// What a document gains by its rank: 1 / log_b(rank + 2) of it, rank counted from 0.
class Discounts {
 public:
  /// For ranks below `n`; those from `k` on gain nothing (k <= 0: all gain).
  Discounts(std::int64_t n, std::int64_t k, double log_base = 2);
  double operator[](std::int64_t rank) const noexcept { return of_rank_[rank]; }
  /// Sum of the discounts of ranks [first, last).
  double Sum(std::int64_t first, std::int64_t last) const noexcept {
    return sums_[last] - sums_[first];
  }

 private:
  std::vector<double> of_rank_, sums_;
};

/// How documents with equal scores are ranked.
enum class Ties {
  kAverage,    // the mean over all their orders (McSherry and Najork 2008)
  kLaterFirst  // as scikit-learn's ignore_ties happens to
};

/// A document in a list that is ranked.
struct Ranked {
  double score;
  double gain;
};

/// Puts the highest score first.
void Rank(std::span<Ranked> documents, Ties ties);

/// Discounted cumulative gain of one query (scikit-learn's _dcg_sample_scores), ranked by Rank.
double Dcg(std::span<const Ranked> documents, const Discounts& discounts, Ties ties);

/// The most that the gains could give; reorders them.
double IdealDcg(std::span<double> gains, const Discounts& discounts);

/// How queries are scored.
struct DcgRules {
  std::int64_t k = 0;  // documents that count; 0: all
  double log_base = 2;
  Ties ties = Ties::kAverage;
  bool is_normalized = true;  // divided by the ideal; 0 where that is 0
};

/// The (normalized) discounted cumulative gain of every query; `gains` and `scores` of every row.
std::vector<double> DcgByQuery(const Queries& queries, std::span<const double> gains,
                               std::span<const double> scores, const DcgRules& rules,
                               const Context& ctx);

}  // namespace treeline
