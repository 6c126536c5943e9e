#include "rowwise/weight_vector.h"

#include <algorithm>

#include "simd/kernels.h"

namespace treeline {

WeightVector::WeightVector(const std::vector<double>& weights, const std::vector<double>& average,
                           std::int64_t stride)
    : stride_(stride),
      w_(static_cast<std::size_t>(stride)),
      average_(average.empty() ? 0 : static_cast<std::size_t>(stride)) {
  std::fill(w_.begin(), w_.end(), 0.0);
  std::copy(weights.begin(), weights.end(), w_.begin());
  std::fill(average_.begin(), average_.end(), 0.0);
  std::copy(average.begin(), average.end(), average_.begin());
  Measure();
}

void WeightVector::Reset() noexcept {
  if (!average_.empty()) {
    for (std::int64_t j = 0; j < stride_; ++j) average_[j] = (average_[j] + a_ * w_[j]) / b_;
    a_ = 0;
    b_ = 1;
  }
  for (std::int64_t j = 0; j < stride_; ++j) w_[j] *= scale_;
  scale_ = 1;
}

void WeightVector::Measure() noexcept {
  squared_norm_ = scale_ * scale_ * simd::Active().rows.dot(w_.data(), w_.data(), stride_);
  l1_norm_ = 0;
  for (std::int64_t j = 0; j < stride_; ++j) l1_norm_ += std::fabs(w_[j]);
  l1_norm_ *= scale_;
}

bool WeightVector::IsFinite() const noexcept {
  return std::isfinite(scale_) && simd::Active().rows.is_finite(w_.data(), stride_);
}

void WeightVector::Write(std::int64_t n, std::vector<double>& weights,
                         std::vector<double>& average) {
  Reset();
  weights.assign(w_.data(), w_.data() + n);
  if (!average_.empty()) average.assign(average_.data(), average_.data() + n);
}

}  // namespace treeline
