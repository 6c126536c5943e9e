#pragma once

#include <vector>

#include "matrix/sink.h"

namespace treeline {

/// (x - shift) * factor per column: what StandardScaler and its like do to a row block. NaN stays
/// NaN.
class AffineMap final : public BlockMap {
 public:
  AffineMap(std::vector<double> shift, std::vector<double> factor)
      : shift_(std::move(shift)), factor_(std::move(factor)) {}
  std::int64_t n_inputs() const noexcept override {
    return static_cast<std::int64_t>(shift_.size());
  }
  std::int64_t n_outputs() const noexcept override { return n_inputs(); }
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override { return 16 * shift_.size(); }

 private:
  std::vector<double> shift_;
  std::vector<double> factor_;
};

}  // namespace treeline
