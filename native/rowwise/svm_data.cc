#include "rowwise/svm_data.h"

#include <algorithm>

namespace treeline {

namespace {

/// Slots whose sums are kept at a time: enough for every thread, few enough for wide tables.
constexpr std::int64_t kBatchSlots = 32;
constexpr std::int64_t kColumnsPerTask = 256;

}  // namespace

SvmData::SvmData(const RowStore& store, double scaling) : store_(store), scaling_(scaling) {
  if (store.is_sparse()) columns_.emplace(*this);
}

double SvmData::Dot(std::int64_t row, const std::vector<double>& w) const noexcept {
  const double dot = WithRows(store_, [&](const auto& rows) { return rows.Dot(row, w.data()); });
  return dot + scaling_ * w.back();
}

void SvmData::AddScaled(std::int64_t row, double factor, std::vector<double>& w) const noexcept {
  WithRows(store_, [&](const auto& rows) { rows.AddScaled(row, factor, w.data()); });
  w.back() += factor * scaling_;
}

std::vector<double> SvmData::Times(const std::vector<double>& w, const Context& ctx) const {
  std::vector<double> out(static_cast<std::size_t>(rows()));
  ctx.ParallelFor((rows() + kSlotRows - 1) / kSlotRows, [&](std::int64_t slot, int) {
    const std::int64_t end = std::min(rows(), (slot + 1) * kSlotRows);
    for (std::int64_t row = slot * kSlotRows; row < end; ++row) out[row] = Dot(row, w);
  });
  return out;
}

/// Sums of add_row(row, sum) over all rows.
template <typename AddRow>
std::vector<double> SvmData::SumRows(const Context& ctx, AddRow&& add_row) const {
  const std::int64_t n_slots = (rows() + kSlotRows - 1) / kSlotRows;
  std::vector<double> total(width(), 0.0);
  std::vector<std::vector<double>> parts(static_cast<std::size_t>(std::min(n_slots, kBatchSlots)));
  for (std::int64_t first = 0; first < n_slots; first += kBatchSlots) {
    const std::int64_t count = std::min(kBatchSlots, n_slots - first);
    ctx.ParallelFor(count, [&](std::int64_t s, int) {
      parts[s].assign(width(), 0.0);
      const std::int64_t end = std::min(rows(), (first + s + 1) * kSlotRows);
      for (std::int64_t row = (first + s) * kSlotRows; row < end; ++row) add_row(row, parts[s]);
    });
    for (std::int64_t s = 0; s < count; ++s) {
      for (std::size_t j = 0; j < total.size(); ++j) total[j] += parts[s][j];
    }
  }
  return total;
}

/// Sums of term(row, value) over every column's entries, as SumRows adds them: a slot's first.
template <typename Term>
std::vector<double> SvmData::SumColumns(const Context& ctx, Term&& term) const {
  const auto n = static_cast<std::int64_t>(width());
  std::vector<double> total(width(), 0.0);
  ctx.ParallelFor((n + kColumnsPerTask - 1) / kColumnsPerTask, [&](std::int64_t task, int) {
    const std::int64_t end = std::min(n, (task + 1) * kColumnsPerTask);
    for (std::int64_t j = task * kColumnsPerTask; j < end; ++j) {
      std::int64_t slot = 0;
      double part = 0;
      columns_->ForEach(j, [&](std::int64_t row, double x) {
        if (row / kSlotRows != slot) {
          total[j] += part;
          part = 0;
          slot = row / kSlotRows;
        }
        part += term(row, x);
      });
      total[j] += part;
    }
  });
  return total;
}

std::vector<double> SvmData::TransposedTimes(const std::vector<double>& r,
                                             const Context& ctx) const {
  if (columns_) return SumColumns(ctx, [&](std::int64_t row, double x) { return r[row] * x; });
  return SumRows(ctx, [&](std::int64_t row, std::vector<double>& sum) {
    if (r[row] != 0) AddScaled(row, r[row], sum);
  });
}

std::vector<double> SvmData::TransposedSquaresTimes(const std::vector<double>& r,
                                                    const Context& ctx) const {
  if (columns_) return SumColumns(ctx, [&](std::int64_t row, double x) { return r[row] * x * x; });
  return SumRows(ctx, [&](std::int64_t row, std::vector<double>& sum) {
    if (r[row] == 0) return;
    ForEach(row, [&](std::int64_t j, double x) { sum[j] += r[row] * x * x; });
  });
}

void SvmData::Write(const std::vector<double>& w, std::vector<double>& coef,
                    double& intercept) const {
  coef.assign(w.begin(), w.begin() + cols());
  intercept = scaling_ * w.back();
}

SvmColumns::SvmColumns(const SvmData& data) : starts_(data.width() + 1, 0) {
  for (std::int64_t row = 0; row < data.rows(); ++row)
    data.ForEach(row, [&](std::int64_t j, double x) { starts_[j + 1] += x != 0 ? 1 : 0; });
  for (std::size_t j = 1; j < starts_.size(); ++j) starts_[j] += starts_[j - 1];
  rows_.resize(static_cast<std::size_t>(starts_.back()));
  values_.resize(rows_.size());
  std::vector<std::int64_t> next(starts_.begin(), starts_.end() - 1);
  for (std::int64_t row = 0; row < data.rows(); ++row) {
    data.ForEach(row, [&](std::int64_t j, double x) {
      if (x == 0) return;
      rows_[next[j]] = static_cast<std::int32_t>(row);
      values_[next[j]++] = x;
    });
  }
}

}  // namespace treeline
