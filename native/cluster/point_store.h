#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/feature_labels.h"
#include "matrix/row_cutter.h"
#include "matrix/sink.h"
#include "matrix/spill_file.h"

namespace treeline {

/// How much memory points may take (0: any amount), and where the rest goes.
struct PointBudget {
  std::int64_t memory_limit = 0;
  std::string spill_directory;
};

/// Points to cluster: rows of float64 by slots (kSlotRows), less a shift near their mean, so that
/// distances by products lose no digits to a mean far from zero.
class PointStore final : public Sink {
 public:
  /// `shift`: what to subtract; empty: the mean of the first slot. Slots beyond the budget go to a
  /// file without a name, and are mapped.
  explicit PointStore(FeatureLabels labels, std::vector<double> shift = {},
                      PointBudget budget = {});
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
  std::int64_t n_slots() const noexcept { return (rows_ + kSlotRows - 1) / kSlotRows; }
  /// Rows of slot s; its memory holds kSlotRows, zeros behind the last.
  std::int64_t slot_rows(std::int64_t s) const noexcept {
    return std::min(kSlotRows, rows_ - s * kSlotRows);
  }
  const double* slot(std::int64_t s) const noexcept {
    const auto in_memory = static_cast<std::int64_t>(slots_.size());
    if (s < in_memory) return slots_[s].data();
    return spilled_.as<double>().data() + (s - in_memory) * kSlotRows * cols();
  }
  const double* row(std::int64_t i) const noexcept {
    return slot(i / kSlotRows) + i % kSlotRows * cols();
  }
  const std::vector<double>& shift() const noexcept { return shift_; }

 private:
  void File(std::span<const RowSlot> slots, const Context& ctx);
  void FindShift(const RowSlot& slot);

  FeatureLabels labels_;
  RowCutter cutter_;
  std::int64_t rows_ = 0;
  std::vector<double> shift_;
  void Keep(AlignedBuffer<double> points);

  PointBudget budget_;
  std::vector<AlignedBuffer<double>> slots_;  // the first ones, in memory
  std::shared_ptr<SpillFile> spill_;          // the others, one after another
  SpillView spilled_;                         // of all of them, after Finish
};

}  // namespace treeline
