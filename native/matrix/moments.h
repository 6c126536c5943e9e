#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/reblock.h"
#include "matrix/sink.h"

namespace treeline {

/// Count, mean and sum of squared deviations of one column, NaN left out.
struct Moments {
  double count = 0;  // sum of weights: the number of values where all weigh 1
  double mean = 0;
  double m2 = 0;

  /// Variance with divisor n (scikit-learn's StandardScaler); 0 for no rows.
  double Variance() const noexcept { return count > 0 ? m2 / count : 0; }
};

/// Merges b into a (Chan, Golub, LeVeque 1979): stable, and the same bits whenever the order of
/// merges is the same.
void Merge(Moments& a, const Moments& b) noexcept;

/// Column moments of a table in one pass. Partials per slot of rows, merged in slot order. NaN is a
/// missing value.
class MomentsSink final : public Sink {
 public:
  /// `weights`: one per row of the whole table, or empty: all weigh 1. With `labels`, infinities
  /// are refused by name; without, the moments of their columns are not finite.
  explicit MomentsSink(std::int64_t cols, std::vector<double> weights = {},
                       std::optional<FeatureLabels> labels = {});
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override { return reblocker_.bytes() + 8 * weights_.size(); }

  /// The moments so far. Further pushes may follow.
  std::vector<Moments> Result() const;
  std::int64_t rows() const noexcept { return reblocker_.rows(); }

 private:
  void Consume(std::span<const Slot<double>> slots, const Context& ctx);
  Moments ColumnMoments(const Slot<double>& slot, std::int64_t column) const noexcept;
  void MergeSlot(const Slot<double>& slot, const Moments* parts, std::vector<Moments>& total) const;

  std::int64_t cols_;
  std::optional<FeatureLabels> labels_;
  std::vector<double> weights_;
  Reblocker<double> reblocker_;
  std::vector<Moments> total_;
};

}  // namespace treeline
