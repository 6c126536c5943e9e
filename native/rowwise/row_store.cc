#include "rowwise/row_store.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace treeline {

namespace {

bool FitsFloat32(DType type) noexcept {
  return type == DType::kFloat32 || type == DType::kBool || type == DType::kInt8 ||
         type == DType::kInt16 || type == DType::kUint8 || type == DType::kUint16;
}

/// Rows [begin, begin + count) of a block as float64 rows `stride` apart, zeros behind each.
void ReadRows(const Block& block, std::int64_t begin, std::int64_t count, std::int64_t stride,
              double* out) noexcept {
  std::fill_n(out, count * stride, 0.0);
  double column[kSlotRows];
  for (std::int64_t j = 0; j < block.cols(); ++j) {
    ReadColumn(block.columns[j], begin, count, column);
    for (std::int64_t i = 0; i < count; ++i) out[i * stride + j] = column[i];
  }
}

}  // namespace

RowStore::RowStore(FeatureLabels labels)
    : labels_(std::move(labels)),
      stride_((labels_.size() + simd::kRowLanes - 1) / simd::kRowLanes * simd::kRowLanes) {}

std::size_t RowStore::bytes() const noexcept {
  std::size_t bytes = 8 * squared_norms_.size();
  for (const StoredSlot& slot : slots_) bytes += slot.narrow.bytes() + slot.wide.bytes();
  return bytes;
}

void RowStore::Push(const Block& block, const Context& ctx) {
  if (block.cols() != cols()) {
    throw Error(ErrorCode::kInvalidData, labels_.where() + " has " + std::to_string(block.cols()) +
                                             " columns in one part and " + std::to_string(cols()) +
                                             " in another");
  }
  if (block.rows == 0) return;
  if (narrow_ && !std::all_of(block.columns.begin(), block.columns.end(),
                              [](const Column& c) { return FitsFloat32(c.type); })) {
    Widen();
  }
  const std::int64_t first = rows_;
  AddSlots(first + block.rows);
  const std::int64_t first_slot = first / kSlotRows;
  const std::int64_t n_slots = (first + block.rows - 1) / kSlotRows - first_slot + 1;
  std::vector<AlignedBuffer<double>> scratch(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor(n_slots, [&](std::int64_t s, int thread) {
    AlignedBuffer<double>& rows = scratch[thread];
    if (rows.empty()) rows = AlignedBuffer<double>(static_cast<std::size_t>(kSlotRows * stride_));
    const std::int64_t begin = std::max(first, (first_slot + s) * kSlotRows);
    const std::int64_t end = std::min(first + block.rows, (first_slot + s + 1) * kSlotRows);
    FileRows(block, begin, end - begin, rows.data());
  });
  rows_ = first + block.rows;
  for (std::int64_t row = first; row < rows_; ++row) {
    if (std::isfinite(squared_norms_[row])) continue;
    labels_.RefuseNonFinite(block, row - first, 1);
    throw Error(ErrorCode::kInvalidData, labels_.where() +
                                             " has values too large to square in row " +
                                             std::to_string(row) + ": scale it down first");
  }
}

/// Copies table rows [begin, begin + count), all of one slot; the block's first row is row rows_.
void RowStore::FileRows(const Block& block, std::int64_t begin, std::int64_t count,
                        double* scratch) {
  StoredSlot& slot = slots_[begin / kSlotRows];
  const std::int64_t at = begin % kSlotRows * stride_;
  double* rows = narrow_ ? scratch : slot.wide.data() + at;
  ReadRows(block, begin - rows_, count, stride_, rows);
  for (std::int64_t i = 0; i < count; ++i) {
    const double* row = rows + i * stride_;
    squared_norms_[begin + i] = simd::Active().rows.dot(row, row, stride_);
  }
  if (!narrow_) return;
  float* out = slot.narrow.data() + at;
  for (std::int64_t i = 0; i < count * stride_; ++i) out[i] = static_cast<float>(rows[i]);
}

void RowStore::AddSlots(std::int64_t rows) {
  const auto size = static_cast<std::size_t>(kSlotRows * stride_);
  while (static_cast<std::int64_t>(slots_.size()) * kSlotRows < rows) {
    StoredSlot slot;
    if (narrow_) {
      slot.narrow = AlignedBuffer<float>(size);
    } else {
      slot.wide = AlignedBuffer<double>(size);
    }
    slots_.push_back(std::move(slot));
  }
  squared_norms_.resize(static_cast<std::size_t>(rows));
}

void RowStore::Widen() {
  narrow_ = false;
  for (StoredSlot& slot : slots_) {
    slot.wide = AlignedBuffer<double>(slot.narrow.size());
    std::copy(slot.narrow.begin(), slot.narrow.end(), slot.wide.begin());
    slot.narrow = {};
  }
}

}  // namespace treeline
