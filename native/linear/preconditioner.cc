#include "linear/preconditioner.h"

#include <algorithm>
#include <cmath>

namespace treeline {

namespace {

/// L of the lower triangle of `a` plus `lift` times its diagonal; false where a pivot has no digit
/// left.
bool Factor(const std::vector<double>& a, std::int64_t n, double lift, std::vector<double>& l) {
  constexpr double kNoDigit = 1e-14;
  for (std::int64_t i = 0; i < n; ++i) {
    double* row = l.data() + i * n;
    for (std::int64_t j = 0; j <= i; ++j) {
      const double* other = l.data() + j * n;
      double sum = a[i * n + j];
      if (i == j) sum += lift * sum;
      const double diagonal = sum;
      for (std::int64_t k = 0; k < j; ++k) sum -= row[k] * other[k];
      if (i == j) {
        if (!(sum > kNoDigit * diagonal)) return false;
        row[i] = std::sqrt(sum);
      } else {
        row[j] = sum / other[j];
      }
    }
  }
  return true;
}

}  // namespace

Preconditioner Preconditioner::Diagonal(std::vector<double> diagonal) {
  Preconditioner result;
  result.n_ = static_cast<std::int64_t>(diagonal.size());
  result.is_diagonal_ = true;
  result.factor_ = std::move(diagonal);
  return result;
}

Preconditioner Preconditioner::Cholesky(std::vector<double> matrix, std::int64_t n) {
  Preconditioner result;
  result.n_ = n;
  double largest = 0;
  for (std::int64_t i = 0; i < n; ++i) largest = std::max(largest, matrix[i * n + i]);
  if (!(largest > 0) || !std::isfinite(largest))
    return Diagonal(std::vector<double>(static_cast<std::size_t>(n), 1.0));
  // A column that is never anything but 0 has an empty row: its unknown stays where it is.
  for (std::int64_t i = 0; i < n; ++i) {
    if (!(matrix[i * n + i] > 0)) matrix[i * n + i] = largest;
  }
  result.factor_.resize(static_cast<std::size_t>(n * n));
  for (double lift = 0; lift < 1; lift = std::max(1e-13, lift * 100)) {
    if (Factor(matrix, n, lift, result.factor_)) return result;
  }
  std::vector<double> diagonal(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) diagonal[i] = matrix[i * n + i];
  return Diagonal(std::move(diagonal));
}

void Preconditioner::Solve(const double* in, double* out) const {
  if (is_diagonal_) {
    for (std::int64_t i = 0; i < n_; ++i) out[i] = in[i] / factor_[i];
    return;
  }
  for (std::int64_t i = 0; i < n_; ++i) {
    const double* row = factor_.data() + i * n_;
    double sum = in[i];
    for (std::int64_t k = 0; k < i; ++k) sum -= row[k] * out[k];
    out[i] = sum / row[i];
  }
  for (std::int64_t i = n_ - 1; i >= 0; --i) {
    double sum = out[i];
    for (std::int64_t k = i + 1; k < n_; ++k) sum -= factor_[k * n_ + i] * out[k];
    out[i] = sum / factor_[i * n_ + i];
  }
}

}  // namespace treeline
