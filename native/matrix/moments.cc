#include "matrix/moments.h"

#include <cmath>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

void Merge(Moments& a, const Moments& b) noexcept {
  if (!(b.count > 0)) return;
  if (!(a.count > 0)) {
    a = b;
    return;
  }
  const double delta = b.mean - a.mean;
  a.mean += delta * (b.count / (a.count + b.count));
  a.m2 += b.m2 + delta * delta * (a.count * b.count / (a.count + b.count));
  a.count += b.count;
}

MomentsSink::MomentsSink(std::int64_t cols, std::vector<double> weights,
                         std::optional<FeatureLabels> labels)
    : cols_(cols),
      labels_(std::move(labels)),
      weights_(std::move(weights)),
      reblocker_(cols),
      total_(static_cast<std::size_t>(cols)) {}

void MomentsSink::Push(const Block& block, const Context& ctx) {
  const auto after = static_cast<std::size_t>(rows() + block.rows);
  if (!weights_.empty() && after > weights_.size()) {
    throw Error(ErrorCode::kInvalidData, "X has more rows than there are weights");
  }
  reblocker_.Push(block, ctx, [&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

Moments MomentsSink::ColumnMoments(const Slot<double>& slot, std::int64_t column) const noexcept {
  const simd::MomentKernels& kernels = simd::Active().moments;
  Moments moments;
  if (weights_.empty()) {
    std::int64_t count = 0;
    kernels.column_moments(slot.column(column), slot.rows, &count, &moments.mean, &moments.m2);
    moments.count = static_cast<double>(count);
  } else {
    kernels.weighted_moments(slot.column(column), weights_.data() + slot.index * kSlotRows,
                             slot.rows, &moments.count, &moments.mean, &moments.m2);
  }
  return moments;
}

void MomentsSink::Consume(std::span<const Slot<double>> slots, const Context& ctx) {
  const std::int64_t cols = cols_;
  const auto n = static_cast<std::int64_t>(slots.size());
  std::vector<Moments> partials(static_cast<std::size_t>(n * cols));
  ctx.ParallelFor(n, [&](std::int64_t s, int) {
    for (std::int64_t j = 0; j < cols; ++j) partials[s * cols + j] = ColumnMoments(slots[s], j);
  });
  for (std::int64_t s = 0; s < n; ++s) MergeSlot(slots[s], &partials[s * cols], total_);
}

/// Merges one slot's moments; an infinity among its values shows as moments that are not finite.
void MomentsSink::MergeSlot(const Slot<double>& slot, const Moments* parts,
                            std::vector<Moments>& total) const {
  for (std::int64_t j = 0; j < cols_; ++j) {
    if (labels_ && !std::isfinite(parts[j].m2)) {
      labels_->RefuseInfinite(slot);
      labels_->RefuseTooLarge(j);
    }
    Merge(total[j], parts[j]);
  }
}

std::vector<Moments> MomentsSink::Result() const {
  std::vector<Moments> result = total_;
  const Slot<double> rest = reblocker_.pending();
  if (rest.rows == 0) return result;
  std::vector<Moments> parts(static_cast<std::size_t>(cols_));
  for (std::int64_t j = 0; j < cols_; ++j) parts[j] = ColumnMoments(rest, j);
  MergeSlot(rest, parts.data(), result);
  return result;
}

}  // namespace treeline
