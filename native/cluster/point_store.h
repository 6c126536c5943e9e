#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/feature_labels.h"
#include "matrix/row_cutter.h"
#include "matrix/sink.h"

namespace treeline {

/// Points to cluster: rows of float64 by slots (kSlotRows), less a shift near their mean, so that
/// distances by products lose no digits to a mean far from zero.
class PointStore final : public Sink {
 public:
  /// `shift`: what to subtract; empty: the mean of the first slot.
  explicit PointStore(FeatureLabels labels, std::vector<double> shift = {});
  /// Points held already, with no shift: `values` is rows x cols, row-major.
  PointStore(const std::vector<double>& values, std::int64_t rows, std::int64_t cols);

  /// Throws Error{kInvalidData} naming row and column for a value that is not finite or whose
  /// square overflows.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override;
  /// Call once after the last Push: files the last, incomplete slot.
  void Finish(const Context& ctx);

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t cols() const noexcept { return labels_.size(); }
  std::int64_t n_slots() const noexcept { return static_cast<std::int64_t>(slots_.size()); }
  /// Rows of slot s; its memory holds kSlotRows, zeros behind the last.
  std::int64_t slot_rows(std::int64_t s) const noexcept {
    return std::min(kSlotRows, rows_ - s * kSlotRows);
  }
  const double* slot(std::int64_t s) const noexcept { return slots_[s].data(); }
  const double* row(std::int64_t i) const noexcept {
    return slots_[i / kSlotRows].data() + i % kSlotRows * cols();
  }
  const std::vector<double>& shift() const noexcept { return shift_; }

 private:
  void File(std::span<const RowSlot> slots, const Context& ctx);
  void FindShift(const RowSlot& slot);

  FeatureLabels labels_;
  RowCutter cutter_;
  std::int64_t rows_ = 0;
  std::vector<double> shift_;
  std::vector<AlignedBuffer<double>> slots_;
};

}  // namespace treeline
