#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "core/context.h"
#include "matrix/block.h"
#include "matrix/reblock.h"

namespace treeline {

/// Where one thread reads the slots of a SlotSource.
class SlotCursor {
 public:
  virtual ~SlotCursor() = default;
  /// The numbers of a slot, column-major, kSlotRows apart, in the source's type. Valid until the
  /// next call.
  virtual const std::byte* Slot(std::int64_t index) = 0;
};

/// A matrix of float32 or float64 numbers filed in slots of kSlotRows rows, that any number of
/// threads read, each through a cursor of its own.
class SlotSource {
 public:
  virtual ~SlotSource() = default;
  /// Rows that can be read: [first_row(), rows()).
  virtual std::int64_t rows() const noexcept = 0;
  virtual std::int64_t first_row() const noexcept { return 0; }
  virtual std::int64_t cols() const noexcept = 0;
  /// DType::kFloat32 or kFloat64.
  virtual DType type() const noexcept = 0;
  virtual std::unique_ptr<SlotCursor> Open() const = 0;
};

/// Rows [row, row + count) of a column as doubles: where they lie, if they are neighbours there,
/// else copied to `scratch`. count <= kSlotRows. The cursor may be moved.
const double* ReadSlotColumn(const SlotSource& source, SlotCursor& cursor, std::int64_t column,
                             std::int64_t row, std::int64_t count, double* scratch);

/// Files the rows of a block, converted to `type`, into slots from global row `first_row` on.
/// slot_at(index) gives the memory of a slot of block.cols() columns: kSlotRows elements a column.
void FileRows(const Block& block, std::int64_t first_row, DType type, const Context& ctx,
              const std::function<std::byte*(std::int64_t)>& slot_at);

}  // namespace treeline
