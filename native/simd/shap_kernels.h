#pragma once

#include <cstdint>

namespace treeline::simd {

/// Rows that Shapley values are computed for at once, and so the distance of columns.
inline constexpr std::int64_t kShapRows = 64;

/// The path from a root to a leaf, feature by feature.
struct ShapPath {
  double value;          // of the leaf
  const double* shares;  // of the training rows at a split on the feature, those that go along
  std::int32_t n_features;
  std::int32_t n_nodes;  // of the quadrature
  const double* nodes;
  const double* weights;
};

/// `ones`: for every feature of the path kShapRows numbers, 1 for rows that its splits send along
/// the path, else 0. `scratch`: (n_nodes + 1) × kShapRows numbers. n <= kShapRows.
struct ShapKernels {
  /// ones[r] = 1 where lo < x[r] <= hi, else 0; NaN as `with_missing` says. lo NaN: no bound.
  void (*mark_interval)(const double* x, std::int64_t n, double lo, double hi, bool with_missing,
                        double* ones) noexcept;
  /// Adds the Shapley values of the path's features to values[0 … n_features).
  void (*add_values)(const ShapPath& path, const double* ones, std::int64_t n, double* scratch,
                     double* const* values) noexcept;
  /// Adds the Shapley interaction indices of features j < i to values[i * (i - 1) / 2 + j].
  void (*add_interactions)(const ShapPath& path, const double* ones, std::int64_t n,
                           double* scratch, double* const* values) noexcept;
};

}  // namespace treeline::simd
