#include <algorithm>
#include <cmath>
#include <limits>

#include "linear/dot.h"
#include "linear/solver.h"
#include "linear/stall.h"

namespace treeline {

namespace {

/// How far a model's minimum is found: this share of the subgradient there is at the point.
constexpr double kForcing = 0.01;
constexpr double kDecrease = 1e-4;
constexpr double kRounding = 1e-13;  // relative error of the objective's value
constexpr int kTrials = 40;

double WeightedL1(const std::vector<double>& l1, const std::vector<double>& w) {
  double sum = 0;
  for (std::size_t i = 0; i < w.size(); ++i) sum += l1[i] * std::abs(w[i]);
  return sum;
}

double LargestSubgradient(const std::vector<double>& l1, const SolverPoint& point) {
  double worst = 0;
  for (std::size_t i = 0; i < l1.size(); ++i)
    worst = std::max(worst, Subgradient(point.w[i], point.gradient[i], l1[i]));
  return worst;
}

/// Coordinate descent to the minimum of a model plus absolute values (Friedman, Hastie and
/// Tibshirani 2010), with steps to the minimum over a face, where no unknown changes its sign,
/// between sweeps: those are what nearly collinear columns need.
class ModelDescent {
 public:
  ModelDescent(QuadraticModel& model, const std::vector<double>& l1, std::vector<double>& x)
      : model_(model), l1_(l1), x_(x) {
    for (std::int64_t j = 0; j < model.size(); ++j) all_.push_back(j);
  }

  void Run(double tol) {
    constexpr int kRounds = 50;
    for (int round = 0; round < kRounds; ++round) {
      if (Sweep(all_) <= tol) return;
      const std::vector<std::int64_t> face = Face();
      const std::int64_t n_sweeps = SweepsWorthAStep(static_cast<double>(face.size()));
      bool is_small = false;
      for (std::int64_t s = 0; s < n_sweeps && !is_small; ++s) is_small = Sweep(face) <= tol;
      if (!is_small) GoToFaceMinimum(Face());
    }
  }

 private:
  /// The largest slope that the unknowns of `list` had, each in its turn.
  double Sweep(const std::vector<std::int64_t>& list) {
    double worst = 0;
    for (const std::int64_t j : list) {
      const double curvature = model_.Curvature(j);
      if (!(curvature > 0)) continue;
      const double target = curvature * x_[j] - model_.Slope(j);
      const double size = std::abs(target) - l1_[j];
      const double next = size > 0 ? std::copysign(size, target) / curvature : 0;
      if (next == x_[j]) continue;
      worst = std::max(worst, std::abs(next - x_[j]) * curvature);
      model_.Move(j, next - x_[j]);
      x_[j] = next;
    }
    return worst;
  }

  /// How many sweeps over a face cost what the step to its minimum costs.
  std::int64_t SweepsWorthAStep(double face) const {
    const double step = face * face * (face / 6 + static_cast<double>(model_.rank()) / 2);
    const double sweep = face * static_cast<double>(model_.MoveCost());
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(step / std::max(sweep, 1.0)), 5, 300);
  }

  /// The unknowns that may move a little without a kink.
  std::vector<std::int64_t> Face() const {
    std::vector<std::int64_t> face;
    for (const std::int64_t j : all_) {
      if ((x_[j] != 0 || l1_[j] == 0) && model_.Curvature(j) > 0) face.push_back(j);
    }
    return face;
  }

  /// Moves to the minimum over the face, or as far towards it as its edge.
  void GoToFaceMinimum(const std::vector<std::int64_t>& face) {
    constexpr std::int64_t kMost = 512;  // systems beyond take longer than sweeps
    const auto n = static_cast<std::int64_t>(face.size());
    if (n == 0 || n > kMost) return;
    std::vector<double> matrix(static_cast<std::size_t>(n * n));
    std::vector<double> step(face.size());
    for (std::int64_t a = 0; a < n; ++a) {
      for (std::int64_t b = 0; b <= a; ++b) matrix[a * n + b] = model_.Entry(face[a], face[b]);
      step[a] = -model_.Slope(face[a]) - std::copysign(l1_[face[a]], x_[face[a]]);
    }
    Preconditioner::Cholesky(std::move(matrix), n).Solve(step.data(), step.data());
    double length = 1;
    std::int64_t edge = -1;
    for (std::int64_t a = 0; a < n; ++a) {
      if (!std::isfinite(step[a])) return;
      if (l1_[face[a]] == 0 || !(x_[face[a]] * step[a] < 0)) continue;
      if (-x_[face[a]] / step[a] < length) {
        length = -x_[face[a]] / step[a];
        edge = a;
      }
    }
    for (std::int64_t a = 0; a < n; ++a) {
      const std::int64_t j = face[a];
      const double next = a == edge ? 0 : x_[j] + length * step[a];
      model_.Move(j, next - x_[j]);
      x_[j] = next;
    }
  }

  QuadraticModel& model_;
  const std::vector<double>& l1_;
  std::vector<double>& x_;
  std::vector<std::int64_t> all_;
};

/// Where a model leads, and by how much its linear part and the absolute values fall on the way.
struct ProximalStep {
  std::vector<double> direction;
  double change = 0;
};

ProximalStep StepOf(QuadraticModel& model, const std::vector<double>& l1,
                    const SolverPoint& point) {
  ProximalStep step{point.w, 0};
  model.Start(point.gradient);
  ModelDescent(model, l1, step.direction).Run(kForcing * LargestSubgradient(l1, point));
  step.change = WeightedL1(l1, step.direction) - WeightedL1(l1, point.w);
  for (std::size_t i = 0; i < point.w.size(); ++i) step.direction[i] -= point.w[i];
  step.change += Dot(step.direction, point.gradient);
  return step;
}

/// Moves `point` along a step as far as the objective falls enough (Tseng and Yun 2009); where that
/// drowns in rounding, the subgradient decides. False if there is no such point.
bool Search(LinearObjective& objective, const ProximalStep& step, SolverPoint& point) {
  if (!(step.change < 0)) return false;
  const std::vector<double>& l1 = objective.l1();
  const double value = point.value + WeightedL1(l1, point.w);
  const double noise = kRounding * std::abs(value);
  SolverPoint next(point.w);
  double length = 1;
  for (int trial = 0; trial < kTrials; ++trial) {
    for (std::size_t i = 0; i < next.w.size(); ++i)
      next.w[i] = point.w[i] + length * step.direction[i];
    next.Evaluate(objective);
    const double reached = next.value + WeightedL1(l1, next.w);
    const bool is_lost = length * -step.change <= noise;
    const bool is_better = is_lost ? reached <= value + noise && LargestSubgradient(l1, next) <
                                                                     LargestSubgradient(l1, point)
                                   : reached <= value + kDecrease * length * step.change + noise;
    if (is_better) {
      point = std::move(next);
      return true;
    }
    if (is_lost) return false;
    const double above = reached - value - length * step.change;  // of the line through the start
    const double guess = -step.change * length * length / (2 * above);
    length = std::isfinite(guess) ? std::clamp(guess, 0.1 * length, 0.5 * length) : 0.1 * length;
  }
  return false;
}

}  // namespace

SolverResult ProximalNewton(LinearObjective& objective, const ProximalOptions& options,
                            QuadraticModel& model, SolverPoint& point) {
  SolverResult result;
  Stall stall;
  std::int64_t age = 0;  // iterations since the model was made
  double violation = objective.Violation(point.w.data(), point.gradient.data());
  const auto renew = [&] {
    if (options.renew) {
      model = options.renew(point);
    } else {
      model.Forget();
    }
    age = 0;
  };
  while (true) {
    result.converged = violation <= options.tol;
    if (result.converged || result.n_iter >= options.max_iter) break;
    const ProximalStep step = StepOf(model, objective.l1(), point);
    const SolverPoint before = point;
    const double value = point.value + WeightedL1(objective.l1(), point.w);
    if (!Search(objective, step, point)) {
      if (age == 0) {
        result.at_floor = Stall::AtFloor(-step.change, value, 1e-12);
        break;
      }
      renew();
      continue;
    }
    SolverPoint moved = point;
    for (std::size_t i = 0; i < moved.w.size(); ++i) {
      moved.w[i] -= before.w[i];
      moved.gradient[i] -= before.gradient[i];
    }
    model.Remember(std::move(moved.w), std::move(moved.gradient));
    options.on_iteration(++result.n_iter, point.value + WeightedL1(objective.l1(), point.w));
    violation = objective.Violation(point.w.data(), point.gradient.data());
    if (stall.Happened(violation, Stall::AtFloor(-step.change, value))) {
      result.at_floor = violation > options.tol;
      break;
    }
    if (++age == options.renew_after && violation > options.tol) renew();
  }
  if (result.n_iter == 0) result.n_iter = 1;  // the look at a start that was the end
  return result;
}

}  // namespace treeline
