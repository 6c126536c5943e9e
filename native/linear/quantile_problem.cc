#include "linear/quantile_problem.h"

#include <algorithm>
#include <cmath>

#include "linear/quantile_pass.h"
#include "linear/sparse_gram.h"

namespace treeline {

double QuantileProblem::At(std::int64_t row, std::int64_t column) const noexcept {
  if (table.dense() != nullptr)
    return table.dense()->slots()[row / kSlotRows].At(row % kSlotRows, column, cols());
  const SparseRows& rows = table.sparse()->by_row();
  std::int64_t begin = rows.begin(row);
  std::int64_t end = rows.end(row);
  while (begin < end) {
    const std::int64_t middle = begin + (end - begin) / 2;
    if (rows.column(middle) == column) return rows.value(middle);
    (rows.column(middle) < column ? begin : end) = middle + (rows.column(middle) < column ? 1 : 0);
  }
  return 0;
}

void QuantileProblem::Constraint(std::int64_t i, double* out) const {
  const auto n = static_cast<std::int64_t>(columns.size());
  if (i >= rows()) {
    std::fill_n(out, size(), 0.0);
    out[i - rows()] = 1;
    return;
  }
  for (std::int64_t k = 0; k < n; ++k) {
    const std::int64_t j = columns[k];
    out[k] = (At(i, j) - shift[j]) * factor[j];
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
  if (problem.table.sparse() != nullptr) {
    const SparseRows& columns = problem.table.sparse()->by_column();
    double total = 0;
    for (std::int64_t i = 0; i < problem.rows(); ++i) total += problem.Weight(i);
    std::vector<double> sums(static_cast<std::size_t>(cols));
    problem.table.sparse()->ForEachColumn(ctx, [&](std::int64_t j) {
      double rest = total;  // the weight of rows that have no entry
      for (std::int64_t e = columns.begin(j); e < columns.end(j); ++e) {
        const double weight = problem.Weight(columns.column(e));
        sums[j] += weight * std::abs(columns.value(e) - problem.shift[j]);
        rest -= weight;
      }
      sums[j] += std::max(rest, 0.0) * std::abs(problem.shift[j]);
    });
    return sums;
  }
  return SumSlots<QuantileTile>(
      problem.slots(), cols, ctx, [&](std::int64_t s, QuantileTile& tile, double* lanes) {
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

/// Moments of every column of a sparse table over the rows of role 1.
std::vector<Moments> SparseMoments(const SparseStore& table, const std::vector<double>& role,
                                   std::int64_t n_rows, const Context& ctx) {
  std::vector<Moments> moments(static_cast<std::size_t>(table.cols()));
  table.ForEachColumn(ctx, [&](std::int64_t j) {
    const auto count = static_cast<double>(n_rows);
    const double mean = table.by_column().Dot(j, role.data(), 0) / count;
    moments[j] = {count, mean, SquaresAbout(table.by_column(), j, mean, role, count, n_rows)};
  });
  return moments;
}

/// Moments of every column over the rows that weigh something: others may lie anywhere.
std::vector<Moments> MomentsOf(const QuantileProblem& problem, const Context& ctx) {
  const std::int64_t cols = problem.cols();
  std::vector<double> role;
  std::int64_t n_rows = 0;
  for (std::int64_t i = 0; i < problem.rows(); ++i) {
    role.push_back(problem.Weight(i) > 0 ? 1 : 0);
    n_rows += problem.Weight(i) > 0 ? 1 : 0;
  }
  if (n_rows == problem.rows()) return problem.table.moments();
  if (problem.table.sparse() != nullptr)
    return SparseMoments(*problem.table.sparse(), role, n_rows, ctx);
  const std::vector<LinearStore::StoredSlot>& slots = problem.table.dense()->slots();
  std::vector<Moments> parts(static_cast<std::size_t>(problem.slots() * cols));
  ctx.ParallelFor(problem.slots(), [&](std::int64_t s, int) {
    for (std::int64_t j = 0; j < cols; ++j) {
      for (std::int64_t i = 0; i < slots[s].rows; ++i) {
        if (role[s * kSlotRows + i] > 0)
          Merge(parts[s * cols + j], Moments{1, slots[s].At(i, j, cols), 0});
      }
    }
  });
  std::vector<Moments> total(static_cast<std::size_t>(cols));
  for (std::int64_t k = 0; k < problem.slots() * cols; ++k) Merge(total[k % cols], parts[k]);
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

std::vector<double> SparseColumnSums(const QuantileProblem& problem,
                                     const std::vector<double>& factors, std::int64_t n_factors,
                                     const Context& ctx) {
  const std::int64_t cols = problem.cols();
  const SparseRows& columns = problem.table.sparse()->by_column();
  std::vector<double> sums(static_cast<std::size_t>(n_factors * (cols + 1)));
  for (std::int64_t k = 0; k < n_factors; ++k) {
    const double* factor = factors.data() + k * problem.rows();
    double total = 0;
    for (std::int64_t i = 0; i < problem.rows(); ++i) total += factor[i];
    double* const out = sums.data() + k * (cols + 1);
    out[cols] = total;
    problem.table.sparse()->ForEachColumn(ctx, [&](std::int64_t j) {
      out[j] = columns.Dot(j, factor, 0) - problem.shift[j] * total;
    });
  }
  return sums;
}

}  // namespace treeline
