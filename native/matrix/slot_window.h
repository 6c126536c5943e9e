#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/sink.h"
#include "matrix/slot_source.h"

namespace treeline {

/// The rows of a stream that a pass still needs: pushed at the end, dropped from the front.
class SlotWindow final : public Sink, public SlotSource {
 public:
  SlotWindow(std::int64_t cols, DType type);

  /// Throws Error{kInvalidData} for a block of another width.
  void Push(const Block& block, const Context& ctx) override;
  /// Rows before `row` are not needed any more: those of whole slots are dropped.
  void DropBefore(std::int64_t row);

  std::int64_t rows() const noexcept override { return rows_; }
  std::int64_t first_row() const noexcept override { return first_slot_ * kSlotRows; }
  std::int64_t cols() const noexcept override { return cols_; }
  DType type() const noexcept override { return type_; }
  std::unique_ptr<SlotCursor> Open() const override;
  std::size_t bytes() const noexcept override;

 private:
  class Cursor;

  std::int64_t cols_;
  DType type_;
  std::int64_t rows_ = 0;
  std::int64_t first_slot_ = 0;
  std::deque<AlignedBuffer<std::byte>> slots_;
  std::vector<AlignedBuffer<std::byte>> spare_;
};

}  // namespace treeline
