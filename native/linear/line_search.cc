#include <algorithm>
#include <cmath>
#include <limits>

#include "linear/dot.h"
#include "linear/solver.h"

namespace treeline {

namespace {

constexpr double kDecrease = 1e-4;
constexpr double kCurvature = 0.9;
constexpr double kRounding = 1e-13;  // relative error of the objective's value
constexpr int kTrials = 60;

/// A step and the slope there.
struct Trial {
  double step;
  double slope;
};

/// Where a line through two slopes crosses zero, kept away from the ends.
double Secant(const Trial& low, const Trial& high) {
  const double width = high.step - low.step;
  if (!std::isfinite(high.slope)) return low.step + 0.5 * width;
  const double guess = low.step + width * low.slope / (low.slope - high.slope);
  return std::clamp(guess, low.step + 0.05 * width, high.step - 0.05 * width);
}

}  // namespace

bool LineSearch(LinearObjective& objective, const std::vector<double>& direction,
                SolverPoint& point) {
  const double slope0 = Dot(point.gradient, direction);
  if (!(slope0 < 0)) return false;
  Trial low{0, slope0};
  Trial high{std::numeric_limits<double>::infinity(), 0};
  SolverPoint next(point.w);
  SolverPoint lowest(point.w);  // the point at low.step
  double step = 1;
  for (int trial = 0; trial < kTrials; ++trial) {
    for (std::size_t i = 0; i < next.w.size(); ++i) next.w[i] = point.w[i] + step * direction[i];
    next.Evaluate(objective);
    double slope = Dot(next.gradient, direction);
    if (!std::isfinite(next.value)) slope = std::numeric_limits<double>::infinity();
    const bool decreased = slope <= 0 || next.value <= point.value + kDecrease * step * slope0 ||
                           (next.value <= point.value + kRounding * std::abs(point.value));
    if (decreased && std::abs(slope) <= -kCurvature * slope0) {
      point = std::move(next);
      return true;
    }
    if (slope > 0) {
      high = {step, slope};
      step = Secant(low, high);
    } else {
      const double steeper = low.slope - slope;  // < 0 on a convex function
      const double guess = steeper < 0 ? step - slope * (step - low.step) / -steeper : 10 * step;
      low = {step, slope};
      lowest = next;
      step = std::isinf(high.step) ? std::clamp(guess, 2 * step, 10 * step) : Secant(low, high);
    }
    if (!std::isfinite(step)) break;
  }
  // A descent that never flattens before the end of the objective's domain: as far as it was seen.
  if (!(lowest.value < point.value) || low.step == 0) return false;
  point = std::move(lowest);
  return true;
}

}  // namespace treeline
