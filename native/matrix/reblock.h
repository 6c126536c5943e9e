#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/aligned_buffer.h"
#include "core/context.h"
#include "matrix/block.h"

namespace treeline {

/// Rows of a *slot*: floating-point partial sums belong to slots of this many consecutive rows of
/// the whole table and are merged in slot order, so neither the chunking of the input nor the
/// number of threads changes a bit of a result.
inline constexpr std::int64_t kSlotRows = 1024;

/// A slot of rows copied column-major: element (i, j) at values[j * kSlotRows + i], rows <=
/// kSlotRows.
template <typename T>
struct Slot {
  std::int64_t index;  // global row of its first row / kSlotRows
  std::int64_t rows;
  std::int64_t cols;
  const T* values;
  const T* column(std::int64_t j) const noexcept { return values + j * kSlotRows; }
};

/// Copies rows [begin, begin + count) of a block into column-major storage with `out_stride`
/// elements between columns.
template <typename T>
void TransposeInto(const Block& block, std::int64_t begin, std::int64_t count, T* out,
                   std::int64_t out_stride) noexcept;

extern template void TransposeInto<float>(const Block&, std::int64_t, std::int64_t, float*,
                                          std::int64_t) noexcept;
extern template void TransposeInto<double>(const Block&, std::int64_t, std::int64_t, double*,
                                           std::int64_t) noexcept;

/// Cuts a stream of blocks of any size into slots. Rows that do not fill a slot wait for the next
/// Push or for Flush.
template <typename T>
class Reblocker {
 public:
  explicit Reblocker(std::int64_t cols);

  /// Called with up to a batch of consecutive complete slots: process them (in parallel if you
  /// like), merge in order.
  using Consume = std::function<void(std::span<const Slot<T>> slots)>;

  void Push(const Block& block, const Context& ctx, const Consume& consume);
  /// Hands over the last, incomplete slot, if any. Call once, after the last Push.
  void Flush(const Consume& consume);

  /// The incomplete slot that waits for more rows; rows == 0 if there is none.
  Slot<T> pending() const noexcept {
    return {rows_ / kSlotRows, pending_rows_, cols_, pending_.data()};
  }

  std::int64_t rows() const noexcept { return rows_; }
  std::size_t bytes() const noexcept { return pending_.bytes() + batch_.bytes(); }

 private:
  std::int64_t cols_;
  std::int64_t rows_ = 0;
  std::int64_t pending_rows_ = 0;
  AlignedBuffer<T> pending_;
  AlignedBuffer<T> batch_;
};

extern template class Reblocker<float>;
extern template class Reblocker<double>;

}  // namespace treeline
