#pragma once

#include <cmath>
#include <vector>

namespace treeline::boosting {

/// Nodes and weights of Gauss-Legendre quadrature on [0, 1]: exact for polynomials of degree 2n
/// - 1.
inline void GaussLegendre(int n, std::vector<double>& nodes, std::vector<double>& weights) {
  constexpr double kPi = 3.14159265358979323846;
  nodes.resize(static_cast<std::size_t>(n));
  weights.resize(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    double x = std::cos(kPi * (i + 0.75) / (n + 0.5));  // near the root that Newton's steps find
    double slope = 1;
    for (int step = 0; step < 20; ++step) {
      double p = 1, before = 0;
      for (int k = 0; k < n; ++k) {
        const double next = ((2 * k + 1) * x * p - k * before) / (k + 1);
        before = p;
        p = next;
      }
      slope = n * (x * p - before) / (x * x - 1);
      const double moved = x - p / slope;
      if (moved == x) break;
      x = moved;
    }
    nodes[static_cast<std::size_t>(i)] = (1 - x) / 2;
    weights[static_cast<std::size_t>(i)] = 1 / ((1 - x * x) * slope * slope);
  }
}

}  // namespace treeline::boosting
