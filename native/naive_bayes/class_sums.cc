#include "naive_bayes/class_sums.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

ClassSumsSink::ClassSumsSink(FeatureLabels labels, ClassRows rows, std::optional<double> threshold)
    : labels_(std::move(labels)),
      rows_(std::move(rows)),
      threshold_(threshold),
      reblocker_(labels_.size()),
      class_weight_(static_cast<std::size_t>(rows_.n_classes)),
      sums_(static_cast<std::size_t>(rows_.n_classes * labels_.size())) {}

std::size_t ClassSumsSink::bytes() const noexcept {
  return reblocker_.bytes() + 4 * rows_.codes.size() + 8 * (rows_.weights.size() + sums_.size());
}

void ClassSumsSink::Push(const Block& block, const Context& ctx) {
  rows_.CheckRows(rows() + block.rows, labels_);
  reblocker_.Push(block, ctx, [&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

void ClassSumsSink::Finish(const Context& ctx) {
  reblocker_.Flush([&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

/// One task a column, which goes through the slots in their order: nothing is left to merge.
void ClassSumsSink::Consume(std::span<const Slot<double>> slots, const Context& ctx) {
  const std::vector<ClassOrder> orders = OrdersOf(rows_, slots, ctx);
  for (const ClassOrder& order : orders) {
    for (const ClassOrder::Run& run : order.runs()) {
      class_weight_[run.code] +=
          rows_.weights.empty()
              ? static_cast<double>(run.count)
              : simd::Active().rows.sum(order.weights().data() + run.begin, run.count);
    }
  }
  std::vector<std::uint8_t> is_good(static_cast<std::size_t>(cols()));
  ctx.ParallelFor(cols(),
                  [&](std::int64_t j, int) { is_good[j] = AddColumn(slots, orders, j) ? 1 : 0; });
  if (std::find(is_good.begin(), is_good.end(), 0) == is_good.end()) return;
  RefuseNonFinite(labels_, slots);
  RefuseNegative(slots);
}

/// Whether the column's values are what they may be.
bool ClassSumsSink::AddColumn(std::span<const Slot<double>> slots,
                              const std::vector<ClassOrder>& orders, std::int64_t column) {
  const simd::RowKernels& kernels = simd::Active().rows;
  std::array<double, kSlotRows> values;
  bool is_good = true;
  for (std::size_t s = 0; s < slots.size(); ++s) {
    const std::int64_t n = slots[s].rows;
    orders[s].Gather(slots[s].column(column), values.data());
    is_good &= kernels.is_finite(values.data(), n);
    if (threshold_) {
      for (std::int64_t i = 0; i < n; ++i) values[i] = values[i] > *threshold_ ? 1.0 : 0.0;
    } else {
      is_good &= std::none_of(values.data(), values.data() + n, [](double x) { return x < 0; });
    }
    for (const ClassOrder::Run& run : orders[s].runs()) {
      const double* from = values.data() + run.begin;
      sums_[run.code * cols() + column] +=
          rows_.weights.empty()
              ? kernels.sum(from, run.count)
              : kernels.dot(from, orders[s].weights().data() + run.begin, run.count);
    }
  }
  return is_good;
}

void ClassSumsSink::RefuseNegative(std::span<const Slot<double>> slots) const {
  for (const Slot<double>& slot : slots) {
    for (std::int64_t i = 0; i < slot.rows; ++i) {
      for (std::int64_t j = 0; j < slot.cols; ++j) {
        if (!(slot.column(j)[i] < 0)) continue;
        throw Error(ErrorCode::kInvalidData, labels_.where() + " has a negative value in row " +
                                                 std::to_string(slot.index * kSlotRows + i) + ", " +
                                                 labels_.Name(j) +
                                                 ": counts and frequencies are expected");
      }
    }
  }
}

}  // namespace treeline
