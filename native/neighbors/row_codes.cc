#include "neighbors/row_codes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::int64_t kLanes = simd::kNeighborLanes;
/// Sums of products stay below: with half a norm they fit in 32 bits.
constexpr double kMostSum = 1 << 30;
constexpr double kLeastStep = 1e-140;  // whose square is no denormal
constexpr double kMostStep = 1e140;

}  // namespace

RowCodes::RowCodes(const RowBlocks& blocks)
    : n_words_((blocks.cols() + 1) / 2),
      most_(static_cast<std::int32_t>(
          std::min(32767.0, std::floor(std::sqrt(kMostSum / static_cast<double>(blocks.cols())))))),
      slack_(1e-9 + 1e-15 * static_cast<double>(blocks.cols())) {
  FindStep(blocks);
  if (!is_usable()) return;
  first_panel_.push_back(0);
  for (std::int64_t b = 0; b < blocks.size(); ++b) {
    const std::int64_t rows = blocks.begin(b + 1) - blocks.begin(b);
    first_panel_.push_back(first_panel_.back() + (rows + kLanes - 1) / kLanes);
  }
  panels_ = AlignedBuffer<std::int32_t>(
      static_cast<std::size_t>(first_panel_.back() * kLanes * n_words_));
  std::fill(panels_.begin(), panels_.end(), 0);
  half_norms_.assign(static_cast<std::size_t>(first_panel_.back() * kLanes), 0);
  error_.assign(static_cast<std::size_t>(blocks.size()), 0.0);
  for (std::int64_t b = 0; b < blocks.size(); ++b) {
    for (std::int64_t place = blocks.begin(b); place < blocks.begin(b + 1); ++place) {
      const RowCode code = Of(blocks.row(place), blocks.cols());
      const std::int64_t i = place - blocks.begin(b);
      const std::int64_t panel = first_panel_[b] + i / kLanes;
      for (std::int64_t w = 0; w < n_words_; ++w)
        panels_[(panel * n_words_ + w) * kLanes + i % kLanes] = code.words[w];
      half_norms_[panel * kLanes + i % kLanes] = static_cast<std::int32_t>(code.norm / 2);
      error_[b] = std::max(error_[b], code.error);
    }
  }
}

void RowCodes::FindStep(const RowBlocks& blocks) {
  const std::int64_t stride = blocks.stride();
  double half = 0;
  for (std::int64_t j = 0; j < blocks.cols(); ++j) {
    const double* low = blocks.low() + j * stride;
    const double* high = blocks.high() + j * stride;
    const double least = *std::min_element(low, low + blocks.size());
    const double most = *std::max_element(high, high + blocks.size());
    middle_.push_back(least / 2 + most / 2);
    half = std::max({half, most - middle_.back(), middle_.back() - least});
  }
  const double step = half * (1 + 1e-9) / most_;
  if (most_ > 0 && step > kLeastStep && step < kMostStep) step_ = step;
}

RowCode RowCodes::Of(const double* row, std::int64_t cols) const {
  RowCode code;
  code.words.assign(static_cast<std::size_t>(n_words_), 0);
  double squares = 0;
  double rounding = 0;
  for (std::int64_t j = 0; j < cols; ++j) {
    const double most = most_;
    const double steps = std::clamp((row[j] - middle_[j]) / step_, -most, most);
    const double whole = std::nearbyint(steps);
    squares += (steps - whole) * (steps - whole);
    rounding += std::abs(row[j]) + std::abs(middle_[j]);
    const auto number = static_cast<std::int32_t>(whole);
    const auto bits = static_cast<std::uint32_t>(static_cast<std::uint16_t>(number));
    code.words[j / 2] |= static_cast<std::int32_t>(bits << (j % 2 * 16));
    code.norm += static_cast<std::int64_t>(number) * number;
  }
  code.error = step_ * std::sqrt(squares) * (1 + slack_) + 1e-15 * rounding;
  return code;
}

std::int32_t RowCodes::Least(const RowCode& code, double square, std::int64_t b) const noexcept {
  constexpr double kLowest = std::numeric_limits<std::int32_t>::min();
  constexpr double kHighest = std::numeric_limits<std::int32_t>::max();
  const double within =
      (std::sqrt(square) * (1 + slack_) + code.error + error_[b]) / step_ * (1 + slack_);
  // product - norm / 2 = (|code|^2 - square) / 2, with room for the rounding of half a norm.
  const double least = (static_cast<double>(code.norm) - within * within) / 2 - 1;
  if (!(least > kLowest)) return std::numeric_limits<std::int32_t>::min();
  return static_cast<std::int32_t>(std::floor(std::min(least, kHighest)));
}

std::size_t RowCodes::bytes() const noexcept {
  return panels_.bytes() + 4 * half_norms_.size() + 8 * (first_panel_.size() + error_.size());
}

}  // namespace treeline
