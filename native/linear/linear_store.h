#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/feature_labels.h"
#include "matrix/moments.h"
#include "matrix/reblock.h"
#include "matrix/segment_store.h"
#include "matrix/sink.h"

namespace treeline {

/// Rows of a tile: what a pass over the data widens, multiplies and forgets while it is in the
/// first-level cache.
inline constexpr std::int64_t kTileRows = 128;

/// The table of a linear model: slots of kSlotRows rows, each a row of tiles, each tile
/// column-major, in memory up to a budget and beyond it in a spill file. A slot is float32 where no
/// value loses a bit by that (half the memory, half the reading time), else float64; every
/// computation widens to float64, so neither this nor where a slot lies changes a result.
class LinearStore final : public Sink {
 public:
  struct StoredSlot {
    std::int64_t rows = 0;
    const float* narrow = nullptr;  // exactly one of the two is there once the store is finished
    const double* wide = nullptr;

    /// Row i of column j, of a table of `cols` columns: for loops that are not hurried.
    double At(std::int64_t i, std::int64_t j, std::int64_t cols) const noexcept {
      const std::int64_t at = i / kTileRows * kTileRows * cols + j * kTileRows + i % kTileRows;
      return wide == nullptr ? static_cast<double>(narrow[at]) : wide[at];
    }
  };

  explicit LinearStore(FeatureLabels labels, MemoryBudget budget = {});

  /// Throws Error{kInvalidData} naming row and column for a value that is not finite, Error{kIo}
  /// when the disk is full.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override { return segments_.bytes() + pending_.bytes(); }
  std::size_t spilled_bytes() const noexcept { return segments_.spilled_bytes(); }

  /// Call once after the last Push: files the last, incomplete slot (padded with zeros to whole
  /// tiles' alignment). Reading needs it.
  void Finish();

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t cols() const noexcept { return labels_.size(); }
  const std::vector<StoredSlot>& slots() const noexcept { return slots_; }
  /// Moments of every column over all rows, in slot order.
  const std::vector<Moments>& moments() const noexcept { return moments_; }

 private:
  /// A slot that was filed.
  struct Filed {
    SegmentStore::Segment segment;
    std::int64_t rows = 0;
    bool narrow = false;
  };
  void PushSlots(const Block& block, std::int64_t begin, std::int64_t n_slots, const Context& ctx);
  void KeepPending(const Block& block, std::int64_t begin, std::int64_t count);
  Block PendingBlock() const;
  Filed FileSlot(const Block& block, std::int64_t begin, std::int64_t rows,
                 AlignedBuffer<double>& scratch, Moments* moments);
  void MergeMoments(const Block& block, std::int64_t begin, std::int64_t rows,
                    const Moments* parts);

  FeatureLabels labels_;
  std::int64_t rows_ = 0;
  std::int64_t pending_rows_ = 0;
  AlignedBuffer<double> pending_;  // column-major, kSlotRows apart
  SegmentStore segments_;
  std::vector<Filed> filed_;
  std::vector<StoredSlot> slots_;  // of filed_, once finished
  std::vector<Moments> moments_;
};

}  // namespace treeline
