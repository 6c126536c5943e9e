#include "linear/coordinate_descent.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/random.h"
#include "linear/dot.h"
#include "linear/sparse_gram.h"
#include "simd/kernels.h"

namespace treeline {

GramProblem::GramProblem(const GramSums& gram, std::int64_t cols) {
  const ScaledGram scaled(gram, cols);
  matrix_ = scaled.Matrix(0);
  side_ = scaled.RightSide(0);
  slope_ = side_;
  scale = scaled.scale();
  for (std::int64_t i = 0; i < scaled.size(); ++i) columns.push_back(scaled.column(i));
  target_square = gram.products.back();
}

void GramProblem::Move(std::int64_t j, double step) {
  simd::Active().vectors.axpy(-step, matrix_.data() + j * size(), size(), slope_.data());
}

void GramProblem::Residual(const std::vector<double>& x, double* square,
                           double* with_target) const {
  *with_target = target_square - Dot(side_, x);
  *square = std::max(0.0, *with_target - Dot(slope_, x));
}

RowProblem::RowProblem(const DenseRows& dense, std::int64_t cols) : rows_(dense.rows) {
  const auto width = static_cast<std::int64_t>(dense.mean.size());
  for (std::int64_t j = 0; j <= cols; ++j) {
    double square = 0;
    for (std::int64_t i = 0; i < rows_; ++i)
      square += dense.values[i * width + j] * dense.values[i * width + j];
    if (j == cols) {
      target_square = square;
      for (std::int64_t i = 0; i < rows_; ++i) y_.push_back(dense.values[i * width + cols]);
      break;
    }
    const double length = 1 / std::sqrt(square);
    const double deviation = std::sqrt(square / dense.weight);
    if (!(deviation > 1e-14 * std::abs(dense.mean[j])) || !std::isfinite(length)) continue;
    columns.push_back(j);
    scale.push_back(length);
    for (std::int64_t i = 0; i < rows_; ++i) x_.push_back(dense.values[i * width + j] * length);
  }
  residual_ = y_;
}

double RowProblem::Slope(std::int64_t j) const {
  return simd::Active().vectors.dot(x_.data() + j * rows_, residual_.data(), rows_);
}

void RowProblem::Move(std::int64_t j, double step) {
  simd::Active().vectors.axpy(-step, x_.data() + j * rows_, rows_, residual_.data());
}

void RowProblem::Residual(const std::vector<double>&, double* square, double* with_target) const {
  *square = Dot(residual_, residual_);
  *with_target = Dot(residual_, y_);
}

SparseProblem::SparseProblem(const LinearData& data, const RowFilter& filter, const Context& ctx)
    : mean(static_cast<std::size_t>(data.width())), entries_(data.table.sparse()->by_column()) {
  const SparseStore& store = *data.table.sparse();
  std::int64_t n_rows = 0;
  double target = 0;
  for (std::int64_t i = 0; i < data.rows(); ++i) {
    row_weight_.push_back(filter.Has(i) ? data.Weight(i) : 0);
    weight += row_weight_.back();
    target += row_weight_.back() * data.targets[i];
    n_rows += row_weight_.back() > 0 ? 1 : 0;
  }
  const bool centres = data.fit_intercept && weight > 0;
  if (centres) mean.back() = target / weight;
  for (std::int64_t i = 0; i < data.rows(); ++i) {
    y_.push_back(row_weight_[i] > 0 ? data.targets[i] - mean.back() : 0);
    residual_.push_back(row_weight_[i] * y_.back());
    target_square += residual_.back() * y_.back();
  }
  std::vector<double> squares(static_cast<std::size_t>(data.cols())), sums(squares.size());
  store.ForEachColumn(ctx, [&](std::int64_t j) {
    sums[j] = entries_.Dot(j, row_weight_.data(), 0);
    if (centres) mean[j] = sums[j] / weight;
    squares[j] = SquaresAbout(entries_, j, mean[j], row_weight_, weight, n_rows);
  });
  for (std::int64_t j = 0; j < data.cols(); ++j) {
    const double length = 1 / std::sqrt(squares[j]);
    const double deviation = std::sqrt(squares[j] / weight);
    if (!(deviation > 1e-14 * std::abs(mean[j])) || !std::isfinite(length)) continue;
    columns.push_back(j);
    scale.push_back(length);
    sum_.push_back(sums[j]);
  }
}

double SparseProblem::Slope(std::int64_t j) const {
  return entries_.Dot(columns[j], residual_.data(), apart_ * sum_[j]) * scale[j];
}

void SparseProblem::Move(std::int64_t j, double step) {
  const double coef = step * scale[j];
  const std::int64_t column = columns[j];
  for (std::int64_t k = entries_.begin(column); k < entries_.end(column); ++k) {
    const std::int32_t row = entries_.column(k);
    residual_[row] -= row_weight_[row] * (coef * entries_.value(k));
  }
  apart_ += coef * mean[column];
}

void SparseProblem::Residual(const std::vector<double>&, double* square,
                             double* with_target) const {
  *square = 0;
  *with_target = 0;
  for (std::size_t i = 0; i < y_.size(); ++i) {
    if (!(row_weight_[i] > 0)) continue;
    const double weighted = residual_[i] + row_weight_[i] * apart_;
    *square += weighted * (weighted / row_weight_[i]);
    *with_target += weighted * y_[i];
  }
}

namespace {

/// One descent.
class Descent {
 public:
  Descent(CoordinateProblem& problem, const ElasticNetPenalty& penalty,
          const DescentOptions& options, const Context& ctx, std::vector<double>& x)
      : problem_(problem), penalty_(penalty), options_(options), ctx_(ctx), x_(x) {
    for (std::int64_t j = 0; j < problem.size(); ++j) {
      l1_.push_back(penalty.l1 * problem.scale[j]);
      l2_.push_back(penalty.l2 * problem.scale[j] * problem.scale[j]);
      active_.push_back(j);
    }
  }

  DescentResult Run() {
    const double wanted = options_.tol * problem_.target_square;
    DescentResult result;
    result.gap = Gap();
    result.converged = result.gap <= wanted;
    if (!result.converged) Screen(result.gap);
    bool is_full = true;
    while (!result.converged && result.n_iter < options_.max_iter) {
      ctx_.cancel.ThrowIfCancelled();
      const bool is_small = Sweep(InOrder(is_full ? active_ : Moving(), result.n_iter));
      const bool is_last = ++result.n_iter == options_.max_iter;
      if ((is_full && is_small) || is_last) {
        result.gap = Gap();
        result.converged = result.gap <= wanted;
        if (result.converged) break;
        Screen(result.gap);
        // Rounding hides what is left: no sweep will show more.
        stands_ = is_full && !moved_;
        if (stands_) break;
      }
      is_full = !is_full && is_small;
      if (active_.empty()) is_full = true;
    }
    result.converged = result.converged || stands_;
    return result;
  }

 private:
  /// Whether the largest change of a sweep is small beside the largest unknown.
  bool Sweep(const std::vector<std::int64_t>& list) {
    double largest = 0;
    double change = 0;
    for (const std::int64_t j : list) {
      const double old = x_[j];
      const double slope = problem_.Slope(j) + old;  // columns have length 1
      const double size = std::abs(slope) - l1_[j];
      double next = size > 0 ? std::copysign(size, slope) / (1 + l2_[j]) : 0;
      if (penalty_.positive && slope < 0) next = 0;
      if (next != old) {
        problem_.Move(j, next - old);
        x_[j] = next;
      }
      change = std::max(change, std::abs(next - old));
      largest = std::max(largest, std::abs(next));
    }
    moved_ = change > 1e-15 * largest;
    return largest == 0 || change <= options_.tol * largest;
  }

  /// The columns as they come, or shuffled for this sweep (Fisher and Yates).
  std::vector<std::int64_t> InOrder(std::vector<std::int64_t> list, std::int64_t sweep) const {
    if (!options_.in_random_order) return list;
    for (std::size_t i = list.size(); i > 1; --i) {
      const auto stream = static_cast<std::uint64_t>(sweep);
      std::swap(list[i - 1], list[RandomBits(options_.seed, stream, i) % i]);
    }
    return list;
  }

  std::vector<std::int64_t> Moving() const {
    std::vector<std::int64_t> list;
    for (const std::int64_t j : active_) {
      if (x_[j] != 0) list.push_back(j);
    }
    return list;
  }

  /// Product of a column in X's own units with the residual, less what the L2 penalty takes.
  double Correlation(std::int64_t j) const {
    return problem_.Slope(j) / problem_.scale[j] - penalty_.l2 * x_[j] * problem_.scale[j];
  }

  /// scikit-learn's _cd_fast.pyx: formulation A with an L1 penalty, B with only L2, else the first
  /// order condition.
  double Gap() {
    double square = 0;
    double with_target = 0;
    problem_.Residual(x_, &square, &with_target);
    double l1_norm = 0;
    double l2_norm = 0;
    double sum = 0;
    dual_norm_ = 0;
    for (std::int64_t j = 0; j < problem_.size(); ++j) {
      const double coef = x_[j] * problem_.scale[j];
      l1_norm += std::abs(coef);
      l2_norm += coef * coef;
      const double slope = problem_.Slope(j) / problem_.scale[j];
      const double c = penalty_.l1 > 0 ? slope - penalty_.l2 * coef : slope;
      sum += c * c;
      dual_norm_ = std::max(dual_norm_, penalty_.positive ? c : std::abs(c));
    }
    if (penalty_.l1 == 0 && penalty_.l2 == 0) return sum;
    if (penalty_.l1 == 0)
      return square + penalty_.l2 / 2 * l2_norm - with_target + sum / (2 * penalty_.l2);
    const double both = square + penalty_.l2 * l2_norm;
    const double shrink = dual_norm_ > penalty_.l1 ? penalty_.l1 / dual_norm_ : 1;
    return both / 2 + penalty_.l1 * l1_norm + shrink * shrink / 2 * both - shrink * with_target;
  }

  /// Leaves out columns that are 0 at the minimum for sure (Ndiaye et al. 2017, Eq. 11).
  void Screen(double gap) {
    if (penalty_.l1 == 0) return;
    // The gap is a difference of numbers as large as |y|^2: it is known no better than this.
    const double doubt = 1e-14 * problem_.target_square;
    const double radius = std::sqrt(2 * (std::abs(gap) + doubt)) / penalty_.l1;
    std::vector<std::int64_t> kept;
    std::vector<double> correlations;
    for (const std::int64_t j : active_) correlations.push_back(Correlation(j));
    for (std::size_t i = 0; i < active_.size(); ++i) {
      const std::int64_t j = active_[i];
      const double along = correlations[i] / std::max(penalty_.l1, dual_norm_);
      const double length = std::sqrt(1 / (problem_.scale[j] * problem_.scale[j]) + penalty_.l2);
      const double distance = (1 - (penalty_.positive ? along : std::abs(along))) / length;
      if (distance <= radius) {
        kept.push_back(j);
      } else if (x_[j] != 0) {
        problem_.Move(j, -x_[j]);
        x_[j] = 0;
      }
    }
    active_ = std::move(kept);
  }

  CoordinateProblem& problem_;
  const ElasticNetPenalty& penalty_;
  const DescentOptions& options_;
  const Context& ctx_;
  std::vector<double>& x_;
  std::vector<double> l1_;
  std::vector<double> l2_;
  std::vector<std::int64_t> active_;
  double dual_norm_ = 0;
  bool moved_ = true;
  bool stands_ = false;  // a sweep over all columns moved none
};

}  // namespace

DescentResult DescendCoordinates(CoordinateProblem& problem, const ElasticNetPenalty& penalty,
                                 const DescentOptions& options, const Context& ctx,
                                 std::vector<double>& x) {
  return Descent(problem, penalty, options, ctx, x).Run();
}

}  // namespace treeline
