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

RowStore::RowStore(FeatureLabels labels, MemoryBudget budget)
    : labels_(std::move(labels)),
      budget_(std::move(budget)),
      stride_((labels_.size() + simd::kRowLanes - 1) / simd::kRowLanes * simd::kRowLanes),
      segments_(budget_),
      entries_(labels_.size()) {}

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
  const std::int64_t first_slot = first / kSlotRows;
  const std::int64_t n_slots = (first + block.rows - 1) / kSlotRows - first_slot + 1;
  std::vector<std::byte*> slots;
  slots.reserve(static_cast<std::size_t>(n_slots));
  for (std::int64_t s = 0; s < n_slots; ++s)
    slots.push_back(s == 0 && open_ != nullptr ? open_ : AddSlot());
  squared_norms_.resize(static_cast<std::size_t>(first + block.rows));
  std::vector<AlignedBuffer<double>> scratch(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor(n_slots, [&](std::int64_t s, int thread) {
    AlignedBuffer<double>& rows = scratch[thread];
    if (rows.empty()) rows = AlignedBuffer<double>(static_cast<std::size_t>(kSlotRows * stride_));
    const std::int64_t begin = std::max(first, (first_slot + s) * kSlotRows);
    const std::int64_t end = std::min(first + block.rows, (first_slot + s + 1) * kSlotRows);
    FileRows(block, begin, end - begin, slots[s], rows.data());
  });
  rows_ = first + block.rows;
  // An open slot is the last segment there is: it lies in a chunk that is not full.
  open_ = rows_ % kSlotRows == 0 ? nullptr : slots.back();
  segments_.Settle();
  CheckNorms(first, &block);
}

void RowStore::PushSparse(const SparseView& view) {
  const std::int64_t first = rows_;
  entries_.Append(view, labels_);
  rows_ = entries_.rows();
  for (std::int64_t row = first; row < rows_; ++row)
    squared_norms_.push_back(entries_.SquaredLaneNorm<simd::kRowLanes>(row));
  CheckNorms(first, nullptr);
}

/// Throws for rows from `first` on whose squares overflow: those of `block`, of which no value was
/// looked at yet, or finite ones.
void RowStore::CheckNorms(std::int64_t first, const Block* block) const {
  for (std::int64_t row = first; row < rows_; ++row) {
    if (std::isfinite(squared_norms_[row])) continue;
    if (block != nullptr) labels_.RefuseNonFinite(*block, row - first, 1);
    throw Error(ErrorCode::kInvalidData, labels_.where() +
                                             " has values too large to square in row " +
                                             std::to_string(row) + ": scale it down first");
  }
}

/// Copies table rows [begin, begin + count), all of one slot; the block's first row is row rows_.
void RowStore::FileRows(const Block& block, std::int64_t begin, std::int64_t count, std::byte* slot,
                        double* scratch) {
  const std::int64_t at = begin % kSlotRows * stride_;
  double* rows = narrow_ ? scratch : reinterpret_cast<double*>(slot) + at;
  ReadRows(block, begin - rows_, count, stride_, rows);
  for (std::int64_t i = 0; i < count; ++i) {
    const double* row = rows + i * stride_;
    squared_norms_[begin + i] = simd::Active().rows.dot(row, row, stride_);
  }
  if (!narrow_) return;
  float* out = reinterpret_cast<float*>(slot) + at;
  for (std::int64_t i = 0; i < count * stride_; ++i) out[i] = static_cast<float>(rows[i]);
}

std::byte* RowStore::AddSlot() {
  const SegmentStore::Reserved place = segments_.Reserve(SlotBytes());
  filed_.push_back(place.segment);
  return place.memory;
}

/// Files the rows so far anew, as float64: columns of a wider type came after them.
void RowStore::Widen() {
  Finish();
  const std::vector<const std::byte*> narrow = std::move(slots_);
  const SegmentStore before = std::move(segments_);
  segments_ = SegmentStore(budget_);
  filed_.clear();
  narrow_ = false;
  for (const std::byte* slot : narrow) {
    std::byte* const wide = AddSlot();
    std::copy_n(reinterpret_cast<const float*>(slot), kSlotRows * stride_,
                reinterpret_cast<double*>(wide));
    if (open_ != nullptr) open_ = wide;
    segments_.Settle();
  }
}

void RowStore::Finish() {
  segments_.Finish();
  entries_.Trim();
  slots_.clear();
  for (const SegmentStore::Segment& segment : filed_) slots_.push_back(segments_.At(segment));
}

}  // namespace treeline
