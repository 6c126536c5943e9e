#include "linear/quantile_problem.h"

#include <algorithm>
#include <cmath>

#include "linear/quantile_tile.h"
#include "linear/slot_sums.h"

namespace treeline {

void QuantileProblem::Constraint(std::int64_t i, double* out) const {
  const auto n = static_cast<std::int64_t>(columns.size());
  if (i >= rows()) {
    std::fill_n(out, size(), 0.0);
    out[i - rows()] = 1;
    return;
  }
  const LinearStore::StoredSlot& slot = store->slots()[i / kSlotRows];
  for (std::int64_t k = 0; k < n; ++k) {
    const std::int64_t j = columns[k];
    out[k] = (slot.At(i % kSlotRows, j, cols()) - shift[j]) * factor[j];
  }
  if (fit_intercept) out[n] = 1;
}

std::vector<double> QuantileProblem::Spread(const std::vector<double>& beta) const {
  std::vector<double> spread(static_cast<std::size_t>(cols() + 1));
  for (std::size_t k = 0; k < columns.size(); ++k)
    spread[columns[k]] = beta[k] * factor[columns[k]];
  if (fit_intercept) spread[cols()] = beta[columns.size()];
  return spread;
}

std::vector<double> QuantileProblem::Gather(const double* sums) const {
  std::vector<double> gathered;
  for (const std::int64_t j : columns) gathered.push_back(sums[j] * factor[j]);
  if (fit_intercept) gathered.push_back(sums[cols()]);
  return gathered;
}

namespace {

/// Sums of weight * |x - shift| over the rows, of every column.
std::vector<double> AbsoluteSums(const QuantileProblem& problem, const Context& ctx) {
  const std::int64_t cols = problem.cols();
  return SumSlots<QuantileTile>(
      static_cast<std::int64_t>(problem.store->slots().size()), cols, ctx,
      [&](std::int64_t s, QuantileTile& tile, double* lanes) {
        tile.ForEach(problem, s, [&](std::int64_t first, std::int64_t count, std::int64_t rows) {
          std::fill_n(tile.a.data(), rows, 0.0);
          for (std::int64_t i = 0; i < count; ++i) tile.a[i] = problem.Weight(first + i);
          for (std::int64_t j = 0; j < cols; ++j) {
            double* column = tile.z.data() + j * kTileRows;
            for (std::int64_t i = 0; i < rows; ++i) column[i] = std::abs(column[i]);
          }
          simd::Active().linear.add_products(tile.a.data(), kTileRows, 1, tile.z.data(), kTileRows,
                                             cols, rows, false, lanes);
        });
      });
}

/// Moments of every column over the rows that weigh something: others may lie anywhere.
std::vector<Moments> MomentsOf(const QuantileProblem& problem, const Context& ctx) {
  const std::span<const double> weights = problem.weights;
  if (std::find(weights.begin(), weights.end(), 0.0) == weights.end())
    return problem.store->moments();
  const std::vector<LinearStore::StoredSlot>& slots = problem.store->slots();
  const std::int64_t cols = problem.cols();
  const auto n_slots = static_cast<std::int64_t>(slots.size());
  std::vector<Moments> parts(static_cast<std::size_t>(n_slots * cols));
  ctx.ParallelFor(n_slots, [&](std::int64_t s, int) {
    for (std::int64_t j = 0; j < cols; ++j) {
      for (std::int64_t i = 0; i < slots[s].rows; ++i) {
        if (problem.Weight(s * kSlotRows + i) > 0)
          Merge(parts[s * cols + j], Moments{1, slots[s].At(i, j, cols), 0});
      }
    }
  });
  std::vector<Moments> total(static_cast<std::size_t>(cols));
  for (std::int64_t k = 0; k < n_slots * cols; ++k) Merge(total[k % cols], parts[k]);
  return total;
}

}  // namespace

void ChooseColumns(QuantileProblem& problem, double penalty, const Context& ctx) {
  problem.shift.clear();
  problem.factor.clear();
  for (const Moments& moments : MomentsOf(problem, ctx)) {
    const double mean = moments.mean;
    const double deviation = std::sqrt(moments.Variance());
    const bool is_constant = !(deviation > 1e-14 * std::abs(mean));
    double scale = is_constant ? 0 : deviation;
    if (!problem.fit_intercept) scale = std::sqrt(moments.Variance() + mean * mean);
    problem.shift.push_back(problem.fit_intercept ? mean : 0);
    problem.factor.push_back(scale > 0 && std::isfinite(1 / scale) ? 1 / scale : 0);
  }
  std::vector<double> most;  // that a column's residuals can pull with
  if (penalty > 0) most = AbsoluteSums(problem, ctx);
  const double steepest = std::max(problem.quantile, 1 - problem.quantile);
  for (std::int64_t j = 0; j < problem.cols(); ++j) {
    if (problem.factor[j] == 0 || (penalty > 0 && !(penalty < steepest * most[j]))) continue;
    problem.columns.push_back(j);
    if (penalty > 0) problem.penalty.push_back(penalty * problem.factor[j]);
  }
}

}  // namespace treeline
