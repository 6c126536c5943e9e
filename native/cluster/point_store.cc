#include "cluster/point_store.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

PointStore::PointStore(FeatureLabels labels, std::vector<double> shift, PointBudget budget)
    : labels_(std::move(labels)),
      cutter_(labels_.size()),
      shift_(std::move(shift)),
      budget_(std::move(budget)) {}

PointStore::PointStore(const std::vector<double>& values, std::int64_t rows, std::int64_t cols)
    : labels_("", {}, cols), cutter_(cols), rows_(rows), shift_(static_cast<std::size_t>(cols)) {
  for (std::int64_t row = 0; row < rows; row += kSlotRows) {
    AlignedBuffer<double> slot(static_cast<std::size_t>(kSlotRows * cols));
    const std::int64_t count = std::min(kSlotRows, rows - row);
    std::copy_n(values.data() + row * cols, count * cols, slot.data());
    std::fill(slot.data() + count * cols, slot.end(), 0.0);
    slots_.push_back(std::move(slot));
  }
}

std::size_t PointStore::bytes() const noexcept {
  return cutter_.bytes() + slots_.size() * static_cast<std::size_t>(8 * kSlotRows * cols());
}

void PointStore::Push(const Block& block, const Context& ctx) {
  cutter_.Push(block, [&](std::span<const RowSlot> slots) { File(slots, ctx); });
}

void PointStore::Finish(const Context& ctx) {
  if (const auto rest = cutter_.pending()) File({&*rest, 1}, ctx);
  cutter_ = RowCutter(cols());
  if (spill_ != nullptr) spilled_ = spill_->Map(0, spill_->size());
}

/// A slot's bytes are a multiple of the alignment of segments: those in the file lie together.
void PointStore::Keep(AlignedBuffer<double> points) {
  const auto size = static_cast<std::int64_t>(points.bytes());
  const auto held = static_cast<std::int64_t>(slots_.size()) * size;
  if (spill_ == nullptr && (budget_.memory_limit == 0 || held + size <= budget_.memory_limit)) {
    slots_.push_back(std::move(points));
    return;
  }
  if (spill_ == nullptr) spill_ = std::make_shared<SpillFile>(budget_.spill_directory);
  spill_->Append(std::span<const double>(points.data(), points.size()));
}

void PointStore::FindShift(const RowSlot& slot) {
  std::vector<double> column(static_cast<std::size_t>(slot.rows));
  for (std::int64_t j = 0; j < cols(); ++j) {
    ReadColumn(slot.block->columns[j], slot.begin, slot.rows, column.data());
    double mean = 0;
    for (const double x : column) mean += x / static_cast<double>(slot.rows);
    if (!std::isfinite(mean)) labels_.RefuseNonFinite(*slot.block, slot.begin, slot.rows);
    shift_.push_back(mean);
  }
}

void PointStore::File(std::span<const RowSlot> slots, const Context& ctx) {
  if (shift_.empty()) FindShift(slots.front());
  const std::int64_t width = cols();
  std::vector<AlignedBuffer<double>> filed(slots.size());
  ctx.ParallelFor(static_cast<std::int64_t>(slots.size()), [&](std::int64_t s, int) {
    const RowSlot& slot = slots[s];
    AlignedBuffer<double> points(static_cast<std::size_t>(kSlotRows * width));
    ReadRows(*slot.block, slot.begin, slot.rows, points.data(), width);
    for (std::int64_t i = 0; i < slot.rows; ++i) {
      double* row = points.data() + i * width;
      for (std::int64_t j = 0; j < width; ++j) row[j] -= shift_[j];
    }
    std::fill(points.data() + slot.rows * width, points.end(), 0.0);
    filed[s] = std::move(points);
  });
  const auto dot = simd::Active().vectors.dot;
  for (std::size_t s = 0; s < slots.size(); ++s) {
    const double* points = filed[s].data();
    if (!std::isfinite(dot(points, points, slots[s].rows * width))) {
      labels_.RefuseNonFinite(*slots[s].block, slots[s].begin, slots[s].rows);
      throw Error(ErrorCode::kInvalidData,
                  labels_.where() + " has values too large to square: scale it down first");
    }
    Keep(std::move(filed[s]));
    rows_ += slots[s].rows;
  }
}

}  // namespace treeline
