#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/linear_data.h"
#include "linear/quantile_problem.h"

namespace treeline {

/// Step lengths: 1 / the share of the way at which the first bounded variable meets its bound.
struct QuantileSteps {
  double primal = 0;
  double dual = 0;
};

/// What an interior point method for a quantile regression keeps of every constraint, and its
/// passes. Of constraint i, x is its multiplier in the dual (max b d, A^T d = 0,
/// -lower <= d <= upper) above the lower bound, s below the upper one, so that x + s = lower +
/// upper; z, w > 0 are the parts of its residual r = w - z; at the end x z = s w = 0. All sums are
/// formed slot by slot and merged in order: neither threads nor chunks change a bit.
class QuantileRows {
 public:
  /// At beta = 0, d = 0. Both must outlive it.
  QuantileRows(const QuantileProblem& problem, const Context& ctx);

  /// What there is at the point where it stands.
  struct Standing {
    double loss = 0;
    double gap = 0;    // sum x z + s w: loss - dual objective, once A^T d = 0
    double count = 0;  // constraints that weigh something
  };
  const Standing& standing() const noexcept { return standing_; }
  /// Unknowns.
  std::int64_t size() const noexcept { return problem_.size(); }

  /// The normal equations of a Newton step: matrix = A^T Q A (size x size, row-major), right =
  /// A^T (Q r + d), with Q = 1 / (w / s + z / x). One pass.
  void Normal(std::vector<double>& matrix, std::vector<double>& right);

  /// What the step `beta` of the affine scaling direction leads to.
  struct Prediction {
    QuantileSteps steps;
    double linear_primal = 0;          // the gap at steps a, b is gap + a * linear_primal
    double linear_dual = 0;            //   + b * linear_dual
    double bilinear = 0;               //   + a b * bilinear
    std::vector<double> centring;      // A^T Q (1 / x - 1 / s)
    std::vector<double> second_order;  // -A^T Q dx (dz / x + dw / s)
  };
  /// One pass.
  Prediction Predict(const std::vector<double>& beta);
  /// The step `beta` of the corrected direction, which aims at x z = s w = mu. One pass.
  QuantileSteps Correct(const std::vector<double>& beta, double mu);
  /// Takes the corrected step for shares of its length.
  void Advance(double primal, double dual, double mu);

  /// A pair of primal and dual points, seen afresh.
  struct Check {
    double loss = 0;
    /// loss - the minimum: the sum of rho_i(r_i) - d_i r_i, and of |off| (1 + |beta|), which is
    /// what off may still be worth where unknowns are about 1, as those of standardised columns
    /// are.
    double gap = 0;
    std::vector<double> off;  // A^T d
  };
  /// At beta and the multipliers as they are. One pass.
  Check Evaluate(const std::vector<double>& beta) const;
  /// Puts the multipliers of residuals that are not 0 to the bound they have at beta. One pass.
  void Snap(const std::vector<double>& beta);

  /// How doubtful it is on which side of 0 a residual will be: large where it will be 0.
  const std::vector<double>& doubt() const noexcept { return data_.weights; }
  double multiplier(std::int64_t i) const noexcept { return x_[i] - problem_.Lower(i); }
  void SetMultiplier(std::int64_t i, double d) noexcept { x_[i] = d + problem_.Lower(i); }

 private:
  struct Direction {
    double x, z, w;
  };
  Direction Predicted(std::int64_t i) const noexcept;
  Direction Corrected(std::int64_t i, double mu) const noexcept;
  double SecondOrder(std::int64_t i, const Direction& d) const noexcept {
    return -d.x * (d.z / x_[i] + d.w / s_[i]);
  }
  void Longest(std::int64_t i, const Direction& d, QuantileSteps& steps) const noexcept;
  bool Counts(std::int64_t i) const noexcept { return data_.weights[i] > 0; }
  /// Calls body(part, begin, end) for the rows of every slot, in parallel, then for the penalties.
  template <typename Part, typename Body>
  std::vector<Part> ForParts(Body&& body) const;
  void Settle();
  void SetMargins(const std::vector<double>& beta);

  const QuantileProblem& problem_;
  const Context& ctx_;
  // One number a constraint each; 64 bytes in all.
  std::vector<double> x_, s_, z_, w_, r_;
  LinearData data_;             // weights: Q; targets: r + d / Q, then the predicted margins
  std::vector<double> margin_;  // corrected
  Standing standing_;
};

}  // namespace treeline
