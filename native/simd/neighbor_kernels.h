#pragma once

#include <cstdint>

namespace treeline::simd {

/// Rows of a panel, whatever the instruction set.
inline constexpr int kNeighborLanes = 16;
/// Rows that a panel is compared with at a time.
inline constexpr int kNeighborRows = 4;

/// Loops of the search for near rows.
struct NeighborKernels {
  /// Products of rows of 16-bit codes, two of them a word, in whole numbers: of 4 rows with those
  /// of `n_panels` panels of 16, word w of the panel's row l at panels[(panel * n_words + w) * 16 +
  /// l]. Bit l of masks[panel * 4 + row] is set where the product less half_norms[panel * 16 + l]
  /// is at least[row] or more. Sums must not overflow.
  void (*find_near)(const std::int32_t* const* rows, const std::int32_t* least,
                    const std::int32_t* panels, const std::int32_t* half_norms,
                    std::int64_t n_words, std::int64_t n_panels, std::uint16_t* masks) noexcept;
  /// Squared distances of a point from `n` boxes, 0 inside: bounds of column j of box b at
  /// low[j * stride + b] and high[j * stride + b]. Columns are added in four lanes (j % 4), as
  /// (0 + 1) + (2 + 3): rounded like the distance from a row, they are never more than that of a
  /// row in the box.
  void (*box_squares)(const double* point, std::int64_t cols, const double* low, const double* high,
                      std::int64_t stride, std::int64_t n, double* out) noexcept;
};

}  // namespace treeline::simd
