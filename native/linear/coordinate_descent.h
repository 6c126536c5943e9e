#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/linear_data.h"
#include "linear/scaled_gram.h"

namespace treeline {

/// A least squares problem as coordinate descent sees it: columns scaled to length 1, and a point
/// that moves along one of them at a time. What is |y - X x|^2 / 2 is sums over weighted rows, not
/// means.
class CoordinateProblem {
 public:
  virtual ~CoordinateProblem() = default;
  /// Minus the gradient along column j: its product with the residual.
  virtual double Slope(std::int64_t j) const = 0;
  /// x_j += step.
  virtual void Move(std::int64_t j, double step) = 0;
  /// Squared length of the residual, and its product with the target.
  virtual void Residual(const std::vector<double>& x, double* square,
                        double* with_target) const = 0;

  std::int64_t size() const noexcept { return static_cast<std::int64_t>(scale.size()); }

  double target_square = 0;           // |y|^2
  std::vector<double> scale;          // a coefficient of X is one of the scaled column times this
  std::vector<std::int64_t> columns;  // which column of X each is
};

/// By products of columns, kept in memory: a move costs as many operations as there are columns.
class GramProblem final : public CoordinateProblem {
 public:
  /// `gram` must be centred.
  GramProblem(const GramSums& gram, std::int64_t cols);
  double Slope(std::int64_t j) const override { return slope_[j]; }
  void Move(std::int64_t j, double step) override;
  void Residual(const std::vector<double>& x, double* square, double* with_target) const override;

 private:
  std::vector<double> matrix_;
  std::vector<double> side_;
  std::vector<double> slope_;
};

/// By the rows themselves: a move costs as many operations as there are rows.
class RowProblem final : public CoordinateProblem {
 public:
  RowProblem(const DenseRows& dense, std::int64_t cols);
  double Slope(std::int64_t j) const override;
  void Move(std::int64_t j, double step) override;
  void Residual(const std::vector<double>& x, double* square, double* with_target) const override;

 private:
  std::int64_t rows_;
  std::vector<double> x_;  // column-major
  std::vector<double> y_;
  std::vector<double> residual_;
};

/// By the columns of a sparse table: a move costs as many operations as the column has entries.
/// Nothing is copied or centred: what the means take off is one number that all residuals lack.
class SparseProblem final : public CoordinateProblem {
 public:
  /// Over the rows of a filter; `data` must outlive it.
  SparseProblem(const LinearData& data, const RowFilter& filter, const Context& ctx);
  double Slope(std::int64_t j) const override;
  void Move(std::int64_t j, double step) override;
  void Residual(const std::vector<double>& x, double* square, double* with_target) const override;

  std::vector<double> mean;  // width; zeros without an intercept
  double weight = 0;         // of the rows

 private:
  const SparseRows& entries_;  // by columns
  std::vector<double> row_weight_;
  std::vector<double> sum_;  // of the columns, weighted
  std::vector<double> y_;    // less its mean
  /// Of every row the weight times what y_ and the columns as they are leave; the residual is as
  /// much, over the weight, and apart_.
  std::vector<double> residual_;
  double apart_ = 0;
};

struct ElasticNetPenalty {
  double l1 = 0;  // on |coef|, beside |y - X coef|^2 / 2
  double l2 = 0;  // on |coef|^2 / 2
  bool positive = false;
};

struct DescentOptions {
  double tol = 1e-4;
  std::int64_t max_iter = 1000;
  bool in_random_order = false;  // of the columns, another one every sweep
  std::uint64_t seed = 0;
};

struct DescentResult {
  std::int64_t n_iter = 0;
  double gap = 0;  // of duality, of the same units as |y|^2 / 2
  bool converged = false;
};

/// Moves `problem` from x to the minimum of |y - X x|^2 / 2 and the penalty of the coefficients in
/// X's own units, until the duality gap is at most tol |y|^2 (Friedman, Hastie, Tibshirani 2010;
/// gaps and safe screening as scikit-learn, Ndiaye et al. 2017). Between sweeps over all columns
/// that screening leaves, sweeps over those that are not 0.
DescentResult DescendCoordinates(CoordinateProblem& problem, const ElasticNetPenalty& penalty,
                                 const DescentOptions& options, const Context& ctx,
                                 std::vector<double>& x);

}  // namespace treeline
