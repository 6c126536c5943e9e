#include "chunked/writers.h"

#include <algorithm>

#include "simd/kernels.h"

namespace treeline {

namespace {

/// Copies values to element `at` of an array of float32 or float64.
void CopyTo(void* array, DType type, std::int64_t at, const double* values, std::int64_t count) {
  if (type == DType::kFloat64) {
    std::copy_n(values, count, static_cast<double*>(array) + at);
  } else {
    simd::Active().tape.narrow(values, count, static_cast<float*>(array) + at);
  }
}

}  // namespace

void StoreWriter::Begin(std::int64_t first_slot, std::int64_t n_slots, int) {
  store_->ReserveSlots(first_slot + n_slots);
}

void StoreWriter::Take(const SlotColumn& column) {
  CopyTo(store_->ReservedSlot(column.first_row / kSlotRows), store_->type(),
         column.column * kSlotRows, column.values, column.rows);
}

void ArrayWriter::Take(const SlotColumn& column) {
  const std::int64_t begin = std::max(column.first_row, target_.first_row);
  const std::int64_t end =
      std::min(column.first_row + column.rows, target_.first_row + target_.rows);
  if (begin >= end) return;
  CopyTo(target_.values, target_.type, column.column * target_.rows + begin - target_.first_row,
         column.values + (begin - column.first_row), end - begin);
}

}  // namespace treeline
