#pragma once

#include <cstdint>
#include <vector>

#include "matrix/reblock.h"
#include "matrix/sink.h"

namespace treeline {

/// Count, mean and sum of squared deviations of one column, NaN left out.
struct Moments {
  std::int64_t count = 0;
  double mean = 0;
  double m2 = 0;

  /// Variance with divisor n (scikit-learn's StandardScaler); 0 for no rows.
  double Variance() const noexcept { return count > 0 ? m2 / static_cast<double>(count) : 0; }
};

/// Merges b into a (Chan, Golub, LeVeque 1979): stable, and the same bits whenever the order of
/// merges is the same.
void Merge(Moments& a, const Moments& b) noexcept;

/// Column moments of a table in one pass. Partials per slot of rows, merged in slot order.
class MomentsSink final : public Sink {
 public:
  explicit MomentsSink(std::int64_t cols);
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override { return reblocker_.bytes(); }

  /// The moments so far. Further pushes may follow (partialFit).
  std::vector<Moments> Result() const;
  std::int64_t rows() const noexcept { return reblocker_.rows(); }

 private:
  void Consume(std::span<const Slot<double>> slots, const Context& ctx);

  std::int64_t cols_;
  Reblocker<double> reblocker_;
  std::vector<Moments> total_;
};

}  // namespace treeline
