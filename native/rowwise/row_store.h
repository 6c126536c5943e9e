#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/reblock.h"
#include "matrix/segment_store.h"
#include "matrix/sparse_rows.h"
#include "simd/kernels.h"

namespace treeline {

/// A table row after row, in memory up to a budget and beyond it in a spill file: for solvers that
/// look at one row at a time, in any order. Rows are padded with zeros to whole vectors. They are
/// float32 as long as every column that came was of a type that float32 holds exactly, else
/// float64; every computation widens to float64, so which of the two it is changes no result.
/// A sparse table is kept as its entries, in memory, and changes none either.
class RowStore final : public SparseSink {
 public:
  explicit RowStore(FeatureLabels labels, MemoryBudget budget = {});

  /// Throws Error{kInvalidData} naming row and column for a value that is not finite, Error{kIo}
  /// when the disk is full.
  void Push(const Block& block, const Context& ctx) override;
  /// The same for rows of a sparse table; not to be mixed with Push.
  void PushSparse(const SparseView& view) override;
  std::size_t bytes() const noexcept override {
    return segments_.bytes() + entries_.bytes() + 8 * squared_norms_.size();
  }
  std::size_t spilled_bytes() const noexcept { return segments_.spilled_bytes(); }
  /// No more rows will come. Reading needs it.
  void Finish();

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t cols() const noexcept { return labels_.size(); }
  /// Elements of a row, padding included: what a vector of weights must have.
  std::int64_t stride() const noexcept { return stride_; }
  bool is_narrow() const noexcept { return narrow_; }
  /// Whether entries() are the rows, and neither NarrowRow nor WideRow is there.
  bool is_sparse() const noexcept { return entries_.rows() > 0; }
  const SparseRows& entries() const noexcept { return entries_; }
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
  void CheckNorms(std::int64_t first, const Block* block) const;

  FeatureLabels labels_;
  MemoryBudget budget_;
  std::int64_t stride_;
  std::int64_t rows_ = 0;
  bool narrow_ = true;
  SegmentStore segments_;
  std::vector<SegmentStore::Segment> filed_;  // a slot of kSlotRows rows each
  std::byte* open_ = nullptr;                 // the last slot, while rows are missing in it
  std::vector<const std::byte*> slots_;       // of filed_, once finished
  SparseRows entries_;                        // of a sparse table
  std::vector<double> squared_norms_;
};

/// The rows of a RowStore as the solvers read them, which must give the same bits for the same
/// table, however it is stored. T is the type dense rows are stored in.
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
  /// body(column, value) for every value that is not zero, in column order.
  template <typename Body>
  void ForEach(std::int64_t row, Body&& body) const {
    if constexpr (sizeof(T) == sizeof(float)) {
      ForEachIn(store_.NarrowRow(row), body);
    } else {
      ForEachIn(store_.WideRow(row), body);
    }
  }
  /// Sets the bit of every column in which a row may differ from zero.
  void Mark(std::int64_t /*row*/, std::vector<std::uint64_t>& columns) const noexcept {
    std::fill(columns.begin(), columns.end(), ~std::uint64_t{0});
    if (cols() % 64 != 0) columns.back() = (std::uint64_t{1} << cols() % 64) - 1;
  }

 private:
  template <typename Body>
  void ForEachIn(const T* values, Body&& body) const {
    for (std::int64_t j = 0; j < cols(); ++j) {
      if (values[j] != 0) body(j, static_cast<double>(values[j]));
    }
  }

  const RowStore& store_;
  const simd::RowKernels& kernels_ = simd::Active().rows;
};

/// The same for the entries of a sparse table. Zeros add nothing: sums in the dense rows' order are
/// the dense rows' sums.
class EntryRows {
 public:
  explicit EntryRows(const RowStore& store) : store_(store), entries_(store.entries()) {}
  std::int64_t rows() const noexcept { return store_.rows(); }
  std::int64_t cols() const noexcept { return store_.cols(); }
  std::int64_t stride() const noexcept { return store_.stride(); }
  double SquaredNorm(std::int64_t row) const noexcept { return store_.SquaredNorm(row); }

  double Dot(std::int64_t row, const double* vector) const noexcept {
    return entries_.LaneDot<simd::kRowLanes>(row, vector);
  }
  void AddScaled(std::int64_t row, double factor, double* vector) const noexcept {
    for (std::int64_t k = entries_.begin(row); k < entries_.end(row); ++k)
      vector[entries_.column(k)] += factor * entries_.value(k);
  }
  template <typename Body>
  void ForEach(std::int64_t row, Body&& body) const {
    for (std::int64_t k = entries_.begin(row); k < entries_.end(row); ++k) {
      if (entries_.value(k) != 0) body(entries_.column(k), entries_.value(k));
    }
  }
  void Mark(std::int64_t row, std::vector<std::uint64_t>& columns) const noexcept {
    for (std::int64_t k = entries_.begin(row); k < entries_.end(row); ++k)
      columns[entries_.column(k) / 64] |= std::uint64_t{1} << entries_.column(k) % 64;
  }

 private:
  const RowStore& store_;
  const SparseRows& entries_;
};

/// Calls body(rows) with the rows as the store holds them.
template <typename Body>
auto WithRows(const RowStore& store, Body&& body) {
  if (store.is_sparse()) return body(EntryRows(store));
  return store.is_narrow() ? body(DenseRows<float>(store)) : body(DenseRows<double>(store));
}

}  // namespace treeline
