#include "naive_bayes/class_rows.h"

#include <optional>

#include "core/error.h"

namespace treeline {

void ClassRows::CheckRows(std::int64_t rows, const FeatureLabels& labels) const {
  if (rows <= static_cast<std::int64_t>(codes.size())) return;
  throw Error(ErrorCode::kInvalidData, labels.where() +
                                           " has more rows than y has values, which are " +
                                           std::to_string(codes.size()));
}

ClassOrder::ClassOrder(const ClassRows& rows, std::int64_t first_row, std::int64_t n_rows)
    : order_(static_cast<std::size_t>(n_rows)) {
  std::vector<std::int32_t> place(static_cast<std::size_t>(rows.n_classes) + 1, 0);
  const std::int32_t* codes = rows.codes.data() + first_row;
  for (std::int64_t i = 0; i < n_rows; ++i) ++place[codes[i] + 1];
  for (std::int64_t k = 0; k < rows.n_classes; ++k) {
    if (place[k + 1] > 0) runs_.push_back({k, place[k], place[k + 1]});
    place[k + 1] += place[k];
  }
  for (std::int64_t i = 0; i < n_rows; ++i)
    order_[place[codes[i]]++] = static_cast<std::int32_t>(i);
  if (rows.weights.empty()) return;
  weights_.resize(order_.size());
  Gather(rows.weights.data() + first_row, weights_.data());
}

void ClassOrder::Gather(const double* column, double* out) const noexcept {
  for (std::size_t i = 0; i < order_.size(); ++i) out[i] = column[order_[i]];
}

std::vector<ClassOrder> OrdersOf(const ClassRows& rows, std::span<const Slot<double>> slots,
                                 const Context& ctx) {
  const auto n = static_cast<std::int64_t>(slots.size());
  std::vector<std::optional<ClassOrder>> made(slots.size());
  ctx.ParallelFor(n, [&](std::int64_t s, int) {
    made[s].emplace(rows, slots[s].index * kSlotRows, slots[s].rows);
  });
  std::vector<ClassOrder> orders;
  orders.reserve(slots.size());
  for (std::optional<ClassOrder>& order : made) {
    if (order) orders.push_back(*std::move(order));  // all were made
  }
  return orders;
}

void RefuseNonFinite(const FeatureLabels& labels, std::span<const Slot<double>> slots) {
  for (const Slot<double>& slot : slots) {
    Block block;
    block.rows = slot.rows;
    block.first_row = slot.index * kSlotRows;
    for (std::int64_t j = 0; j < slot.cols; ++j) {
      Column column;
      column.values = slot.column(j);
      block.columns.push_back(column);
    }
    labels.RefuseNonFinite(block, 0, slot.rows);
  }
}

}  // namespace treeline
