#include "boosting/leaf_renewal.h"

#include <cstdint>

#include "boosting/for_rows.h"
#include "loss/weighted_quantile.h"

namespace treeline::boosting {

namespace {

/// add(residual, target, weight) for every row of a leaf.
template <typename Add>
void ForResiduals(const RowPartition& partition, std::int64_t leaf, const RowData& data,
                  std::int64_t output, Add&& add) {
  for (std::int64_t c = 0; c < data.n_chunks(); ++c) {
    const double* targets = data.targets(c, output);
    const double* scores = data.scores(c, output);
    ForRows(partition.rows(leaf, c), [&](std::int64_t i) {
      add(targets[i] - scores[i], targets[i],
          data.weights(c) == nullptr ? 1.0 : static_cast<double>(data.weights(c)[i]));
    });
  }
}

}  // namespace

std::vector<double> RenewedLeaves(const Loss& loss, const RowPartition& partition,
                                  const RowData& data, std::int64_t output, const Context& ctx) {
  const double quantile = RenewalQuantile(loss).value();
  const bool is_weighted =
      loss.kind == LossKind::kMape || (data.n_chunks() > 0 && data.weights(0) != nullptr);
  std::vector<double> values(static_cast<std::size_t>(partition.n_leaves()));
  ctx.ParallelFor(partition.n_leaves(), [&](std::int64_t leaf, int) {
    const auto count = static_cast<std::size_t>(partition.count(leaf));
    if (is_weighted) {
      std::vector<Weighted> residuals;
      residuals.reserve(count);
      ForResiduals(partition, leaf, data, output, [&](double residual, double y, double weight) {
        residuals.push_back({residual, weight * RenewalWeight(loss.kind, y)});
      });
      values[leaf] = Quantile(residuals, quantile);
    } else {
      std::vector<double> residuals;
      residuals.reserve(count);
      ForResiduals(partition, leaf, data, output,
                   [&](double residual, double, double) { residuals.push_back(residual); });
      values[leaf] = Quantile(residuals, quantile);
    }
  });
  return values;
}

std::vector<double> LeafWeights(const RowPartition& partition, const RowData& data,
                                const Context& ctx) {
  std::vector<double> weights(static_cast<std::size_t>(partition.n_leaves()));
  ctx.ParallelFor(partition.n_leaves(), [&](std::int64_t leaf, int) {
    ForResiduals(partition, leaf, data, 0,
                 [&](double, double, double weight) { weights[leaf] += weight; });
  });
  return weights;
}

}  // namespace treeline::boosting
