#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/context.h"
#include "rowwise/row_store.h"

namespace treeline {

class SvmData;

/// The numbers of an SvmData column after column, zeros left out.
class SvmColumns {
 public:
  explicit SvmColumns(const SvmData& data);

  /// body(row, value) for every entry of a column, in row order.
  template <typename Body>
  void ForEach(std::int64_t column, Body&& body) const {
    for (std::int64_t k = starts_[column]; k < starts_[column + 1]; ++k) body(rows_[k], values_[k]);
  }

 private:
  std::vector<std::int64_t> starts_;
  std::vector<std::int32_t> rows_;
  std::vector<double> values_;
};

/// The rows of a support vector machine: those of the table, each with the intercept's constant
/// behind it. Vectors of weights have width() elements; sums over rows are kept per slot and added
/// in slot order. Sums over the rows of a sparse table are made column by column, in that order
/// too: the same bits.
class SvmData {
 public:
  /// `scaling`: the constant; 0: none.
  SvmData(const RowStore& store, double scaling);
  SvmData(const SvmData&) = delete;
  SvmData& operator=(const SvmData&) = delete;
  ~SvmData() = default;

  /// Table columns, padded, and one for the constant.
  std::size_t width() const noexcept { return static_cast<std::size_t>(store_.stride()) + 1; }
  std::int64_t rows() const noexcept { return store_.rows(); }
  std::int64_t cols() const noexcept { return store_.cols(); }
  double scaling() const noexcept { return scaling_; }

  double SquaredNorm(std::int64_t row) const noexcept {
    return store_.SquaredNorm(row) + scaling_ * scaling_;
  }
  double Dot(std::int64_t row, const std::vector<double>& w) const noexcept;
  void AddScaled(std::int64_t row, double factor, std::vector<double>& w) const noexcept;

  /// X w: one number a row.
  std::vector<double> Times(const std::vector<double>& w, const Context& ctx) const;
  /// X' r: one number a column.
  std::vector<double> TransposedTimes(const std::vector<double>& r, const Context& ctx) const;
  /// The same of the squares of X.
  std::vector<double> TransposedSquaresTimes(const std::vector<double>& r,
                                             const Context& ctx) const;

  /// body(column, value) for every value of a row that is not zero, the constant's last.
  template <typename Body>
  void ForEach(std::int64_t row, Body&& body) const {
    WithRows(store_, [&](const auto& rows) { rows.ForEach(row, body); });
    if (scaling_ != 0) body(store_.stride(), scaling_);
  }

  /// Coefficients and intercept of weights.
  void Write(const std::vector<double>& w, std::vector<double>& coef, double& intercept) const;

 private:
  template <typename AddRow>
  std::vector<double> SumRows(const Context& ctx, AddRow&& add_row) const;
  template <typename Term>
  std::vector<double> SumColumns(const Context& ctx, Term&& term) const;

  const RowStore& store_;
  double scaling_;
  std::optional<SvmColumns> columns_;  // of a sparse table
};

}  // namespace treeline
