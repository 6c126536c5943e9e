#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/context.h"
#include "linear/linear_table.h"

namespace treeline {

/// A quantile regression as a linear program: the sum over its constraints of
///   rho_i(b_i - a_i beta),  rho_i(r) = max(upper_i r, -lower_i r).
/// A constraint is a row of the table that weighs something (a_i: its standardised columns and 1
/// for the intercept; b_i: the target, centred and scaled), or the penalty of one coefficient (a_i:
/// a unit vector, b_i = 0). Unknowns: the coefficients of `columns`, in order, then the intercept.
struct QuantileProblem {
  LinearTable table;
  std::vector<double> target;       // one per row
  std::span<const double> weights;  // one per row, or empty: all 1
  double quantile = 0.5;
  bool fit_intercept = true;
  std::vector<double> shift;          // of every column; 0 without an intercept
  std::vector<double> factor;         // of every column
  std::vector<std::int64_t> columns;  // those that can have a coefficient other than 0
  std::vector<double> penalty;        // of their standardised coefficients; empty: none

  std::int64_t rows() const noexcept { return table.rows(); }
  std::int64_t cols() const noexcept { return table.cols(); }
  /// Of the rows: what passes are divided into.
  std::int64_t slots() const noexcept { return (rows() + kSlotRows - 1) / kSlotRows; }
  /// Unknowns.
  std::int64_t size() const noexcept {
    return static_cast<std::int64_t>(columns.size()) + (fit_intercept ? 1 : 0);
  }
  /// Rows, then penalties.
  std::int64_t constraints() const noexcept {
    return rows() + static_cast<std::int64_t>(penalty.size());
  }
  double Weight(std::int64_t row) const noexcept { return weights.empty() ? 1 : weights[row]; }
  double Upper(std::int64_t i) const noexcept {
    return i < rows() ? quantile * Weight(i) : penalty[i - rows()];
  }
  double Lower(std::int64_t i) const noexcept {
    return i < rows() ? (1 - quantile) * Weight(i) : penalty[i - rows()];
  }
  double Target(std::int64_t i) const noexcept { return i < rows() ? target[i] : 0; }
  /// rho_i(r).
  double Loss(std::int64_t i, double r) const noexcept {
    return r > 0 ? Upper(i) * r : -Lower(i) * r;
  }
  double At(std::int64_t row, std::int64_t column) const noexcept;
  /// a_i, size() numbers.
  void Constraint(std::int64_t i, double* out) const;
  /// Coefficients of the centred, unscaled columns, then of the column of 1.
  std::vector<double> Spread(const std::vector<double>& beta) const;
  /// What Spread is the transpose of: sums over such columns as sums over the unknowns'.
  std::vector<double> Gather(const double* sums) const;
};

/// Standardises the columns of the problem and leaves out those whose coefficient must be 0:
/// constant ones, and those whose penalty (alpha, of the coefficient in its own units, times
/// the sum of the weights) no residuals can outweigh.
void ChooseColumns(QuantileProblem& problem, double penalty, const Context& ctx);

/// Sums over the rows of a sparse table of a factor times the centred columns and a column of 1:
/// n_factors x (cols + 1); `factors`: n_factors columns, one after another.
std::vector<double> SparseColumnSums(const QuantileProblem& problem,
                                     const std::vector<double>& factors, std::int64_t n_factors,
                                     const Context& ctx);

}  // namespace treeline
