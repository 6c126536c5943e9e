#pragma once

#include <algorithm>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "linear/quantile_problem.h"
#include "simd/kernels.h"

namespace treeline {

/// A tile of a quantile regression's rows: what one thread works with in a pass.
struct QuantileTile {
  AlignedBuffer<double> z;  // centred columns and one of 1, kTileRows apart
  AlignedBuffer<double> margin;
  AlignedBuffer<double> a;  // two columns for products

  /// Loads a slot's tiles one by one and calls body(first row, rows, rows with padding).
  template <typename Body>
  void ForEach(const QuantileProblem& problem, std::int64_t index, Body&& body) {
    const simd::LinearKernels& kernels = simd::Active().linear;
    const LinearStore::StoredSlot& slot = problem.store->slots()[index];
    const std::int64_t cols = problem.cols();
    if (z.empty()) {
      z = AlignedBuffer<double>(static_cast<std::size_t>((cols + 1) * kTileRows));
      margin = AlignedBuffer<double>(static_cast<std::size_t>(kTileRows));
      a = AlignedBuffer<double>(static_cast<std::size_t>(2 * kTileRows));
    }
    std::fill_n(z.data() + cols * kTileRows, kTileRows, 1.0);
    for (std::int64_t row = 0; row < slot.rows; row += kTileRows) {
      const std::int64_t count = std::min(kTileRows, slot.rows - row);
      const std::int64_t rows =
          (count + simd::kLinearRowAlign - 1) / simd::kLinearRowAlign * simd::kLinearRowAlign;
      if (slot.wide == nullptr) {
        kernels.centre_f32(slot.narrow + row * cols, kTileRows, cols, rows, problem.shift.data(),
                           z.data(), kTileRows);
      } else {
        kernels.centre_f64(slot.wide + row * cols, kTileRows, cols, rows, problem.shift.data(),
                           z.data(), kTileRows);
      }
      body(index * kSlotRows + row, count, rows);
    }
  }

  /// margin = z * spread (QuantileProblem::Spread) of the tile that is loaded.
  void Margins(const QuantileProblem& problem, const std::vector<double>& spread,
               std::int64_t rows) {
    std::fill_n(margin.data(), rows, spread[static_cast<std::size_t>(problem.cols())]);
    simd::Active().linear.add_margins(z.data(), kTileRows, problem.cols(), rows, spread.data(),
                                      margin.data());
  }
};

}  // namespace treeline
