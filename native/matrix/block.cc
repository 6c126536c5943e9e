#include "matrix/block.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "matrix/large_pages.h"

namespace treeline {

namespace {

bool BitAt(const std::uint8_t* bits, std::int64_t index) noexcept {
  return ((bits[index >> 3] >> (index & 7)) & 1) != 0;
}

template <typename T, typename Out>
void ReadStrided(const Column& column, std::int64_t begin, std::int64_t count, Out* out) noexcept {
  const T* values = static_cast<const T*>(column.values) + begin * column.stride;
  if (column.stride == 1) {
    for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<Out>(values[i]);
  } else {
    for (std::int64_t i = 0; i < count; ++i) out[i] = static_cast<Out>(values[i * column.stride]);
  }
}

template <typename Out>
void ReadValues(const Column& column, std::int64_t begin, std::int64_t count, Out* out) noexcept {
  switch (column.type) {
    case DType::kFloat32: return ReadStrided<float>(column, begin, count, out);
    case DType::kFloat64: return ReadStrided<double>(column, begin, count, out);
    case DType::kInt8: return ReadStrided<std::int8_t>(column, begin, count, out);
    case DType::kInt16: return ReadStrided<std::int16_t>(column, begin, count, out);
    case DType::kInt32: return ReadStrided<std::int32_t>(column, begin, count, out);
    case DType::kInt64: return ReadStrided<std::int64_t>(column, begin, count, out);
    case DType::kUint8: return ReadStrided<std::uint8_t>(column, begin, count, out);
    case DType::kUint16: return ReadStrided<std::uint16_t>(column, begin, count, out);
    case DType::kUint32: return ReadStrided<std::uint32_t>(column, begin, count, out);
    case DType::kUint64: return ReadStrided<std::uint64_t>(column, begin, count, out);
    case DType::kBool: {
      const auto* bits = static_cast<const std::uint8_t*>(column.values);
      for (std::int64_t i = 0; i < count; ++i)
        out[i] = BitAt(bits, column.value_offset + begin + i) ? 1 : 0;
      return;
    }
  }
}

template <typename Out>
void ReadColumnImpl(const Column& column, std::int64_t begin, std::int64_t count,
                    Out* out) noexcept {
  ReadValues(column, begin, count, out);
  if (column.validity == nullptr) return;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!BitAt(column.validity, column.validity_offset + begin + i))
      out[i] = std::numeric_limits<Out>::quiet_NaN();
  }
}

std::size_t RoundUp(std::size_t bytes) noexcept { return (bytes + 63) / 64 * 64; }

std::size_t BitBytes(std::int64_t offset, std::int64_t rows) noexcept {
  return static_cast<std::size_t>((offset % 8 + rows + 7) / 8);
}

/// Copies bits [offset, offset + rows) with their byte alignment kept; returns the new bit offset.
std::int64_t CopyBits(const std::uint8_t* bits, std::int64_t offset, std::int64_t rows,
                      std::uint8_t* out) noexcept {
  std::memcpy(out, bits + offset / 8, BitBytes(offset, rows));
  return offset % 8;
}

template <typename T>
void CopyStrided(const Column& column, std::int64_t rows, void* out) noexcept {
  const T* values = static_cast<const T*>(column.values);
  T* target = static_cast<T*>(out);
  for (std::int64_t i = 0; i < rows; ++i) target[i] = values[i * column.stride];
}

void CopyElements(const Column& column, std::int64_t rows, void* out) noexcept {
  const int bytes = ElementBytes(column.type);
  if (column.stride == 1) {
    std::memcpy(out, column.values, static_cast<std::size_t>(rows) * bytes);
    return;
  }
  switch (bytes) {
    case 1: return CopyStrided<std::uint8_t>(column, rows, out);
    case 2: return CopyStrided<std::uint16_t>(column, rows, out);
    case 4: return CopyStrided<std::uint32_t>(column, rows, out);
    default: return CopyStrided<std::uint64_t>(column, rows, out);
  }
}

}  // namespace

int ElementBytes(DType type) noexcept {
  switch (type) {
    case DType::kInt8:
    case DType::kUint8: return 1;
    case DType::kInt16:
    case DType::kUint16: return 2;
    case DType::kFloat32:
    case DType::kInt32:
    case DType::kUint32: return 4;
    case DType::kFloat64:
    case DType::kInt64:
    case DType::kUint64: return 8;
    case DType::kBool: return 0;
  }
  return 0;
}

void ReadColumn(const Column& column, std::int64_t begin, std::int64_t count,
                double* out) noexcept {
  ReadColumnImpl(column, begin, count, out);
}

void ReadColumn(const Column& column, std::int64_t begin, std::int64_t count, float* out) noexcept {
  ReadColumnImpl(column, begin, count, out);
}

OwnedBlock OwnedBlock::Borrow(Block source) {
  OwnedBlock owned;
  owned.block_ = std::move(source);
  return owned;
}

OwnedBlock OwnedBlock::CopyOf(const Block& source) {
  OwnedBlock owned;
  owned.block_ = source;
  if (source.rows == 0 || source.columns.empty()) return owned;
  if (source.is_row_major) {
    const Column& first = source.columns[0];
    const std::size_t width = static_cast<std::size_t>(source.cols()) * ElementBytes(first.type);
    const std::size_t stride = static_cast<std::size_t>(first.stride) * ElementBytes(first.type);
    owned.memory_ = AlignedBuffer<std::uint8_t>(width * static_cast<std::size_t>(source.rows));
    AskForLargePages(owned.memory_.data(), owned.memory_.capacity());
    const auto* from = static_cast<const std::uint8_t*>(first.values);
    if (width == stride) {
      std::memcpy(owned.memory_.data(), from, owned.memory_.bytes());
    } else {
      for (std::int64_t i = 0; i < source.rows; ++i)
        std::memcpy(owned.memory_.data() + i * width, from + i * stride, width);
    }
    for (std::int64_t j = 0; j < source.cols(); ++j) {
      Column& column = owned.block_.columns[j];
      column.values = owned.memory_.data() + j * ElementBytes(first.type);
      column.stride = source.cols();
    }
    return owned;
  }
  std::size_t bytes = 0;
  for (const Column& column : source.columns) {
    bytes += RoundUp(column.type == DType::kBool
                         ? BitBytes(column.value_offset, source.rows)
                         : static_cast<std::size_t>(source.rows) * ElementBytes(column.type));
    if (column.validity != nullptr) bytes += RoundUp(BitBytes(column.validity_offset, source.rows));
  }
  owned.memory_ = AlignedBuffer<std::uint8_t>(bytes);
  std::uint8_t* place = owned.memory_.data();
  for (Column& column : owned.block_.columns) {
    if (column.type == DType::kBool) {
      const std::size_t size = RoundUp(BitBytes(column.value_offset, source.rows));
      column.value_offset = CopyBits(static_cast<const std::uint8_t*>(column.values),
                                     column.value_offset, source.rows, place);
      column.values = place;
      place += size;
    } else {
      CopyElements(column, source.rows, place);
      column.values = place;
      column.stride = 1;
      place += RoundUp(static_cast<std::size_t>(source.rows) * ElementBytes(column.type));
    }
    if (column.validity != nullptr) {
      const std::size_t size = RoundUp(BitBytes(column.validity_offset, source.rows));
      column.validity_offset =
          CopyBits(column.validity, column.validity_offset, source.rows, place);
      column.validity = place;
      place += size;
    }
  }
  return owned;
}

}  // namespace treeline
