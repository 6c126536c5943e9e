#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"

namespace treeline {

/// The weights of stochastic gradient descent as scale * w, so that shrinking them costs one
/// multiplication, and their average over the steps, by Bottou's trick (Stochastic Gradient Descent
/// Tricks, 2012; scikit-learn's WeightVector): the average is (a w + average) / b.
class WeightVector {
 public:
  /// `average`: the average so far; empty: none is kept.
  WeightVector(const std::vector<double>& weights, const std::vector<double>& average,
               std::int64_t stride);

  template <typename Rows>
  double Dot(const Rows& rows, std::int64_t row) const noexcept {
    return rows.Dot(row, w_.data()) * scale_;
  }

  /// weights *= factor, which is not negative.
  void Scale(double factor) noexcept {
    scale_ *= factor;
    squared_norm_ *= factor * factor;
    l1_norm_ *= factor;
    if (scale_ < kSmallestScale) Reset();
  }

  /// weights += factor * row; `dot` is the row's inner product with the weights as they are.
  template <typename Rows>
  void Add(const Rows& rows, std::int64_t row, double factor, double dot) noexcept {
    rows.AddScaled(row, factor / scale_, w_.data());
    if (!moved_.empty()) rows.Mark(row, moved_);
    squared_norm_ += factor * (2 * dot + factor * rows.SquaredNorm(row));
  }

  /// What Add does to the L1 norm, for those who need it: call with Add as `step`.
  template <typename Rows, typename Step>
  void TrackL1(const Rows& rows, std::int64_t row, Step&& step) noexcept {
    double before = 0;
    double after = 0;
    rows.ForEach(row, [&](std::int64_t j, double) { before += std::fabs(w_[j]); });
    step();
    rows.ForEach(row, [&](std::int64_t j, double) { after += std::fabs(w_[j]); });
    l1_norm_ += scale_ * (after - before);
  }

  /// Counts the weights after the `n`-th averaged step, which was Add(row, factor), to the average.
  template <typename Rows>
  void AddToAverage(const Rows& rows, std::int64_t row, double factor, double n) noexcept {
    if (factor != 0) rows.AddScaled(row, a_ * (-factor / scale_), average_.data());
    const double mu = 1 / n;
    if (n > 1) b_ /= 1 - mu;
    a_ += mu * b_ * scale_;
  }

  /// Makes Truncate possible. Call first.
  void PrepareToTruncate();
  /// Takes the cumulative L1 penalty `u` off every weight (Tsuruoka, Tsujii, Ananiadou 2009): never
  /// beyond zero. Weights that are zero cost a bit each.
  void Truncate(double u) noexcept;

  double squared_norm() const noexcept { return squared_norm_; }
  /// Right as long as every Add was made inside TrackL1.
  double l1_norm() const noexcept { return l1_norm_; }
  /// Computes both norms afresh.
  void Measure() noexcept;

  bool IsFinite() const noexcept;
  /// Weights and average without scale and trick. The vector goes on as it was.
  void Write(std::int64_t n, std::vector<double>& weights, std::vector<double>& average);

 private:
  static constexpr double kSmallestScale = 1e-9;
  void Reset() noexcept;

  std::int64_t stride_;
  AlignedBuffer<double> w_;
  AlignedBuffer<double> average_;  // empty: none is kept
  double scale_ = 1;
  double a_ = 0;
  double b_ = 1;
  double squared_norm_ = 0;
  double l1_norm_ = 0;
  std::vector<double> paid_;          // penalty, by every weight
  std::vector<std::uint64_t> moved_;  // bits of the columns whose weight may differ from zero
};

}  // namespace treeline
