#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/context.h"
#include "linear/linear_table.h"

namespace treeline {

/// What a least squares problem is fitted to: rows of X with one or more targets.
struct LinearData {
  LinearTable table;
  std::vector<double> targets;  // column-major, rows x n_targets
  std::int64_t n_targets = 1;
  std::vector<double> weights;  // one per row, or empty: all 1
  bool fit_intercept = true;

  std::int64_t rows() const noexcept { return table.rows(); }
  std::int64_t cols() const noexcept { return table.cols(); }
  /// Columns of X, then targets.
  std::int64_t width() const noexcept { return cols() + n_targets; }
  double Weight(std::int64_t row) const noexcept { return weights.empty() ? 1 : weights[row]; }
};

/// Some rows of a problem: those whose fold is, or is not, `fold`; all if `folds` is null.
struct RowFilter {
  const std::int32_t* folds = nullptr;
  std::int32_t fold = 0;
  bool inside = true;
  bool Has(std::int64_t row) const noexcept {
    return folds == nullptr || (folds[row] == fold) == inside;
  }
};

/// Weighted sums over rows of the deviations from `shift` and of their products.
struct GramSums {
  std::int64_t rows = 0;         // that weigh something
  double weight = 0;             // their weight
  std::vector<double> shift;     // width
  std::vector<double> sums;      // width
  std::vector<double> products;  // width x width, symmetric

  /// Adds sums about the same shift.
  void Add(const GramSums& other);
  /// Products about the mean, and the mean; without an intercept about 0 (shift must be 0).
  std::vector<double> Mean() const;
  void Centre();
};

/// Sums about `shift` (width numbers) over the rows of a filter.
GramSums SumGram(const LinearData& data, const std::vector<double>& shift, const RowFilter& filter,
                 const Context& ctx);

/// Where sums lose no digits: the columns' and the targets' means over all rows; zeros without an
/// intercept.
std::vector<double> MeansOf(const LinearData& data, const Context& ctx);

/// Centred sums over all rows, about a shift that is the (weighted) mean to a few deviations.
GramSums CentredGram(const LinearData& data, const Context& ctx);

/// A table of few rows in memory.
struct DenseRows {
  std::int64_t rows = 0;
  double weight = 0;
  std::vector<double> mean;  // width; zeros without an intercept
  std::vector<double>
      values;  // [X - mean | Y - mean] times the root of the row's weight, row-major
};

/// The rows that weigh something and that the filter lets through.
DenseRows DenseRowsOf(const LinearData& data, const RowFilter& filter, const Context& ctx);

}  // namespace treeline
