#include "rowwise/svm.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "core/random.h"
#include "rowwise/svm_data.h"

namespace treeline {

namespace {

/// liblinear's tolerance: relative to the smaller class, so that a rare one counts.
double RelativeTolerance(std::span<const double> y, double tol) noexcept {
  const auto positive = static_cast<double>(std::count(y.begin(), y.end(), 1.0));
  const double smaller = std::min(positive, static_cast<double>(y.size()) - positive);
  return tol * std::max(smaller, 1.0) / static_cast<double>(y.size());
}

double Norm(const std::vector<double>& v) noexcept {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}

double Dot(const std::vector<double>& a, const std::vector<double>& b) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Newton's method on the squared hinge, which is once differentiable: the Hessian is that of the
/// rows within the margin. Directions by conjugate gradients, preconditioned by the Hessian's
/// diagonal (Keerthi, DeCoste 2005; Hsia et al. 2018).
class SquaredHingeNewton {
 public:
  SquaredHingeNewton(const SvmData& data, std::span<const double> y, std::span<const double> costs,
                     const SvmOptions& options, const Context& ctx)
      : data_(data),
        y_(y),
        costs_(costs),
        options_(options),
        ctx_(ctx),
        w_(data.width(), 0.0),
        margins_(y.size(), 0.0),
        curvature_(y.size()) {}

  SvmModel Run() {
    SvmModel model;
    double objective = Linearise();
    const double small = RelativeTolerance(y_, options_.tol) * Norm(gradient_);
    while (!(model.converged = Norm(gradient_) <= small) && model.n_iter < options_.max_iter) {
      ctx_.cancel.ThrowIfCancelled();
      ++model.n_iter;
      const std::vector<double> step = Direction();
      const std::vector<double> moved = data_.Times(step, ctx_);
      if (!Search(step, moved, objective)) {
        model.converged = true;  // no shorter step lowers the objective: rounding is all there is
        break;
      }
      objective = Linearise();
    }
    model.objective = objective;
    data_.Write(w_, model.coef, model.intercept);
    return model;
  }

 private:
  /// Gradient and curvature of every row at w_; the objective.
  double Linearise() {
    std::vector<double> slope(y_.size());
    double loss = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double short_by = 1 - y_[i] * margins_[i];
      const bool counts = short_by > 0;
      slope[i] = counts ? -2 * costs_[i] * y_[i] * short_by : 0;
      curvature_[i] = counts ? 2 * costs_[i] : 0;
      loss += counts ? costs_[i] * short_by * short_by : 0;
    }
    gradient_ = data_.TransposedTimes(slope, ctx_);
    for (std::size_t j = 0; j < w_.size(); ++j) gradient_[j] += w_[j];
    return loss + Dot(w_, w_) / 2;
  }

  std::vector<double> HessianTimes(const std::vector<double>& v) const {
    std::vector<double> moved = data_.Times(v, ctx_);
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] *= curvature_[i];
    std::vector<double> result = data_.TransposedTimes(moved, ctx_);
    for (std::size_t j = 0; j < v.size(); ++j) result[j] += v[j];
    return result;
  }

  /// Solves Hessian * step = -gradient, as exactly as the gradient is small.
  std::vector<double> Direction() const {
    const std::size_t n = w_.size();
    std::vector<double> diagonal = data_.TransposedSquaresTimes(curvature_, ctx_);
    for (double& d : diagonal) d += 1;
    std::vector<double> step(n, 0.0), residual(n), scaled(n);
    for (std::size_t j = 0; j < n; ++j) residual[j] = -gradient_[j];
    for (std::size_t j = 0; j < n; ++j) scaled[j] = residual[j] / diagonal[j];
    std::vector<double> way = scaled;
    double energy = Dot(residual, scaled);
    const double first = energy;
    for (std::size_t k = 0; k < std::max<std::size_t>(2 * n, 20); ++k) {
      if (!(energy > kExactness * first)) break;
      ctx_.cancel.ThrowIfCancelled();
      const std::vector<double> image = HessianTimes(way);
      const double length = energy / Dot(way, image);
      for (std::size_t j = 0; j < n; ++j) step[j] += length * way[j];
      for (std::size_t j = 0; j < n; ++j) residual[j] -= length * image[j];
      for (std::size_t j = 0; j < n; ++j) scaled[j] = residual[j] / diagonal[j];
      const double next = Dot(residual, scaled);
      for (std::size_t j = 0; j < n; ++j) way[j] = scaled[j] + next / energy * way[j];
      energy = next;
    }
    return step;
  }

  double ObjectiveAt(const std::vector<double>& w, const std::vector<double>& margins) const {
    double loss = 0;
    for (std::size_t i = 0; i < y_.size(); ++i) {
      const double short_by = std::max(0.0, 1 - y_[i] * margins[i]);
      loss += costs_[i] * short_by * short_by;
    }
    return loss + Dot(w, w) / 2;
  }

  /// Takes the longest of the steps 1, 1/2, … that lowers the objective enough.
  bool Search(const std::vector<double>& step, const std::vector<double>& moved, double objective) {
    const double slope = Dot(gradient_, step);
    if (!(slope < 0)) return false;
    for (double length = 1; length > 1e-10; length /= 2) {
      std::vector<double> w = w_;
      std::vector<double> margins = margins_;
      for (std::size_t j = 0; j < w.size(); ++j) w[j] += length * step[j];
      for (std::size_t i = 0; i < margins.size(); ++i) margins[i] += length * moved[i];
      if (ObjectiveAt(w, margins) > objective + 1e-4 * length * slope) continue;
      w_ = std::move(w);
      margins_ = std::move(margins);
      return true;
    }
    return false;
  }

  static constexpr double kExactness = 1e-6;

  const SvmData& data_;
  std::span<const double> y_;
  std::span<const double> costs_;
  const SvmOptions& options_;
  const Context& ctx_;
  std::vector<double> w_;
  std::vector<double> margins_;
  std::vector<double> curvature_;
  std::vector<double> gradient_;
};

/// Dual coordinate descent for the hinge (Hsieh et al. 2008): one multiplier a row, in [0, cost],
/// each set to its best value in turn, in another order every time.
SvmModel DescendDual(const SvmData& data, std::span<const double> y, std::span<const double> costs,
                     const SvmOptions& options, const Context& ctx) {
  const auto rows = static_cast<std::int64_t>(y.size());
  SvmModel model;
  std::vector<double> w(data.width(), 0.0);
  std::vector<double> alpha(y.size(), 0.0);
  std::vector<std::int32_t> order(y.size());
  std::iota(order.begin(), order.end(), 0);
  while (!model.converged && model.n_iter < options.max_iter) {
    for (std::int64_t i = rows; i > 1; --i) {
      const std::uint64_t bits = RandomBits(options.seed, static_cast<std::uint64_t>(model.n_iter),
                                            static_cast<std::uint64_t>(i));
      std::swap(order[i - 1], order[bits % static_cast<std::uint64_t>(i)]);
    }
    double largest = 0;
    double smallest = 0;
    for (std::int64_t k = 0; k < rows; ++k) {
      if (k % kSlotRows == 0) ctx.cancel.ThrowIfCancelled();
      const std::int64_t i = order[k];
      const double q = data.SquaredNorm(i);
      if (q == 0 || costs[i] == 0) continue;
      const double g = y[i] * data.Dot(i, w) - 1;
      const double projected = alpha[i] == 0          ? std::min(g, 0.0)
                               : alpha[i] == costs[i] ? std::max(g, 0.0)
                                                      : g;
      largest = std::max(largest, projected);
      smallest = std::min(smallest, projected);
      if (std::abs(projected) < 1e-12) continue;
      const double before = alpha[i];
      alpha[i] = std::clamp(before - g / q, 0.0, costs[i]);
      data.AddScaled(i, (alpha[i] - before) * y[i], w);
    }
    ++model.n_iter;
    model.converged = largest - smallest <= options.tol;
  }
  double loss = 0;
  for (std::int64_t i = 0; i < rows; ++i)
    loss += costs[i] * std::max(0.0, 1 - y[i] * data.Dot(i, w));
  model.objective = loss + Dot(w, w) / 2;
  data.Write(w, model.coef, model.intercept);
  return model;
}

/// Coordinate descent for the L1 penalty (Yuan et al. 2010, liblinear's solve_l1r_l2_svc): one
/// Newton step a column, shortened until the objective falls enough.
class L1CoordinateDescent {
 public:
  L1CoordinateDescent(const SvmData& data, std::span<const double> y, std::span<const double> costs,
                      const SvmOptions& options, const Context& ctx)
      : columns_(data),
        y_(y),
        costs_(costs),
        options_(options),
        ctx_(ctx),
        w_(data.width(), 0.0),
        short_by_(y.size(), 1.0),
        data_(data) {}

  SvmModel Run() {
    SvmModel model;
    std::vector<std::int32_t> order(w_.size());
    std::iota(order.begin(), order.end(), 0);
    double first = 0;
    const double tolerance = RelativeTolerance(y_, options_.tol);
    while (!model.converged && model.n_iter < options_.max_iter) {
      for (std::size_t j = order.size(); j > 1; --j) {
        std::swap(
            order[j - 1],
            order[RandomBits(options_.seed, static_cast<std::uint64_t>(model.n_iter), j) % j]);
      }
      double violation = 0;
      for (const std::int32_t j : order) {
        ctx_.cancel.ThrowIfCancelled();
        violation += Step(j);
      }
      if (model.n_iter == 0) first = violation;
      ++model.n_iter;
      model.converged = violation <= tolerance * first;
    }
    model.objective = 0;
    for (const double w : w_) model.objective += std::abs(w);
    for (std::size_t i = 0; i < y_.size(); ++i)
      model.objective += costs_[i] * std::max(0.0, short_by_[i]) * std::max(0.0, short_by_[i]);
    data_.Write(w_, model.coef, model.intercept);
    return model;
  }

 private:
  /// How far column j was from its optimum; sets its weight.
  double Step(std::int32_t j) {
    double gradient = 0;
    double curvature = 0;
    columns_.ForEach(j, [&](std::int64_t i, double x) {
      if (short_by_[i] <= 0) return;
      gradient -= 2 * costs_[i] * y_[i] * x * short_by_[i];
      curvature += 2 * costs_[i] * x * x;
    });
    curvature = std::max(curvature, 1e-12);
    const double w = w_[j];
    const double violation = w > 0   ? std::abs(gradient + 1)
                             : w < 0 ? std::abs(gradient - 1)
                                     : std::max({0.0, -gradient - 1, gradient - 1});
    double step = -w;
    if (gradient + 1 <= curvature * w) step = -(gradient + 1) / curvature;
    if (gradient - 1 >= curvature * w) step = -(gradient - 1) / curvature;
    if (std::abs(step) < 1e-12) return violation;
    Search(j, std::clamp(step, -10.0, 10.0), gradient);
    return violation;
  }

  void Search(std::int32_t j, double step, double gradient) {
    const double w = w_[j];
    const double promised = std::abs(w + step) - std::abs(w) + gradient * step;
    double length = 1;
    for (int tries = 0; tries < 40; ++tries, length /= 2) {
      const double s = length * step;
      double change = std::abs(w + s) - std::abs(w) - 0.01 * length * promised;
      columns_.ForEach(j, [&](std::int64_t i, double x) {
        const double before = std::max(0.0, short_by_[i]);
        const double after = std::max(0.0, short_by_[i] - s * y_[i] * x);
        change += costs_[i] * (after * after - before * before);
      });
      if (change > 0) continue;
      columns_.ForEach(j, [&](std::int64_t i, double x) { short_by_[i] -= s * y_[i] * x; });
      w_[j] = w + s;
      return;
    }
  }

  SvmColumns columns_;
  std::span<const double> y_;
  std::span<const double> costs_;
  const SvmOptions& options_;
  const Context& ctx_;
  std::vector<double> w_;
  std::vector<double> short_by_;  // 1 - margin of every row
  const SvmData& data_;
};

SvmModel FitSvm(const SvmData& data, std::span<const double> y, std::span<const double> costs,
                const SvmOptions& options, const Context& ctx) {
  switch (options.problem) {
    case SvmProblem::kL2SquaredHinge: return SquaredHingeNewton(data, y, costs, options, ctx).Run();
    case SvmProblem::kL2Hinge: return DescendDual(data, y, costs, options, ctx);
    case SvmProblem::kL1SquaredHinge:
      return L1CoordinateDescent(data, y, costs, options, ctx).Run();
  }
  return {};
}

}  // namespace

SvmModel FitSvm(const RowStore& store, std::span<const double> y, std::span<const double> costs,
                const SvmOptions& options, const Context& ctx) {
  return FitSvm(SvmData(store, options.intercept_scaling), y, costs, options, ctx);
}

std::vector<SvmModel> FitSvmClasses(const RowStore& store, std::span<const std::int32_t> codes,
                                    std::int64_t n_classes, std::span<const double> weights,
                                    std::span<const double> class_weights,
                                    const SvmOptions& options, const Context& ctx) {
  const auto rows = static_cast<std::size_t>(store.rows());
  if (codes.size() != rows || (!weights.empty() && weights.size() != rows))
    throw Error(ErrorCode::kInvalidData, "X, y and sampleWeight differ in their number of rows");
  const std::int64_t n_outputs = n_classes > 2 ? n_classes : 1;
  const SvmData data(store, options.intercept_scaling);
  std::vector<SvmModel> models(static_cast<std::size_t>(n_outputs));
  ctx.ParallelFor(n_outputs, [&](std::int64_t output, int) {
    const std::int64_t positive = n_classes > 2 ? output : 1;
    const double own = class_weights.empty() ? 1 : class_weights[positive];
    const double other = class_weights.empty() || n_classes > 2 ? 1 : class_weights[0];
    std::vector<double> y(rows), costs(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      y[i] = codes[i] == positive ? 1 : -1;
      costs[i] = options.c * (y[i] > 0 ? own : other) * (weights.empty() ? 1 : weights[i]);
    }
    models[output] = FitSvm(data, y, costs, options, ctx);
  });
  return models;
}

}  // namespace treeline
