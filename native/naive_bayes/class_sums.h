#pragma once

#include <optional>
#include <vector>

#include "matrix/sink.h"
#include "naive_bayes/class_rows.h"

namespace treeline {

/// Sums of every column within every class, in one pass: what the multinomial, complement and
/// Bernoulli models learn. Partials per slot of rows, added in slot order. NaN and infinities are
/// refused, negative values too unless they are made 0 or 1 first.
class ClassSumsSink final : public Sink {
 public:
  /// `threshold`: a value counts as 1 where it is larger, else as 0.
  ClassSumsSink(FeatureLabels labels, ClassRows rows, std::optional<double> threshold);
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override;

  /// Takes in the last, incomplete slot. Call once, after the last Push.
  void Finish(const Context& ctx);

  std::int64_t rows() const noexcept { return reblocker_.rows(); }
  /// Total weight of every class.
  const std::vector<double>& class_weight() const noexcept { return class_weight_; }
  /// n_classes x cols.
  const std::vector<double>& sums() const noexcept { return sums_; }

 private:
  std::int64_t cols() const noexcept { return labels_.size(); }
  void Consume(std::span<const Slot<double>> slots, const Context& ctx);
  bool AddColumn(std::span<const Slot<double>> slots, const std::vector<ClassOrder>& orders,
                 std::int64_t column);
  void RefuseNegative(std::span<const Slot<double>> slots) const;

  FeatureLabels labels_;
  ClassRows rows_;
  std::optional<double> threshold_;
  Reblocker<double> reblocker_;
  std::vector<double> class_weight_;
  std::vector<double> sums_;
};

}  // namespace treeline
