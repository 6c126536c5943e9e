#include "linear/linear_store.h"

#include <algorithm>
#include <cmath>

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

/// Whether a type holds numbers that float32 may not.
bool IsWide(const Column& column) noexcept { return !FitsFloat32(column.type); }

/// Whether some of the first rows hold a value that is no float32 value: a cheap no before the full
/// test.
bool IsSeenWide(const Block& block, std::int64_t begin, std::int64_t rows) noexcept {
  constexpr std::int64_t kLook = 8;
  double values[kLook];
  for (const Column& column : block.columns) {
    if (!IsWide(column)) continue;
    const std::int64_t count = std::min(rows, kLook);
    ReadColumn(column, begin, count, values);
    for (std::int64_t i = 0; i < count; ++i) {
      if (static_cast<double>(static_cast<float>(values[i])) != values[i]) return true;
    }
  }
  return false;
}

/// Writes the tiles of `rows` rows as float32; false if a value would change.
bool NarrowTiles(const double* tiles, std::int64_t cols, std::int64_t rows, float* out) {
  const std::int64_t padded = PaddedRows(rows);
  for (std::int64_t row = 0; row < padded; row += kTileRows) {
    const std::int64_t count = std::min(kTileRows, padded - row);
    for (std::int64_t j = 0; j < cols; ++j) {
      const std::int64_t at = row * cols + j * kTileRows;
      if (!simd::Active().linear.narrow_exactly(tiles + at, count, out + at)) return false;
    }
  }
  return true;
}

}  // namespace

LinearStore::LinearStore(FeatureLabels labels, MemoryBudget budget)
    : labels_(std::move(labels)),
      segments_(std::move(budget)),
      moments_(static_cast<std::size_t>(labels_.size())) {}

void LinearStore::Push(const Block& block, const Context& ctx) {
  if (block.cols() != cols()) {
    throw Error(ErrorCode::kInvalidData, labels_.where() + " has " + std::to_string(block.cols()) +
                                             " columns in one part and " + std::to_string(cols()) +
                                             " in another");
  }
  std::int64_t begin = 0;
  if (pending_rows_ > 0) {
    begin = std::min(kSlotRows - pending_rows_, block.rows);
    KeepPending(block, 0, begin);
    if (pending_rows_ < kSlotRows) return;
    PushSlots(PendingBlock(), 0, 1, ctx);
    pending_rows_ = 0;
  }
  const std::int64_t complete = (block.rows - begin) / kSlotRows;
  if (complete > 0) {
    PushSlots(block, begin, complete, ctx);
    rows_ += complete * kSlotRows;
  }
  begin += complete * kSlotRows;
  if (begin < block.rows) KeepPending(block, begin, block.rows - begin);
}

/// Files complete slots in parallel, then merges their moments in slot order.
void LinearStore::PushSlots(const Block& block, std::int64_t begin, std::int64_t n_slots,
                            const Context& ctx) {
  std::vector<AlignedBuffer<double>> scratch(static_cast<std::size_t>(ctx.n_jobs));
  std::vector<Filed> filed(static_cast<std::size_t>(n_slots));
  std::vector<Moments> partials(static_cast<std::size_t>(n_slots * cols()));
  ctx.ParallelFor(n_slots, [&](std::int64_t s, int thread) {
    filed[s] = FileSlot(block, begin + s * kSlotRows, kSlotRows, scratch[thread],
                        partials.data() + s * cols());
  });
  for (std::int64_t s = 0; s < n_slots; ++s)
    MergeMoments(block, begin + s * kSlotRows, kSlotRows, partials.data() + s * cols());
  filed_.insert(filed_.end(), filed.begin(), filed.end());
  segments_.Settle();
}

void LinearStore::MergeMoments(const Block& block, std::int64_t begin, std::int64_t rows,
                               const Moments* parts) {
  for (std::int64_t j = 0; j < cols(); ++j) {
    if (!std::isfinite(parts[j].m2)) {
      labels_.RefuseNonFinite(block, begin, rows);
      labels_.RefuseTooLarge(j);
    }
    Merge(moments_[j], parts[j]);
  }
}

LinearStore::Filed LinearStore::FileSlot(const Block& block, std::int64_t begin, std::int64_t rows,
                                         AlignedBuffer<double>& scratch, Moments* moments) {
  const std::int64_t n_tiles = (rows + kTileRows - 1) / kTileRows;
  const auto size = static_cast<std::size_t>(n_tiles * kTileRows * cols());
  const auto file = [&](auto zero, auto&& fill) {
    const SegmentStore::Reserved place = segments_.Reserve(size * sizeof(zero));
    fill(reinterpret_cast<decltype(zero)*>(place.memory));
    return Filed{place.segment, rows, sizeof(zero) == sizeof(float)};
  };
  if (std::none_of(block.columns.begin(), block.columns.end(), IsWide))
    return file(0.0F, [&](float* out) { FillTiles(block, begin, rows, out, moments); });
  if (IsSeenWide(block, begin, rows))
    return file(0.0, [&](double* out) { FillTiles(block, begin, rows, out, moments); });
  if (scratch.size() < 2 * size) scratch = AlignedBuffer<double>(2 * size);
  double* const tiles = scratch.data();
  auto* const narrow = reinterpret_cast<float*>(tiles + size);
  FillTiles(block, begin, rows, tiles, moments);
  if (NarrowTiles(tiles, cols(), rows, narrow))
    return file(0.0F, [&](float* out) { std::copy_n(narrow, size, out); });
  return file(0.0, [&](double* out) { std::copy_n(tiles, size, out); });
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
  if (pending_rows_ > 0) {
    AlignedBuffer<double> scratch;
    std::vector<Moments> parts(static_cast<std::size_t>(cols()));
    const Block block = PendingBlock();
    filed_.push_back(FileSlot(block, 0, pending_rows_, scratch, parts.data()));
    MergeMoments(block, 0, pending_rows_, parts.data());
    pending_rows_ = 0;
  }
  pending_ = {};
  segments_.Finish();
  slots_.clear();
  for (const Filed& filed : filed_) {
    const std::byte* const at = segments_.At(filed.segment);
    StoredSlot slot;
    slot.rows = filed.rows;
    if (filed.narrow) {
      slot.narrow = reinterpret_cast<const float*>(at);
    } else {
      slot.wide = reinterpret_cast<const double*>(at);
    }
    slots_.push_back(slot);
  }
}

}  // namespace treeline
