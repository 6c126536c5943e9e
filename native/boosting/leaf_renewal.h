#pragma once

#include <vector>

#include "boosting/gradients.h"
#include "boosting/row_partition.h"
#include "core/context.h"
#include "loss/pointwise.h"

namespace treeline::boosting {

/// For every leaf of a partition the quantile of its rows' residuals (target - raw prediction of an
/// output) that RenewalQuantile asks for; only for losses that have one (scikit-learn's
/// _update_leaves_values).
std::vector<double> RenewedLeaves(const Loss& loss, const RowPartition& partition,
                                  const RowData& data, std::int64_t output, const Context& ctx);

/// What the rows of every leaf weigh.
std::vector<double> LeafWeights(const RowPartition& partition, const RowData& data,
                                const Context& ctx);

}  // namespace treeline::boosting
