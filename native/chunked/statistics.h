#pragma once

#include <cstdint>
#include <vector>

#include "chunked/consumer.h"
#include "matrix/moments.h"

namespace treeline {

/// A reduction made of one partial result a slot and column, merged in slot order: the same bits
/// for any number of threads. Partial is a plain struct, default: of no rows.
template <typename Partial>
class SlotReduction : public Reduction {
 public:
  explicit SlotReduction(std::int64_t cols) : cols_(cols), total_(static_cast<std::size_t>(cols)) {}

  void Begin(std::int64_t, std::int64_t n_slots, int) override {
    parts_.assign(static_cast<std::size_t>(n_slots * cols_), Partial());
  }
  void Take(const SlotColumn& column) final {
    parts_[static_cast<std::size_t>(column.batch_slot * cols_ + column.column)] = Reduce(column);
  }
  void End(std::int64_t) override {
    for (std::size_t i = 0; i < parts_.size(); ++i)
      MergeInto(total_[i % static_cast<std::size_t>(cols_)], parts_[i]);
  }

 protected:
  virtual Partial Reduce(const SlotColumn& column) const noexcept = 0;
  virtual void MergeInto(Partial& total, const Partial& part) const noexcept = 0;
  const std::vector<Partial>& total() const noexcept { return total_; }

 private:
  std::int64_t cols_;
  std::vector<Partial> total_;
  std::vector<Partial> parts_;
};

struct SumPartial {
  double sum = 0;
  double lost = 0;  // what rounding took from the sum of the slots (Neumaier 1974)
  double count = 0;
};

/// Per column: the sum of the values that are not NaN, and how many they are.
class SumReduction final : public SlotReduction<SumPartial> {
 public:
  using SlotReduction::SlotReduction;
  std::vector<std::vector<double>> Result() override;

 private:
  SumPartial Reduce(const SlotColumn& column) const noexcept override;
  void MergeInto(SumPartial& total, const SumPartial& part) const noexcept override;
};

/// Per column: count, mean and sum of squared deviations of the values that are not NaN.
class MomentsReduction final : public SlotReduction<Moments> {
 public:
  using SlotReduction::SlotReduction;
  std::vector<std::vector<double>> Result() override;

 private:
  Moments Reduce(const SlotColumn& column) const noexcept override;
  void MergeInto(Moments& total, const Moments& part) const noexcept override;
};

struct ExtremesPartial {
  double least = 0, least_row = -1;        // rows: the first of its kind, -1: none
  double greatest = 0, greatest_row = -1;  // NaN left out
  double nan_row = -1;
  double count = 0;
};

/// Per column: the least and the greatest value that are not NaN and the first rows they are in,
/// the first row of a NaN, and how many are none.
class ExtremesReduction final : public SlotReduction<ExtremesPartial> {
 public:
  using SlotReduction::SlotReduction;
  std::vector<std::vector<double>> Result() override;

 private:
  ExtremesPartial Reduce(const SlotColumn& column) const noexcept override;
  void MergeInto(ExtremesPartial& total, const ExtremesPartial& part) const noexcept override;
};

}  // namespace treeline
