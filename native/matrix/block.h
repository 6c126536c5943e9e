#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"

namespace treeline {

/// Element types of a column as they arrive from JavaScript (COLUMN_TYPES in
/// native/binding/arguments.cc: same order).
enum class DType : std::uint8_t {
  kFloat32,
  kFloat64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kBool,  // bit-packed, least significant bit first (Arrow)
};

/// Bytes of one element; 0 for kBool, whose elements are bits.
int ElementBytes(DType type) noexcept;

/// One column of a row block: `rows` elements `stride` apart. Not owned.
struct Column {
  const void* values = nullptr;
  std::int64_t stride = 1;  // in elements; 1 for kBool
  DType type = DType::kFloat64;
  const std::uint8_t* validity = nullptr;  // Arrow bitmap, nullptr: all valid; a null reads as NaN
  std::int64_t validity_offset = 0;        // in bits
  std::int64_t value_offset = 0;           // in bits; kBool only
};

/// A block of consecutive rows of a table, as seen by kernels and sinks. The memory belongs to
/// someone else.
struct Block {
  std::int64_t rows = 0;
  std::int64_t first_row = 0;  // global index of row 0: sampling and rounding are keyed by it
  std::vector<Column> columns;
  /// Set when the columns are neighbours of one row-major float matrix: element (i, j) lies at
  /// columns[0].values + i * columns[0].stride + j.
  bool is_row_major = false;

  std::int64_t cols() const noexcept { return static_cast<std::int64_t>(columns.size()); }
};

/// Reads rows [begin, begin + count) of a column as doubles; nulls become NaN.
void ReadColumn(const Column& column, std::int64_t begin, std::int64_t count, double* out) noexcept;
/// The same, rounded to float32.
void ReadColumn(const Column& column, std::int64_t begin, std::int64_t count, float* out) noexcept;

/// A Block that owns its memory: what the JavaScript thread copies before a job leaves the thread,
/// so that a transferred, resized or collected ArrayBuffer can never be read (docs/decisions/0007).
class OwnedBlock {
 public:
  /// Deep copy of `source`; row-major matrices stay row-major, other columns become contiguous.
  static OwnedBlock CopyOf(const Block& source);
  /// No copy: for memory that cannot go away (SharedArrayBuffer), kept alive by the caller.
  static OwnedBlock Borrow(Block source);

  const Block& block() const noexcept { return block_; }
  std::size_t bytes() const noexcept { return memory_.bytes(); }

 private:
  Block block_;
  AlignedBuffer<std::uint8_t> memory_;
};

}  // namespace treeline
