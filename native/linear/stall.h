#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace treeline {

/// Notices that a solver has reached what float64 can resolve: the step promises less than the
/// rounding error of the objective's value, and the gradient has stopped to shrink.
class Stall {
 public:
  /// `decrement`: slope of the objective along the step, negated.
  static bool AtFloor(double decrement, double value) {
    constexpr double kResolution = 1e-13;
    return decrement <= kResolution * std::max(std::abs(value), std::numeric_limits<double>::min());
  }
  /// To be asked after every iteration.
  bool Happened(double violation, bool at_floor) {
    const bool better = violation < 0.5 * best_;
    best_ = std::min(best_, violation);
    count_ = at_floor && !better ? count_ + 1 : 0;
    return count_ >= 2;
  }

 private:
  double best_ = std::numeric_limits<double>::infinity();
  int count_ = 0;
};

}  // namespace treeline
