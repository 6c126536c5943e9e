#include "matrix/reblock.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.h"

namespace treeline {

namespace {

/// Slots transposed at a time: enough for every thread, small enough for the second-level cache of
/// each.
constexpr std::int64_t kBatchSlots = 64;

/// Row-major tile to columns. Eight rows at a time keep one cache line of every output column open.
template <typename In, typename T>
void TransposeRowMajor(const In* values, std::int64_t stride, std::int64_t count, std::int64_t cols,
                       T* out, std::int64_t out_stride) noexcept {
  constexpr std::int64_t kTile = 16;
  for (std::int64_t row = 0; row < count; row += kTile) {
    const std::int64_t tile = std::min(kTile, count - row);
    for (std::int64_t j = 0; j < cols; ++j) {
      const In* from = values + row * stride + j;
      T* to = out + j * out_stride + row;
      for (std::int64_t i = 0; i < tile; ++i) to[i] = static_cast<T>(from[i * stride]);
    }
  }
}

}  // namespace

template <typename T>
void TransposeInto(const Block& block, std::int64_t begin, std::int64_t count, T* out,
                   std::int64_t out_stride) noexcept {
  if (block.is_row_major && block.cols() > 0) {
    const Column& first = block.columns[0];
    if (first.type == DType::kFloat32) {
      return TransposeRowMajor(static_cast<const float*>(first.values) + begin * first.stride,
                               first.stride, count, block.cols(), out, out_stride);
    }
    return TransposeRowMajor(static_cast<const double*>(first.values) + begin * first.stride,
                             first.stride, count, block.cols(), out, out_stride);
  }
  for (std::int64_t j = 0; j < block.cols(); ++j)
    ReadColumn(block.columns[j], begin, count, out + j * out_stride);
}

template void TransposeInto<float>(const Block&, std::int64_t, std::int64_t, float*,
                                   std::int64_t) noexcept;
template void TransposeInto<double>(const Block&, std::int64_t, std::int64_t, double*,
                                    std::int64_t) noexcept;

template <typename T>
Reblocker<T>::Reblocker(std::int64_t cols)
    : cols_(cols), pending_(static_cast<std::size_t>(cols) * kSlotRows) {}

template <typename T>
void Reblocker<T>::Push(const Block& block, const Context& ctx, const Consume& consume) {
  if (block.cols() != cols_) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(block.cols()) +
                                             " columns in one part and " + std::to_string(cols_) +
                                             " in another");
  }
  std::int64_t begin = 0;
  if (pending_rows_ > 0) {
    const std::int64_t count = std::min(kSlotRows - pending_rows_, block.rows);
    TransposeInto(block, 0, count, pending_.data() + pending_rows_, kSlotRows);
    pending_rows_ += count;
    rows_ += count;
    begin = count;
    if (pending_rows_ < kSlotRows) return;
    const Slot<T> slot{rows_ / kSlotRows - 1, kSlotRows, cols_, pending_.data()};
    consume({&slot, 1});
    pending_rows_ = 0;
  }
  const std::int64_t slot_size = cols_ * kSlotRows;
  const std::int64_t complete = (block.rows - begin) / kSlotRows;
  if (complete > 0 && batch_.empty()) {
    batch_ =
        AlignedBuffer<T>(static_cast<std::size_t>(slot_size * std::min(complete, kBatchSlots)));
  }
  const std::int64_t capacity =
      slot_size == 0 ? kBatchSlots : static_cast<std::int64_t>(batch_.size()) / slot_size;
  std::vector<Slot<T>> slots;
  for (std::int64_t done = 0; done < complete;) {
    const std::int64_t n = std::min(capacity, complete - done);
    slots.clear();
    for (std::int64_t s = 0; s < n; ++s) {
      slots.push_back({rows_ / kSlotRows + s, kSlotRows, cols_, batch_.data() + s * slot_size});
    }
    ctx.ParallelFor(n, [&](std::int64_t s, int) {
      TransposeInto(block, begin + s * kSlotRows, kSlotRows, batch_.data() + s * slot_size,
                    kSlotRows);
    });
    consume(slots);
    begin += n * kSlotRows;
    rows_ += n * kSlotRows;
    done += n;
  }
  if (begin < block.rows) {
    pending_rows_ = block.rows - begin;
    TransposeInto(block, begin, pending_rows_, pending_.data(), kSlotRows);
    rows_ += pending_rows_;
  }
}

template <typename T>
void Reblocker<T>::Flush(const Consume& consume) {
  if (pending_rows_ == 0) return;
  const Slot<T> slot{rows_ / kSlotRows, pending_rows_, cols_, pending_.data()};
  pending_rows_ = 0;
  consume({&slot, 1});
}

template class Reblocker<float>;
template class Reblocker<double>;

}  // namespace treeline
