#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/feature_labels.h"
#include "matrix/moments.h"
#include "matrix/reblock.h"
#include "matrix/sink.h"

namespace treeline {

/// Rows of a tile: what a pass over the data widens, multiplies and forgets while it is in the
/// first-level cache.
inline constexpr std::int64_t kTileRows = 128;

/// The table of a linear model, in memory: slots of kSlotRows rows, each a row of tiles, each tile
/// column-major. A slot is float32 where no value loses a bit by that (half the memory, half the
/// reading time), else float64; every computation widens to float64, so which of the two it is
/// changes no result.
class LinearStore final : public Sink {
 public:
  struct StoredSlot {
    std::int64_t rows = 0;
    AlignedBuffer<float> narrow;  // exactly one of the two is filled
    AlignedBuffer<double> wide;

    /// Row i of column j, of a table of `cols` columns: for loops that are not hurried.
    double At(std::int64_t i, std::int64_t j, std::int64_t cols) const noexcept {
      const std::int64_t at = i / kTileRows * kTileRows * cols + j * kTileRows + i % kTileRows;
      return wide.empty() ? static_cast<double>(narrow[at]) : wide[at];
    }
  };

  explicit LinearStore(FeatureLabels labels);

  /// Throws Error{kInvalidData} naming row and column for a value that is not finite.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override { return bytes_; }

  /// Call once after the last Push: files the last, incomplete slot (padded with zeros to whole
  /// tiles' alignment).
  void Finish();

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t cols() const noexcept { return labels_.size(); }
  const std::vector<StoredSlot>& slots() const noexcept { return slots_; }
  /// Moments of every column over all rows, in slot order.
  const std::vector<Moments>& moments() const noexcept { return moments_; }

 private:
  /// What one thread needs to file a slot.
  struct Scratch {
    AlignedBuffer<double> values;
  };
  void PushSlots(const Block& block, std::int64_t begin, std::int64_t n_slots, bool narrow,
                 const Context& ctx);
  void KeepPending(const Block& block, std::int64_t begin, std::int64_t count);
  Block PendingBlock() const;
  StoredSlot FileSlot(const Block& block, std::int64_t begin, std::int64_t rows, bool narrow,
                      Scratch& scratch, Moments* moments) const;

  FeatureLabels labels_;
  std::int64_t rows_ = 0;
  std::int64_t pending_rows_ = 0;
  std::size_t bytes_ = 0;
  AlignedBuffer<double> pending_;  // column-major, kSlotRows apart
  std::vector<StoredSlot> slots_;
  std::vector<Moments> moments_;
};

}  // namespace treeline
