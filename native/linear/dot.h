#pragma once

#include <cstddef>
#include <vector>

namespace treeline {

/// Inner product of two vectors of the size of a model, in order.
inline double Dot(const std::vector<double>& a, const std::vector<double>& b) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace treeline
