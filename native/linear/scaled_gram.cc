#include "linear/scaled_gram.h"

#include <cmath>

namespace treeline {

ScaledGram::ScaledGram(const GramSums& gram, std::int64_t cols) : gram_(gram), cols_(cols) {
  constexpr double kConstant = 1e-14;  // a deviation that is rounding of the mean
  const auto width = static_cast<std::int64_t>(gram.shift.size());
  for (std::int64_t j = 0; j < cols; ++j) {
    const double square = gram.products[j * width + j];
    const double deviation = std::sqrt(square / gram.weight);
    const double scale = 1 / std::sqrt(square);
    if (!(deviation > kConstant * std::abs(gram.shift[j])) || !std::isfinite(scale)) continue;
    columns_.push_back(j);
    scale_.push_back(scale);
  }
}

std::vector<double> ScaledGram::Matrix(double alpha) const {
  const std::int64_t n = size();
  const auto width = static_cast<std::int64_t>(gram_.shift.size());
  std::vector<double> matrix(static_cast<std::size_t>(n * n));
  for (std::int64_t a = 0; a < n; ++a) {
    const double* row = gram_.products.data() + columns_[a] * width;
    for (std::int64_t b = 0; b < n; ++b)
      matrix[a * n + b] = row[columns_[b]] * scale_[a] * scale_[b];
    matrix[a * n + a] += alpha * scale_[a] * scale_[a];
  }
  return matrix;
}

std::vector<double> ScaledGram::RightSide(std::int64_t target) const {
  const auto width = static_cast<std::int64_t>(gram_.shift.size());
  std::vector<double> side;
  for (std::int64_t a = 0; a < size(); ++a)
    side.push_back(gram_.products[columns_[a] * width + cols_ + target] * scale_[a]);
  return side;
}

void ScaledGram::Scatter(const std::vector<double>& x, double* coef) const {
  for (std::int64_t a = 0; a < size(); ++a) coef[columns_[a]] = x[a] * scale_[a];
}

}  // namespace treeline
