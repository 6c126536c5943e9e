#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "matrix/block.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline {

/// Consecutive rows of a sparse table in compressed rows, as they arrive: entries starts[i] …
/// starts[i + 1] - 1 of `columns` and `values` are those of row i. The memory belongs to someone
/// else and may hold anything.
struct SparseView {
  std::int64_t rows = 0;
  std::int64_t first_row = 0;  // global index of row 0
  std::int64_t cols = 0;
  Column starts;   // rows + 1 integers, as int32 or float64
  Column columns;  // int32
  Column values;
  std::int64_t entries = 0;  // elements of columns and of values
};

/// A sparse table that owns its memory: columns ascend within a row and every value is finite.
class SparseRows {
 public:
  explicit SparseRows(std::int64_t cols) : cols_(cols) {}

  /// Copies rows behind those that are there. Throws Error{kInvalidData} for entries that are out
  /// of order or out of range, and, naming row and column, for a value that is not finite.
  void Append(const SparseView& view, const FeatureLabels& labels);
  /// The same for dense rows: zeros are left out.
  void Append(const Block& block, const FeatureLabels& labels);
  /// The same table by columns: row j of the result holds the rows of column j, ascending.
  SparseRows Transposed() const;
  /// A copy of some rows, in the order given.
  SparseRows Taken(std::span<const std::int64_t> rows) const;
  /// Frees memory that growing left over.
  void Trim();

  std::int64_t rows() const noexcept { return static_cast<std::int64_t>(starts_.size()) - 1; }
  std::int64_t cols() const noexcept { return cols_; }
  std::int64_t entries() const noexcept { return static_cast<std::int64_t>(values_.size()); }
  std::int64_t begin(std::int64_t row) const noexcept { return starts_[row]; }
  std::int64_t end(std::int64_t row) const noexcept { return starts_[row + 1]; }
  std::int32_t column(std::int64_t entry) const noexcept { return columns_[entry]; }
  double value(std::int64_t entry) const noexcept { return values_[entry]; }
  std::size_t bytes() const noexcept {
    return 8 * starts_.capacity() + 4 * columns_.capacity() + 8 * values_.capacity();
  }

  /// `start` plus the inner product of a row with a vector, added in column order: a row of the
  /// dense table, added so, gives the same bits.
  double Dot(std::int64_t row, const double* vector, double start) const noexcept {
    double sum = start;
    for (std::int64_t k = begin(row); k < end(row); ++k) sum += vector[columns_[k]] * values_[k];
    return sum;
  }

  /// The inner product of a row with a vector, added in lanes: column j in lane j mod Lanes, the
  /// lanes in order at the end, as the kernels of dense rows do (simd/row-inl.h).
  template <int Lanes>
  double LaneDot(std::int64_t row, const double* vector) const noexcept {
    return InLanes<Lanes>(row, [&](std::int64_t k) { return values_[k] * vector[columns_[k]]; });
  }
  /// A row's inner product with itself, in the same order.
  template <int Lanes>
  double SquaredLaneNorm(std::int64_t row) const noexcept {
    return InLanes<Lanes>(row, [&](std::int64_t k) { return values_[k] * values_[k]; });
  }

 private:
  template <int Lanes, typename Term>
  double InLanes(std::int64_t row, Term&& term) const noexcept {
    double lanes[Lanes] = {};
    for (std::int64_t k = begin(row); k < end(row); ++k) lanes[columns_[k] % Lanes] += term(k);
    double sum = 0;
    for (const double lane : lanes) sum += lane;
    return sum;
  }

  std::int64_t cols_;
  std::vector<std::int64_t> starts_{0};
  std::vector<std::int32_t> columns_;
  std::vector<double> values_;
};

/// A sink that takes sparse rows as well as dense ones.
class SparseSink : public Sink {
 public:
  /// `view` is valid during the call only. A throw leaves the sink unusable.
  virtual void PushSparse(const SparseView& view) = 0;
};

/// What a BlockMap that takes sparse rows too, with the same results, is besides.
class SparseRowMap {
 public:
  virtual ~SparseRowMap() = default;
  virtual void Apply(const SparseRows& rows, double* out, const Context& ctx) const = 0;
  virtual const FeatureLabels& labels() const noexcept = 0;
};

}  // namespace treeline
