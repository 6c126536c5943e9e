#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "core/aligned_buffer.h"
#include "matrix/block.h"
#include "matrix/reblock.h"

namespace treeline {

/// Rows of one slot (kSlotRows consecutive rows of the whole table), where they lie: rows
/// [begin, begin + rows) of a block.
struct RowSlot {
  std::int64_t index;
  std::int64_t rows;
  const Block* block;
  std::int64_t begin;
};

/// Reads rows [begin, begin + count) of a block as row-major doubles, rows `stride` apart; nulls
/// become NaN.
void ReadRows(const Block& block, std::int64_t begin, std::int64_t count, double* out,
              std::int64_t stride) noexcept;

/// Cuts a stream of blocks of any size into slots without copying those that lie in one block: for
/// kernels that read rows. Rows that do not fill a slot wait for the next Push. (Reblocker copies
/// all rows into columns.)
class RowCutter {
 public:
  explicit RowCutter(std::int64_t cols) : cols_(cols) {}

  /// Called with consecutive complete slots: process them in parallel, merge in order. They are
  /// valid during the call.
  using Consume = std::function<void(std::span<const RowSlot> slots)>;

  /// Throws Error{kInvalidData} for a block of another width.
  void Push(const Block& block, const Consume& consume);
  /// The incomplete slot that waits for more rows, if any. Valid until the next Push.
  std::optional<RowSlot> pending() const noexcept;

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t cols() const noexcept { return cols_; }
  std::size_t bytes() const noexcept { return waiting_.bytes(); }

 private:
  void Keep(const Block& block, std::int64_t begin, std::int64_t count);

  std::int64_t cols_;
  std::int64_t rows_ = 0;
  AlignedBuffer<double> waiting_;  // row-major
  Block waiting_block_;
};

}  // namespace treeline
