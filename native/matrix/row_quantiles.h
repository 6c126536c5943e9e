#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline {

/// Which number between two neighbouring values a quantile is (numpy.quantile's method).
enum class Between { kLinear, kLower, kHigher, kMidpoint, kNearest };

/// Quantiles of the values of every row. NaN makes a row's quantiles NaN, or is left out.
class RowQuantileMap final : public BlockMap {
 public:
  /// q: shares in [0, 1].
  RowQuantileMap(std::int64_t cols, std::vector<double> q, Between between, bool omit_nan)
      : cols_(cols), q_(std::move(q)), between_(between), omit_nan_(omit_nan) {}
  std::int64_t n_inputs() const noexcept override { return cols_; }
  std::int64_t n_outputs() const noexcept override { return static_cast<std::int64_t>(q_.size()); }
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override { return 8 * q_.size(); }

 private:
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;
  double At(const double* sorted, std::int64_t n, double q) const noexcept;

  std::int64_t cols_;
  std::vector<double> q_;
  Between between_;
  bool omit_nan_;
};

}  // namespace treeline
