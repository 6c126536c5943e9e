#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "boosting/gradients.h"
#include "boosting/row_data.h"
#include "core/context.h"
#include "loss/lambdarank.h"
#include "loss/queries.h"
#include "loss/ranking_metrics.h"

namespace treeline::boosting {

/// Lambdarank over the rows of a store, whose targets are gains: a loss of whole queries, not of
/// rows.
class QueryLoss {
 public:
  /// `codes`: the query of every row of the table that the rows of `data` are part of. Keeps
  /// referring to `data`.
  QueryLoss(const LambdarankParams& params, const RowData& data,
            std::span<const std::int32_t> codes);

  /// Gradients and hessians at the raw predictions of now, weights included.
  void Compute(GivenGradients& given, const Context& ctx) const;

  /// Means of metrics over the queries, which weigh what their rows weigh on average. The same bits
  /// for any number of threads.
  std::vector<double> MeanScores(std::span<const RankingMetric> metrics, const Context& ctx) const;

  std::size_t bytes() const noexcept {
    return queries_.bytes() + 8 * (gains_.size() + inverse_ideals_.size());
  }

 private:
  std::vector<double> RowScores(const Context& ctx) const;

  LambdarankParams params_;
  const RowData& data_;
  Queries queries_;  // of store rows
  Discounts discounts_;
  std::vector<double> gains_;           // by store row
  std::vector<double> inverse_ideals_;  // by query; 0 for one without gains
};

}  // namespace treeline::boosting
