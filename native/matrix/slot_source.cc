#include "matrix/slot_source.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "simd/kernels.h"

namespace treeline {

const double* ReadSlotColumn(const SlotSource& source, SlotCursor& cursor, std::int64_t column,
                             std::int64_t row, std::int64_t count, double* scratch) {
  const bool wide = source.type() == DType::kFloat64;
  for (std::int64_t done = 0; done < count;) {
    const std::int64_t at = row + done;
    const std::int64_t offset = column * kSlotRows + at % kSlotRows;
    const std::int64_t n = std::min(count - done, kSlotRows - at % kSlotRows);
    const std::byte* const slot = cursor.Slot(at / kSlotRows);
    if (wide) {
      const double* const values = reinterpret_cast<const double*>(slot) + offset;
      if (n == count) return values;
      std::copy_n(values, n, scratch + done);
    } else {
      simd::Active().tape.widen(reinterpret_cast<const float*>(slot) + offset, n, scratch + done);
    }
    done += n;
  }
  return scratch;
}

namespace {

/// A part of a block that lies in one slot.
struct Part {
  std::int64_t begin;  // in the block
  std::int64_t rows;
  std::int64_t at;  // first row in the slot
  std::byte* slot;
};

}  // namespace

void FileRows(const Block& block, std::int64_t first_row, DType type, const Context& ctx,
              const std::function<std::byte*(std::int64_t)>& slot_at) {
  std::vector<Part> parts;
  for (std::int64_t begin = 0; begin < block.rows;) {
    const std::int64_t row = first_row + begin;
    const std::int64_t at = row % kSlotRows;
    const std::int64_t n = std::min(block.rows - begin, kSlotRows - at);
    parts.push_back({begin, n, at, slot_at(row / kSlotRows)});
    begin += n;
  }
  ctx.ParallelFor(static_cast<std::int64_t>(parts.size()), [&](std::int64_t i, int) {
    const Part& part = parts[i];
    if (type == DType::kFloat64) {
      TransposeInto(block, part.begin, part.rows, reinterpret_cast<double*>(part.slot) + part.at,
                    kSlotRows);
    } else {
      TransposeInto(block, part.begin, part.rows, reinterpret_cast<float*>(part.slot) + part.at,
                    kSlotRows);
    }
  });
}

}  // namespace treeline
