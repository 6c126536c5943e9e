#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace treeline {

/// Notices that a solver has reached what float64 can resolve: a step promises less than the
/// rounding error of the objective's value, and the gradient has stopped to shrink.
class Stall {
 public:
  /// Whether a step along which the objective falls with the slope -`decrement` is lost in
  /// rounding. `digits`: how sure one wants to be.
  static bool AtFloor(double decrement, double value, double digits = 1e-15) {
    return decrement <=
           digits * std::max(std::abs(value), std::numeric_limits<double>::min() / digits);
  }

  /// To be asked after every iteration.
  bool Happened(double violation, bool at_floor) {
    constexpr int kPatience = 2;
    const bool better = violation < 0.9 * best_;
    best_ = std::min(best_, violation);
    count_ = at_floor && !better ? count_ + 1 : 0;
    return count_ >= kPatience;
  }

 private:
  double best_ = std::numeric_limits<double>::infinity();
  int count_ = 0;
};

}  // namespace treeline
