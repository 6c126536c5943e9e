#pragma once

#include <cstdint>
#include <vector>

#include "linear/linear_data.h"

namespace treeline {

/// The columns of a centred problem that vary, scaled to length 1: their products, and the way back
/// to coefficients in the columns' own units.
class ScaledGram {
 public:
  /// `gram` must be centred and outlive this.
  explicit ScaledGram(const GramSums& gram, std::int64_t cols);

  std::int64_t size() const noexcept { return static_cast<std::int64_t>(columns_.size()); }
  /// Which column of X the i-th is.
  std::int64_t column(std::int64_t i) const noexcept { return columns_[i]; }
  /// A coefficient in the column's own units is one of the scaled column times this.
  const std::vector<double>& scale() const noexcept { return scale_; }

  /// Products of the scaled columns plus the penalty alpha |coef|^2: size x size.
  std::vector<double> Matrix(double alpha) const;
  /// Products of the scaled columns with a target.
  std::vector<double> RightSide(std::int64_t target) const;
  /// Writes scaled coefficients as those of X's columns; columns that do not vary are left alone.
  void Scatter(const std::vector<double>& x, double* coef) const;

 private:
  const GramSums& gram_;
  std::int64_t cols_;
  std::vector<std::int64_t> columns_;
  std::vector<double> scale_;
};

}  // namespace treeline
