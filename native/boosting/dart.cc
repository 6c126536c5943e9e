#include "boosting/dart.h"

#include <algorithm>

#include "core/random.h"

namespace treeline::boosting {

namespace {

constexpr std::uint64_t kSkipStream = 0x736b6970;
constexpr std::uint64_t kDropStream = 0x64726f70;

}  // namespace

const std::vector<std::int64_t>& Dart::Drop(std::int64_t iteration) {
  dropped_.clear();
  const auto n = static_cast<std::int64_t>(weights_.size());
  const auto draw = static_cast<std::uint64_t>(iteration);
  if (n == 0 || RandomUniform(seed_, kSkipStream, draw) < params_.skip_drop) return dropped_;
  const auto most = static_cast<double>(params_.max_drop);
  const double inverse_mean = static_cast<double>(n) / weight_sum_;
  double rate = params_.drop_rate;
  if (params_.max_drop > 0) {
    rate = std::min(rate, params_.uniform_drop ? most / static_cast<double>(n)
                                               : most * inverse_mean / weight_sum_);
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const double probability = params_.uniform_drop ? rate : rate * weights_[i] * inverse_mean;
    if (RandomUniform(seed_, kDropStream + (draw << 32), static_cast<std::uint64_t>(i)) >=
        probability)
      continue;
    dropped_.push_back(i);
    if (params_.max_drop > 0 && static_cast<std::int64_t>(dropped_.size()) >= params_.max_drop)
      break;
  }
  return dropped_;
}

double Dart::new_factor() const noexcept {
  const auto k = static_cast<double>(dropped_.size());
  if (!params_.xgboost_mode) return 1 / (1 + k);
  return dropped_.empty() ? 1 : 1 / (learning_rate_ + k);
}

double Dart::dropped_factor() const noexcept {
  const auto k = static_cast<double>(dropped_.size());
  return params_.xgboost_mode ? k / (k + learning_rate_) : k / (k + 1);
}

void Dart::Note() {
  for (const std::int64_t i : dropped_) {
    weight_sum_ -= weights_[i];
    weights_[i] *= dropped_factor();
    weight_sum_ += weights_[i];
  }
  weights_.push_back(learning_rate_ * new_factor());
  weight_sum_ += weights_.back();
}

}  // namespace treeline::boosting
