#pragma once

#include <cstdint>
#include <vector>

#include "matrix/sink.h"

namespace treeline {

enum class AffineDirection { kForward, kInverse };

/// (x - shift) / scale per column, or back, x * scale + shift: what StandardScaler and its like do
/// to a row block. NaN stays NaN.
class AffineMap final : public BlockMap {
 public:
  /// `shift` and `scale` are of one length, one entry a column.
  AffineMap(std::vector<double> shift, std::vector<double> scale, AffineDirection direction)
      : shift_(std::move(shift)), scale_(std::move(scale)), direction_(direction) {}
  std::int64_t n_inputs() const noexcept override {
    return static_cast<std::int64_t>(shift_.size());
  }
  std::int64_t n_outputs() const noexcept override { return n_inputs(); }
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override { return 16 * shift_.size(); }

 private:
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;
  void Column(std::int64_t column, std::int64_t count, double* values) const noexcept;

  std::vector<double> shift_;
  std::vector<double> scale_;
  AffineDirection direction_;
};

}  // namespace treeline
