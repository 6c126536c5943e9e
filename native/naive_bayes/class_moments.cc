#include "naive_bayes/class_moments.h"

#include <array>
#include <atomic>
#include <cmath>

#include "simd/kernels.h"

namespace treeline {

ClassMomentsSink::ClassMomentsSink(FeatureLabels labels, ClassRows rows)
    : labels_(std::move(labels)),
      rows_(std::move(rows)),
      reblocker_(labels_.size()),
      plain_(static_cast<std::size_t>(rows_.n_classes * labels_.size())),
      weighted_(rows_.weights.empty() ? 0 : plain_.size()) {}

std::size_t ClassMomentsSink::bytes() const noexcept {
  return reblocker_.bytes() + 4 * rows_.codes.size() + 8 * rows_.weights.size() +
         sizeof(Moments) * (plain_.size() + weighted_.size());
}

void ClassMomentsSink::Push(const Block& block, const Context& ctx) {
  rows_.CheckRows(rows() + block.rows, labels_);
  reblocker_.Push(block, ctx, [&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

void ClassMomentsSink::Finish(const Context& ctx) {
  reblocker_.Flush([&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

/// One task a column, which goes through the slots in their order: nothing is left to merge.
void ClassMomentsSink::Consume(std::span<const Slot<double>> slots, const Context& ctx) {
  const std::vector<ClassOrder> orders = OrdersOf(rows_, slots, ctx);
  std::vector<std::uint8_t> is_finite(static_cast<std::size_t>(cols()));
  ctx.ParallelFor(cols(),
                  [&](std::int64_t j, int) { is_finite[j] = AddColumn(slots, orders, j) ? 1 : 0; });
  for (std::int64_t j = 0; j < cols(); ++j) {
    if (is_finite[j] != 0) continue;
    RefuseNonFinite(labels_, slots);
    labels_.RefuseTooLarge(j);
  }
}

/// Whether the column's values, and their squares, are finite.
bool ClassMomentsSink::AddColumn(std::span<const Slot<double>> slots,
                                 const std::vector<ClassOrder>& orders, std::int64_t column) {
  const simd::MomentKernels& kernels = simd::Active().moments;
  std::array<double, kSlotRows> values;
  bool is_finite = true;
  for (std::size_t s = 0; s < slots.size(); ++s) {
    orders[s].Gather(slots[s].column(column), values.data());
    for (const ClassOrder::Run& run : orders[s].runs()) {
      const double* from = values.data() + run.begin;
      std::int64_t count = 0;
      Moments part;
      kernels.column_moments(from, run.count, &count, &part.mean, &part.m2);
      part.count = static_cast<double>(count);
      is_finite &= count == run.count && std::isfinite(part.m2);
      Merge(plain_[run.code * cols() + column], part);
      if (rows_.weights.empty()) continue;
      kernels.weighted_moments(from, orders[s].weights().data() + run.begin, run.count, &part.count,
                               &part.mean, &part.m2);
      Merge(weighted_[run.code * cols() + column], part);
    }
  }
  return is_finite;
}

std::vector<Moments> ClassMomentsSink::Overall() const {
  std::vector<Moments> total(static_cast<std::size_t>(cols()));
  for (std::int64_t k = 0; k < n_classes(); ++k) {
    for (std::int64_t j = 0; j < cols(); ++j) Merge(total[j], plain_[k * cols() + j]);
  }
  return total;
}

}  // namespace treeline
