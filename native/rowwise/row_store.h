#pragma once

#include <cstdint>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/reblock.h"
#include "matrix/segment_store.h"
#include "matrix/sink.h"
#include "simd/kernels.h"

namespace treeline {

/// A table row after row, in memory up to a budget and beyond it in a spill file: for solvers that
/// look at one row at a time, in any order. Rows are padded with zeros to whole vectors. They are
/// float32 as long as every column that came was of a type that float32 holds exactly, else
/// float64; every computation widens to float64, so which of the two it is changes no result.
class RowStore final : public Sink {
 public:
  explicit RowStore(FeatureLabels labels, MemoryBudget budget = {});

  /// Throws Error{kInvalidData} naming row and column for a value that is not finite, Error{kIo}
  /// when the disk is full.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override {
    return segments_.bytes() + 8 * squared_norms_.size();
  }
  std::size_t spilled_bytes() const noexcept { return segments_.spilled_bytes(); }
  /// No more rows will come. Reading needs it.
  void Finish();

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t cols() const noexcept { return labels_.size(); }
  /// Elements of a row, padding included: what a vector of weights must have.
  std::int64_t stride() const noexcept { return stride_; }
  bool is_narrow() const noexcept { return narrow_; }
  /// Sum of squares of a row.
  double SquaredNorm(std::int64_t row) const noexcept { return squared_norms_[row]; }

  const float* NarrowRow(std::int64_t row) const noexcept {
    return reinterpret_cast<const float*>(slots_[row / kSlotRows]) + row % kSlotRows * stride_;
  }
  const double* WideRow(std::int64_t row) const noexcept {
    return reinterpret_cast<const double*>(slots_[row / kSlotRows]) + row % kSlotRows * stride_;
  }

 private:
  std::size_t SlotBytes() const noexcept {
    return static_cast<std::size_t>(kSlotRows * stride_) * (narrow_ ? 4 : 8);
  }
  void Widen();
  std::byte* AddSlot();
  void FileRows(const Block& block, std::int64_t begin, std::int64_t count, std::byte* slot,
                double* scratch);

  FeatureLabels labels_;
  MemoryBudget budget_;
  std::int64_t stride_;
  std::int64_t rows_ = 0;
  bool narrow_ = true;
  SegmentStore segments_;
  std::vector<SegmentStore::Segment> filed_;  // a slot of kSlotRows rows each
  std::byte* open_ = nullptr;                 // the last slot, while rows are missing in it
  std::vector<const std::byte*> slots_;       // of filed_, once finished
  std::vector<double> squared_norms_;
};

/// The rows of a RowStore as the solvers read them. T is the type they are stored in.
template <typename T>
class DenseRows {
 public:
  explicit DenseRows(const RowStore& store) : store_(store) {}
  std::int64_t rows() const noexcept { return store_.rows(); }
  std::int64_t cols() const noexcept { return store_.cols(); }
  std::int64_t stride() const noexcept { return store_.stride(); }
  double SquaredNorm(std::int64_t row) const noexcept { return store_.SquaredNorm(row); }

  /// Inner product with a vector of stride() elements.
  double Dot(std::int64_t row, const double* vector) const noexcept {
    if constexpr (sizeof(T) == sizeof(float)) {
      return kernels_.dot_f32(store_.NarrowRow(row), vector, stride());
    } else {
      return kernels_.dot(store_.WideRow(row), vector, stride());
    }
  }
  /// vector += factor * row
  void AddScaled(std::int64_t row, double factor, double* vector) const noexcept {
    if constexpr (sizeof(T) == sizeof(float)) {
      kernels_.add_scaled_f32(store_.NarrowRow(row), factor, stride(), vector);
    } else {
      kernels_.add_scaled(store_.WideRow(row), factor, stride(), vector);
    }
  }
  /// body(column, value) for every column that may differ from zero, in order.
  template <typename Body>
  void ForEach(std::int64_t row, Body&& body) const {
    if constexpr (sizeof(T) == sizeof(float)) {
      const float* values = store_.NarrowRow(row);
      for (std::int64_t j = 0; j < cols(); ++j) body(j, static_cast<double>(values[j]));
    } else {
      const double* values = store_.WideRow(row);
      for (std::int64_t j = 0; j < cols(); ++j) body(j, values[j]);
    }
  }

 private:
  const RowStore& store_;
  const simd::RowKernels& kernels_ = simd::Active().rows;
};

/// Calls body(rows) with the DenseRows of the type the store holds.
template <typename Body>
auto WithRows(const RowStore& store, Body&& body) {
  return store.is_narrow() ? body(DenseRows<float>(store)) : body(DenseRows<double>(store));
}

}  // namespace treeline
