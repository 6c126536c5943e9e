#include "linear/quadratic_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "linear/dot.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::size_t kMemory = 10;
/// A curvature that falls below this share of the base's is rounding.
constexpr double kNoDigit = 1e-10;

/// Inverts a small n x n matrix (Gauss and Jordan, rows exchanged); false if it is singular.
bool Invert(std::vector<double>& a, std::int64_t n, std::vector<double>& inverse) {
  inverse.assign(static_cast<std::size_t>(n * n), 0.0);
  for (std::int64_t i = 0; i < n; ++i) inverse[i * n + i] = 1;
  for (std::int64_t c = 0; c < n; ++c) {
    std::int64_t pivot = c;
    for (std::int64_t i = c + 1; i < n; ++i) {
      if (std::abs(a[i * n + c]) > std::abs(a[pivot * n + c])) pivot = i;
    }
    const double value = a[pivot * n + c];
    if (value == 0 || !std::isfinite(1 / value)) return false;
    for (std::int64_t k = 0; k < n; ++k) {
      std::swap(a[c * n + k], a[pivot * n + k]);
      std::swap(inverse[c * n + k], inverse[pivot * n + k]);
    }
    for (std::int64_t k = 0; k < n; ++k) {
      a[c * n + k] /= value;
      inverse[c * n + k] /= value;
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const double factor = i == c ? 0 : a[i * n + c];
      if (factor == 0) continue;
      for (std::int64_t k = 0; k < n; ++k) {
        a[i * n + k] -= factor * a[c * n + k];
        inverse[i * n + k] -= factor * inverse[c * n + k];
      }
    }
  }
  return true;
}

}  // namespace

QuadraticModel QuadraticModel::Dense(std::vector<double> matrix, std::int64_t n) {
  QuadraticModel model;
  model.n_ = n;
  model.base_ = std::move(matrix);
  model.Forget();
  return model;
}

QuadraticModel QuadraticModel::Diagonal(std::vector<double> diagonal) {
  QuadraticModel model;
  model.n_ = static_cast<std::int64_t>(diagonal.size());
  model.base_ = std::move(diagonal);
  model.Forget();
  return model;
}

double QuadraticModel::Base(std::int64_t i, std::int64_t j) const noexcept {
  if (is_dense()) return scale_ * base_[i * n_ + j];
  return i == j ? scale_ * base_[i] : 0;
}

std::vector<double> QuadraticModel::BaseTimes(const std::vector<double>& vector) const {
  std::vector<double> image(vector);
  for (std::int64_t i = 0; i < n_; ++i) {
    image[i] = is_dense() ? simd::Active().vectors.dot(base_.data() + i * n_, vector.data(), n_)
                          : base_[i] * vector[i];
  }
  return image;
}

void QuadraticModel::Forget() {
  steps_.clear();
  changes_.clear();
  images_.clear();
  scale_ = 1;
  rank_ = 0;
  left_.clear();
  right_.clear();
  curvature_.resize(static_cast<std::size_t>(n_));
  for (std::int64_t j = 0; j < n_; ++j) curvature_[j] = Base(j, j);
}

void QuadraticModel::Remember(std::vector<double> step, std::vector<double> change) {
  const double length = std::sqrt(Dot(step, step));
  if (!(length > 0) || !std::isfinite(1 / length)) return;
  for (double& s : step) s /= length;
  for (double& y : change) y /= length;
  std::vector<double> image = BaseTimes(step);
  // Hardly any curvature beside the base's is rounding, or a direction the function does not see.
  if (!(Dot(step, change) > kNoDigit * Dot(step, image))) return;
  steps_.push_back(std::move(step));
  changes_.push_back(std::move(change));
  images_.push_back(std::move(image));
  if (steps_.size() > kMemory) {
    steps_.pop_front();
    changes_.pop_front();
    images_.pop_front();
  }
  Rebuild();
}

void QuadraticModel::Rebuild() {
  const auto m = static_cast<std::int64_t>(steps_.size());
  rank_ = 2 * m;
  if (!is_dense()) {
    double square = 0;  // of the last change, in the metric of the base's inverse
    for (std::int64_t i = 0; i < n_; ++i)
      square += changes_.back()[i] * changes_.back()[i] / base_[i];
    scale_ = square / Dot(steps_.back(), changes_.back());
  }
  std::vector<double> middle(static_cast<std::size_t>(rank_ * rank_));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < m; ++j) {
      middle[i * rank_ + j] = scale_ * Dot(steps_[i], images_[j]);
      const double product = Dot(steps_[i], changes_[j]);
      if (i > j) middle[i * rank_ + m + j] = middle[(m + j) * rank_ + i] = product;
      if (i == j) middle[(m + i) * rank_ + m + i] = -product;
    }
  }
  std::vector<double> inverse;
  if (!Invert(middle, rank_, inverse)) return Forget();
  right_.resize(static_cast<std::size_t>(n_ * rank_));
  left_.resize(right_.size());
  for (std::int64_t i = 0; i < n_; ++i) {
    double* row = right_.data() + i * rank_;
    for (std::int64_t c = 0; c < m; ++c) {
      row[c] = scale_ * images_[c][i];
      row[m + c] = changes_[c][i];
    }
    double taken = 0;
    for (std::int64_t c = 0; c < rank_; ++c) {
      double sum = 0;
      for (std::int64_t k = 0; k < rank_; ++k) sum += row[k] * inverse[k * rank_ + c];
      left_[i * rank_ + c] = sum;
      taken += sum * row[c];
    }
    curvature_[i] = Base(i, i) - taken;
    if (Base(i, i) > 0 && !(curvature_[i] > kNoDigit * Base(i, i))) return Forget();
  }
}

void QuadraticModel::Start(const std::vector<double>& gradient) {
  slope_ = gradient;
  moved_.assign(static_cast<std::size_t>(rank_), 0.0);
}

void QuadraticModel::Move(std::int64_t j, double step) {
  if (is_dense()) {
    simd::Active().vectors.axpy(scale_ * step, base_.data() + j * n_, n_, slope_.data());
  } else {
    slope_[j] += scale_ * step * base_[j];
  }
  for (std::int64_t c = 0; c < rank_; ++c) moved_[c] += step * right_[j * rank_ + c];
}

double QuadraticModel::Slope(std::int64_t j) const {
  double slope = slope_[j];
  for (std::int64_t c = 0; c < rank_; ++c) slope -= left_[j * rank_ + c] * moved_[c];
  return slope;
}

double QuadraticModel::Entry(std::int64_t i, std::int64_t j) const {
  double entry = Base(i, j);
  for (std::int64_t c = 0; c < rank_; ++c) entry -= left_[i * rank_ + c] * right_[j * rank_ + c];
  return entry;
}

}  // namespace treeline
