#include "linear/sparse_least_squares.h"

#include <algorithm>
#include <cmath>

#include "linear/dot.h"

namespace treeline {

namespace {

/// The gradient, beside that of the start, at which there is nothing left to gain.
constexpr double kTol = 1e-14;
/// Steps so small beside the solution are rounding; so many of them in a row are the end.
constexpr double kNoStep = 4e-16;
constexpr int kMostNoSteps = 4;
constexpr std::int64_t kMaxIter = 20'000;

/// Centred columns, rows weighted: products with vectors.
class CentredRows {
 public:
  CentredRows(const SparseStore& store, const SparseLeastSquaresProblem& problem,
              const Context& ctx)
      : store_(store),
        ctx_(ctx),
        weights_(problem.weights),
        mean_(static_cast<std::size_t>(store.cols())),
        squares_(mean_.size()) {
    if (weights_.empty()) weights_.assign(static_cast<std::size_t>(store.rows()), 1.0);
    for (const double weight : weights_) total_ += weight;
    const SparseRows& columns = store.by_column();
    store.ForEachColumn(ctx, [&](std::int64_t j) {
      if (problem.fit_intercept && total_ > 0)
        mean_[j] = columns.Dot(j, weights_.data(), 0) / total_;
      double rest = total_;  // the weight of rows that have no entry
      for (std::int64_t k = columns.begin(j); k < columns.end(j); ++k) {
        const double weight = weights_[columns.column(k)];
        const double apart = columns.value(k) - mean_[j];
        squares_[j] += weight * apart * apart;
        rest -= weight;
      }
      squares_[j] += std::max(rest, 0.0) * mean_[j] * mean_[j];
    });
  }

  const std::vector<double>& mean() const noexcept { return mean_; }
  /// Sums of squares of the columns.
  const std::vector<double>& squares() const noexcept { return squares_; }

  /// The weighted mean of a column of numbers, one a row.
  double MeanOf(const double* values) const {
    double sum = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i)
      sum += weights_[i] > 0 ? weights_[i] * values[i] : 0;
    return total_ > 0 ? sum / total_ : 0;
  }
  /// X v: a number a row.
  void Times(const std::vector<double>& v, std::vector<double>& out) const {
    const double offset = -Dot(mean_, v);
    const std::int64_t n_slots = (store_.rows() + kSlotRows - 1) / kSlotRows;
    ctx_.ParallelFor(n_slots, [&](std::int64_t s, int) {
      const std::int64_t end = std::min(store_.rows(), (s + 1) * kSlotRows);
      for (std::int64_t i = s * kSlotRows; i < end; ++i)
        out[i] = store_.by_row().Dot(i, v.data(), offset);
    });
  }
  /// X' W r: a number a column.
  void TransposedTimes(const std::vector<double>& r, std::vector<double>& out) const {
    std::vector<double> weighted(r);
    double sum = 0;
    for (std::size_t i = 0; i < r.size(); ++i) {
      weighted[i] *= weights_[i];
      sum += weighted[i];
    }
    store_.ForEachColumn(ctx_, [&](std::int64_t j) {
      out[j] = store_.by_column().Dot(j, weighted.data(), 0) - mean_[j] * sum;
    });
  }
  /// r' W r
  double SquaredLength(const std::vector<double>& r) const {
    double sum = 0;
    for (std::size_t i = 0; i < r.size(); ++i) sum += weights_[i] * r[i] * r[i];
    return sum;
  }

 private:
  const SparseStore& store_;
  const Context& ctx_;
  std::vector<double> weights_;
  double total_ = 0;
  std::vector<double> mean_;  // zeros without an intercept
  std::vector<double> squares_;
};

/// What a step in a column's direction is divided by; 0 leaves a column that is constant out.
std::vector<double> Scales(const CentredRows& rows, double alpha) {
  std::vector<double> scale;
  for (const double squares : rows.squares()) {
    const double curvature = alpha > 0 ? squares + alpha : 1;
    scale.push_back(squares > 0 ? 1 / curvature : 0);
  }
  return scale;
}

/// Minimises |residual - X x|^2 + alpha |x|^2. False if it was not there in time.
bool Solve(const CentredRows& rows, double alpha, std::vector<double> residual, const Context& ctx,
           std::vector<double>& x) {
  const std::vector<double> scale = Scales(rows, alpha);
  std::vector<double> gradient(x.size()), scaled(x.size()), image(residual.size());
  const auto refresh = [&] {
    rows.TransposedTimes(residual, gradient);
    for (std::size_t j = 0; j < x.size(); ++j) {
      gradient[j] -= alpha * x[j];
      scaled[j] = scale[j] * gradient[j];
    }
    return Dot(gradient, scaled);
  };
  double size = refresh();
  const double enough = kTol * kTol * size;
  std::vector<double> direction(scaled);
  int n_no_steps = 0;
  for (std::int64_t iteration = 0; iteration < kMaxIter; ++iteration) {
    if (!(size > enough) || n_no_steps == kMostNoSteps) return true;
    ctx.cancel.ThrowIfCancelled();
    rows.Times(direction, image);
    const double length = Dot(direction, direction);
    const double step = size / (rows.SquaredLength(image) + alpha * length);
    if (!std::isfinite(step)) return true;  // no row sees the direction
    for (std::size_t j = 0; j < x.size(); ++j) x[j] += step * direction[j];
    for (std::size_t i = 0; i < residual.size(); ++i) residual[i] -= step * image[i];
    const bool is_step = step * std::sqrt(length) > kNoStep * std::sqrt(Dot(x, x));
    n_no_steps = is_step ? 0 : n_no_steps + 1;
    const double before = size;
    size = refresh();
    for (std::size_t j = 0; j < x.size(); ++j)
      direction[j] = scaled[j] + size / before * direction[j];
  }
  return false;
}

}  // namespace

SparseLeastSquaresModel FitSparseLeastSquares(const SparseStore& store,
                                              const SparseLeastSquaresProblem& problem,
                                              const Context& ctx) {
  const CentredRows rows(store, problem, ctx);
  SparseLeastSquaresModel model;
  for (std::int64_t t = 0; t < problem.n_targets; ++t) {
    const double* target = problem.targets.data() + t * store.rows();
    const double mean = problem.fit_intercept ? rows.MeanOf(target) : 0;
    std::vector<double> residual(target, target + store.rows());
    for (double& value : residual) value -= mean;
    std::vector<double> x(static_cast<std::size_t>(store.cols()));
    const bool converged = Solve(rows, problem.alpha[t], std::move(residual), ctx, x);
    model.converged = model.converged && converged;
    model.intercept.push_back(problem.fit_intercept ? mean - Dot(rows.mean(), x) : 0);
    model.coef.insert(model.coef.end(), x.begin(), x.end());
  }
  return model;
}

}  // namespace treeline
