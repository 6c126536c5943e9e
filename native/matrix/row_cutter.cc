#include "matrix/row_cutter.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/error.h"

namespace treeline {

namespace {

template <typename T>
void CopyRows(const T* from, std::int64_t from_stride, std::int64_t count, std::int64_t cols,
              double* out, std::int64_t stride) noexcept {
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t j = 0; j < cols; ++j)
      out[i * stride + j] = static_cast<double>(from[i * from_stride + j]);
  }
}

}  // namespace

void ReadRows(const Block& block, std::int64_t begin, std::int64_t count, double* out,
              std::int64_t stride) noexcept {
  if (block.is_row_major && block.cols() > 0) {
    const Column& first = block.columns[0];
    if (first.type == DType::kFloat32) {
      return CopyRows(static_cast<const float*>(first.values) + begin * first.stride, first.stride,
                      count, block.cols(), out, stride);
    }
    return CopyRows(static_cast<const double*>(first.values) + begin * first.stride, first.stride,
                    count, block.cols(), out, stride);
  }
  constexpr std::int64_t kStrip = 64;  // few enough rows that their cache lines stay
  std::array<double, kStrip> strip;
  for (std::int64_t row = 0; row < count; row += kStrip) {
    const std::int64_t n = std::min(kStrip, count - row);
    for (std::int64_t j = 0; j < block.cols(); ++j) {
      ReadColumn(block.columns[j], begin + row, n, strip.data());
      for (std::int64_t i = 0; i < n; ++i) out[(row + i) * stride + j] = strip[i];
    }
  }
}

void RowCutter::Push(const Block& block, const Consume& consume) {
  if (block.cols() != cols_) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(block.cols()) +
                                             " columns in one part and " + std::to_string(cols_) +
                                             " in another");
  }
  std::int64_t begin = 0;
  if (waiting_block_.rows > 0) {
    begin = std::min(kSlotRows - waiting_block_.rows, block.rows);
    Keep(block, 0, begin);
    if (waiting_block_.rows < kSlotRows) return;
    const RowSlot slot{rows_ / kSlotRows - 1, kSlotRows, &waiting_block_, 0};
    consume({&slot, 1});
    waiting_block_.rows = 0;
  }
  std::vector<RowSlot> slots;
  for (; begin + kSlotRows <= block.rows; begin += kSlotRows) {
    slots.push_back({rows_ / kSlotRows, kSlotRows, &block, begin});
    rows_ += kSlotRows;
  }
  if (!slots.empty()) consume(slots);
  if (begin < block.rows) Keep(block, begin, block.rows - begin);
}

void RowCutter::Keep(const Block& block, std::int64_t begin, std::int64_t count) {
  if (waiting_block_.columns.empty()) {
    waiting_ = AlignedBuffer<double>(static_cast<std::size_t>(cols_ * kSlotRows));
    waiting_block_.is_row_major = true;
    for (std::int64_t j = 0; j < cols_; ++j) {
      Column column;
      column.values = waiting_.data() + j;
      column.stride = cols_;
      waiting_block_.columns.push_back(column);
    }
  }
  if (waiting_block_.rows == 0) waiting_block_.first_row = rows_;
  ReadRows(block, begin, count, waiting_.data() + waiting_block_.rows * cols_, cols_);
  waiting_block_.rows += count;
  rows_ += count;
}

std::optional<RowSlot> RowCutter::pending() const noexcept {
  if (waiting_block_.rows == 0) return {};
  return RowSlot{(rows_ - 1) / kSlotRows, waiting_block_.rows, &waiting_block_, 0};
}

}  // namespace treeline
