#include "rowwise/weight_vector.h"

#include <algorithm>
#include <bit>

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

void WeightVector::PrepareToTruncate() {
  paid_.assign(static_cast<std::size_t>(stride_), 0.0);
  moved_.assign(static_cast<std::size_t>((stride_ + 63) / 64), 0);
  for (std::int64_t j = 0; j < stride_; ++j) {
    if (w_[j] != 0) moved_[j / 64] |= std::uint64_t{1} << j % 64;
  }
}

void WeightVector::Truncate(double u) noexcept {
  for (std::size_t word = 0; word < moved_.size(); ++word) {
    for (std::uint64_t left = moved_[word]; left != 0; left &= left - 1) {
      const int bit = std::countr_zero(left);
      const auto j = 64 * static_cast<std::int64_t>(word) + bit;
      const double z = w_[j];
      double& paid = paid_[j];
      if (scale_ * z > 0) w_[j] = std::fmax(0.0, z - (u + paid) / scale_);
      if (scale_ * z < 0) w_[j] = std::fmin(0.0, z + (u - paid) / scale_);
      paid += scale_ * (w_[j] - z);
      l1_norm_ += scale_ * (std::fabs(w_[j]) - std::fabs(z));
      squared_norm_ += scale_ * scale_ * (w_[j] * w_[j] - z * z);
      if (w_[j] == 0) moved_[word] &= ~(std::uint64_t{1} << bit);
    }
  }
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
