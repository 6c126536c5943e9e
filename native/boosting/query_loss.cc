#include "boosting/query_loss.h"

#include <algorithm>

namespace treeline::boosting {

namespace {

std::vector<std::int32_t> StoreCodes(const RowData& data, std::span<const std::int32_t> codes) {
  std::vector<std::int32_t> of_rows;
  of_rows.reserve(static_cast<std::size_t>(data.n_rows()));
  for (std::int64_t c = 0; c < data.n_chunks(); ++c) {
    for (std::int64_t i = 0; i < data.rows(c); ++i) of_rows.push_back(codes[data.table_row(c, i)]);
  }
  return of_rows;
}

double WeightOf(const RowData& data, std::int64_t row) {
  const float* weights = data.weights(row / kChunkRows);
  return weights == nullptr ? 1.0 : static_cast<double>(weights[row % kChunkRows]);
}

}  // namespace

QueryLoss::QueryLoss(const LambdarankParams& params, const RowData& data,
                     std::span<const std::int32_t> codes)
    : params_(params),
      data_(data),
      queries_(StoreCodes(data, codes)),
      discounts_(queries_.largest(), 0) {
  for (std::int64_t c = 0; c < data.n_chunks(); ++c)
    gains_.insert(gains_.end(), data.targets(c, 0), data.targets(c, 0) + data.rows(c));
  const Discounts top(queries_.largest(), params.truncation_level);
  std::vector<double> gains;
  for (std::int64_t query = 0; query < queries_.n_queries(); ++query) {
    gains.clear();
    for (const std::int64_t row : queries_.rows(query)) gains.push_back(gains_[row]);
    const double ideal = IdealDcg(gains, top);
    inverse_ideals_.push_back(ideal > 0 ? 1 / ideal : 0);
  }
}

std::vector<double> QueryLoss::RowScores(const Context& ctx) const {
  std::vector<double> scores(gains_.size());
  ctx.ParallelFor(data_.n_chunks(), [&](std::int64_t c, int) {
    std::copy_n(data_.scores(c, 0), data_.rows(c), scores.data() + c * kChunkRows);
  });
  return scores;
}

void QueryLoss::Compute(GivenGradients& given, const Context& ctx) const {
  struct Scratch {
    LambdarankScratch lambdarank;
    std::vector<double> gains, scores, gradients, hessians;
  };
  std::vector<Scratch> by_slot(static_cast<std::size_t>(ctx.n_jobs));
  given.gradients.assign(gains_.size(), 0);
  given.hessians.assign(gains_.size(), 0);
  queries_.ForEach(ctx, [&](std::int64_t query, int slot) {
    if (inverse_ideals_[query] == 0) return;  // nothing to choose
    Scratch& s = by_slot[slot];
    const std::span<const std::int64_t> rows = queries_.rows(query);
    for (auto* values : {&s.gains, &s.scores, &s.gradients, &s.hessians})
      values->resize(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      s.gains[i] = gains_[rows[i]];
      s.scores[i] = data_.scores(rows[i] / kChunkRows, 0)[rows[i] % kChunkRows];
    }
    LambdaGradients(params_, s.gains, s.scores, inverse_ideals_[query], discounts_, ctx.cancel,
                    s.lambdarank, s.gradients.data(), s.hessians.data());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double weight = WeightOf(data_, rows[i]);
      given.gradients[rows[i]] = static_cast<float>(weight * s.gradients[i]);
      given.hessians[rows[i]] = static_cast<float>(weight * s.hessians[i]);
    }
  });
}

std::vector<double> QueryLoss::MeanScores(std::span<const RankingMetric> metrics,
                                          const Context& ctx) const {
  const std::vector<double> values = RankingScores(queries_, gains_, RowScores(ctx), metrics, ctx);
  std::vector<double> sums(metrics.size());
  double weight_sum = 0;
  for (std::int64_t query = 0; query < queries_.n_queries(); ++query) {
    if (queries_.size(query) == 0) continue;
    double weight = 0;
    for (const std::int64_t row : queries_.rows(query)) weight += WeightOf(data_, row);
    weight /= static_cast<double>(queries_.size(query));
    const double* of_query = values.data() + query * static_cast<std::int64_t>(metrics.size());
    for (std::size_t m = 0; m < metrics.size(); ++m) sums[m] += weight * of_query[m];
    weight_sum += weight;
  }
  for (double& sum : sums) sum /= weight_sum;
  return sums;
}

}  // namespace treeline::boosting
