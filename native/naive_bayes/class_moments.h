#pragma once

#include <vector>

#include "matrix/moments.h"
#include "naive_bayes/class_rows.h"

namespace treeline {

/// Moments of every column within every class, in one pass: what GaussianNB learns. Partials per
/// slot of rows, merged in slot order. NaN and infinities are refused.
class ClassMomentsSink final : public Sink {
 public:
  ClassMomentsSink(FeatureLabels labels, ClassRows rows);
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override;

  /// Takes in the last, incomplete slot. Call once, after the last Push.
  void Finish(const Context& ctx);

  std::int64_t rows() const noexcept { return reblocker_.rows(); }
  std::int64_t n_classes() const noexcept { return rows_.n_classes; }
  std::int64_t cols() const noexcept { return labels_.size(); }
  /// n_classes x cols; counts are sums of weights.
  const std::vector<Moments>& weighted() const noexcept {
    return rows_.weights.empty() ? plain_ : weighted_;
  }
  /// Moments of every column over all rows, unweighted.
  std::vector<Moments> Overall() const;

 private:
  void Consume(std::span<const Slot<double>> slots, const Context& ctx);
  bool AddColumn(std::span<const Slot<double>> slots, const std::vector<ClassOrder>& orders,
                 std::int64_t column);

  FeatureLabels labels_;
  ClassRows rows_;
  Reblocker<double> reblocker_;
  std::vector<Moments> plain_;     // n_classes x cols, every row weighs 1
  std::vector<Moments> weighted_;  // the same with weights; empty where there are none
};

}  // namespace treeline
