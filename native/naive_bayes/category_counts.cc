#include "naive_bayes/category_counts.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace treeline {

namespace {

bool IsCategory(double value) noexcept {
  return value >= 0 && value < static_cast<double>(CategoryCountsSink::kMaxCategories) &&
         value == std::floor(value);
}

}  // namespace

CategoryCountsSink::CategoryCountsSink(FeatureLabels labels, ClassRows rows)
    : labels_(std::move(labels)),
      rows_(std::move(rows)),
      reblocker_(labels_.size()),
      counts_(static_cast<std::size_t>(labels_.size())) {}

std::size_t CategoryCountsSink::bytes() const noexcept {
  std::size_t bytes = reblocker_.bytes() + 4 * rows_.codes.size() + 8 * rows_.weights.size();
  for (const std::vector<double>& column : counts_) bytes += 8 * column.size();
  return bytes;
}

void CategoryCountsSink::Push(const Block& block, const Context& ctx) {
  rows_.CheckRows(rows() + block.rows, labels_);
  reblocker_.Push(block, ctx, [&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

void CategoryCountsSink::Finish(const Context& ctx) {
  reblocker_.Flush([&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

void CategoryCountsSink::Consume(std::span<const Slot<double>> slots, const Context& ctx) {
  std::vector<std::uint8_t> is_good(counts_.size());
  ctx.ParallelFor(static_cast<std::int64_t>(counts_.size()),
                  [&](std::int64_t j, int) { is_good[j] = AddColumn(slots, j) ? 1 : 0; });
  if (std::find(is_good.begin(), is_good.end(), 0) != is_good.end()) RefuseOther(slots);
}

/// Adds row by row: few rows share a cell, and a column's order does not depend on anything.
/// Whether all values are categories.
bool CategoryCountsSink::AddColumn(std::span<const Slot<double>> slots, std::int64_t column) {
  std::vector<double>& counts = counts_[column];
  const auto n_classes = static_cast<std::size_t>(rows_.n_classes);
  for (const Slot<double>& slot : slots) {
    const double* values = slot.column(column);
    for (std::int64_t i = 0; i < slot.rows; ++i) {
      if (!IsCategory(values[i])) return false;
      const std::size_t cell = static_cast<std::size_t>(values[i]) * n_classes;
      if (cell >= counts.size()) counts.resize(cell + n_classes, 0.0);
      const std::int64_t row = slot.index * kSlotRows + i;
      counts[cell + rows_.codes[row]] += rows_.weights.empty() ? 1.0 : rows_.weights[row];
    }
  }
  return true;
}

void CategoryCountsSink::RefuseOther(std::span<const Slot<double>> slots) const {
  RefuseNonFinite(labels_, slots);
  for (const Slot<double>& slot : slots) {
    for (std::int64_t i = 0; i < slot.rows; ++i) {
      for (std::int64_t j = 0; j < slot.cols; ++j) {
        const double value = slot.column(j)[i];
        if (IsCategory(value)) continue;
        throw Error(ErrorCode::kInvalidData,
                    labels_.where() + " has " + (value < 0 ? "a negative value" : "no category") +
                        " in row " + std::to_string(slot.index * kSlotRows + i) + ", " +
                        labels_.Name(j) + ": categories are integers from 0 to " +
                        std::to_string(kMaxCategories - 1));
      }
    }
  }
}

std::vector<double> CategoryCountsSink::ClassWeight() const {
  std::vector<double> total(static_cast<std::size_t>(rows_.n_classes));
  for (std::int64_t row = 0; row < rows(); ++row)
    total[rows_.codes[row]] += rows_.weights.empty() ? 1.0 : rows_.weights[row];
  return total;
}

}  // namespace treeline
