#include "linear/linear_store.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Whether every value of the type is a float32.
bool FitsFloat32(DType type) noexcept {
  return type == DType::kFloat32 || type == DType::kBool || type == DType::kInt8 ||
         type == DType::kInt16 || type == DType::kUint8 || type == DType::kUint16;
}

std::int64_t PaddedRows(std::int64_t rows) noexcept {
  return (rows + simd::kLinearRowAlign - 1) / simd::kLinearRowAlign * simd::kLinearRowAlign;
}

void Scan(const float* values, std::int64_t rows, double* mean, double* m2) {
  simd::Active().linear.scan_f32(values, rows, mean, m2);
}
void Scan(const double* values, std::int64_t rows, double* mean, double* m2) {
  simd::Active().linear.scan_f64(values, rows, mean, m2);
}

/// Copies rows [begin, begin + rows) into tiles, zero behind the last row, and merges the tiles'
/// moments.
template <typename T>
void FillTiles(const Block& block, std::int64_t begin, std::int64_t rows, T* tiles,
               Moments* moments) {
  const std::int64_t cols = block.cols();
  for (std::int64_t row = 0; row < rows; row += kTileRows) {
    T* tile = tiles + row * cols;
    const std::int64_t count = std::min(kTileRows, rows - row);
    TransposeInto(block, begin + row, count, tile, kTileRows);
    for (std::int64_t j = 0; j < cols; ++j) {
      T* column = tile + j * kTileRows;
      Moments part{static_cast<double>(count), 0, 0};
      Scan(column, count, &part.mean, &part.m2);
      Merge(moments[j], part);
      std::fill(column + count, column + PaddedRows(count), T{0});
    }
  }
}

/// Whether the first few values of every column are float32 values: a cheap no before the full
/// test.
bool LooksNarrow(const double* tile, std::int64_t cols, std::int64_t rows) noexcept {
  const std::int64_t count = std::min<std::int64_t>(rows, 8);
  for (std::int64_t j = 0; j < cols; ++j) {
    for (std::int64_t i = 0; i < count; ++i) {
      const double value = tile[j * kTileRows + i];
      if (static_cast<double>(static_cast<float>(value)) != value) return false;
    }
  }
  return true;
}

/// The tiles as float32, or an empty buffer if a value would change.
AlignedBuffer<float> Narrow(const double* tiles, std::int64_t cols, std::int64_t padded) {
  if (!LooksNarrow(tiles, cols, padded)) return {};
  AlignedBuffer<float> narrow(
      static_cast<std::size_t>((padded + kTileRows - 1) / kTileRows * kTileRows * cols));
  for (std::int64_t row = 0; row < padded; row += kTileRows) {
    const std::int64_t count = std::min(kTileRows, padded - row);
    for (std::int64_t j = 0; j < cols; ++j) {
      const std::int64_t at = row * cols + j * kTileRows;
      if (!simd::Active().linear.narrow_exactly(tiles + at, count, narrow.data() + at)) return {};
    }
  }
  return narrow;
}

}  // namespace

LinearStore::LinearStore(FeatureLabels labels)
    : labels_(std::move(labels)), moments_(static_cast<std::size_t>(labels_.size())) {}

void LinearStore::Push(const Block& block, const Context& ctx) {
  if (block.cols() != cols()) {
    throw Error(ErrorCode::kInvalidData, labels_.where() + " has " + std::to_string(block.cols()) +
                                             " columns in one part and " + std::to_string(cols()) +
                                             " in another");
  }
  const bool narrow = std::all_of(block.columns.begin(), block.columns.end(),
                                  [](const Column& c) { return FitsFloat32(c.type); });
  std::int64_t begin = 0;
  if (pending_rows_ > 0) {
    begin = std::min(kSlotRows - pending_rows_, block.rows);
    KeepPending(block, 0, begin);
    if (pending_rows_ < kSlotRows) return;
    PushSlots(PendingBlock(), 0, 1, false, ctx);
    pending_rows_ = 0;
  }
  const std::int64_t complete = (block.rows - begin) / kSlotRows;
  if (complete > 0) {
    PushSlots(block, begin, complete, narrow, ctx);
    rows_ += complete * kSlotRows;
  }
  begin += complete * kSlotRows;
  if (begin < block.rows) KeepPending(block, begin, block.rows - begin);
}

/// Files complete slots in parallel, then merges their moments in slot order.
void LinearStore::PushSlots(const Block& block, std::int64_t begin, std::int64_t n_slots,
                            bool narrow, const Context& ctx) {
  std::vector<Scratch> scratch(static_cast<std::size_t>(ctx.n_jobs));
  std::vector<StoredSlot> filed(static_cast<std::size_t>(n_slots));
  std::vector<Moments> partials(static_cast<std::size_t>(n_slots * cols()));
  ctx.ParallelFor(n_slots, [&](std::int64_t s, int thread) {
    filed[s] = FileSlot(block, begin + s * kSlotRows, kSlotRows, narrow, scratch[thread],
                        &partials[s * cols()]);
  });
  for (std::int64_t s = 0; s < n_slots; ++s) {
    for (std::int64_t j = 0; j < cols(); ++j) {
      const Moments& part = partials[s * cols() + j];
      if (!std::isfinite(part.m2)) {
        labels_.RefuseNonFinite(block, begin + s * kSlotRows, kSlotRows);
        labels_.RefuseTooLarge(j);
      }
      Merge(moments_[j], part);
    }
    bytes_ += filed[s].narrow.bytes() + filed[s].wide.bytes();
    slots_.push_back(std::move(filed[s]));
  }
}

LinearStore::StoredSlot LinearStore::FileSlot(const Block& block, std::int64_t begin,
                                              std::int64_t rows, bool narrow, Scratch& scratch,
                                              Moments* moments) const {
  StoredSlot slot;
  slot.rows = rows;
  const std::int64_t n_tiles = (rows + kTileRows - 1) / kTileRows;
  const auto size = static_cast<std::size_t>(n_tiles * kTileRows * cols());
  if (narrow) {
    slot.narrow = AlignedBuffer<float>(size);
    FillTiles(block, begin, rows, slot.narrow.data(), moments);
    return slot;
  }
  if (scratch.values.size() < size) scratch.values = AlignedBuffer<double>(size);
  FillTiles(block, begin, rows, scratch.values.data(), moments);
  slot.narrow = treeline::Narrow(scratch.values.data(), cols(), PaddedRows(rows));
  if (slot.narrow.empty() && size > 0) {
    slot.wide = AlignedBuffer<double>(size);
    std::memcpy(slot.wide.data(), scratch.values.data(), size * sizeof(double));
  }
  return slot;
}

void LinearStore::KeepPending(const Block& block, std::int64_t begin, std::int64_t count) {
  if (pending_.empty())
    pending_ = AlignedBuffer<double>(static_cast<std::size_t>(cols() * kSlotRows));
  TransposeInto(block, begin, count, pending_.data() + pending_rows_, kSlotRows);
  pending_rows_ += count;
  rows_ += count;
}

/// The rows that wait, as a block of float64 columns.
Block LinearStore::PendingBlock() const {
  Block block;
  block.rows = pending_rows_;
  block.first_row = rows_ - pending_rows_;
  for (std::int64_t j = 0; j < cols(); ++j) {
    Column column;
    column.values = pending_.data() + j * kSlotRows;
    block.columns.push_back(column);
  }
  return block;
}

void LinearStore::Finish() {
  if (pending_rows_ == 0) return;
  Scratch scratch;
  std::vector<Moments> part(static_cast<std::size_t>(cols()));
  const Block block = PendingBlock();
  StoredSlot slot = FileSlot(block, 0, pending_rows_, false, scratch, part.data());
  for (std::int64_t j = 0; j < cols(); ++j) {
    if (!std::isfinite(part[j].m2)) {
      labels_.RefuseNonFinite(block, 0, pending_rows_);
      labels_.RefuseTooLarge(j);
    }
    Merge(moments_[j], part[j]);
  }
  bytes_ += slot.narrow.bytes() + slot.wide.bytes();
  slots_.push_back(std::move(slot));
  pending_rows_ = 0;
  pending_ = {};
}

}  // namespace treeline
