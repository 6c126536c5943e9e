#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "linear/quantile_problem.h"
#include "linear/slot_sums.h"
#include "simd/kernels.h"

namespace treeline {

/// A tile of a quantile regression's dense rows: what one thread works with in a pass.
struct QuantileTile {
  AlignedBuffer<double> z;  // centred columns and one of 1, kTileRows apart
  AlignedBuffer<double> margin;
  AlignedBuffer<double> a;  // columns for products

  /// Loads a slot's tiles one by one and calls body(first row, rows, rows with padding).
  template <typename Body>
  void ForEach(const QuantileProblem& problem, std::int64_t index, Body&& body) {
    const simd::LinearKernels& kernels = simd::Active().linear;
    const LinearStore::StoredSlot& slot = problem.table.dense()->slots()[index];
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
};

/// One pass over the rows of a quantile regression, a tile of at most kTileRows at a time: calls
/// body(first row, rows, margins, a) with the rows' margins at `beta`; what it writes to the
/// n_products (at most 2) columns of a, kTileRows apart and 0 before, is multiplied with the rows:
/// returns n_products x size() sums. Tiles of a slot come in order, on one thread.
template <typename Body>
std::vector<std::vector<double>> QuantilePass(const QuantileProblem& problem,
                                              const std::vector<double>& beta,
                                              std::int64_t n_products, const Context& ctx,
                                              Body&& body) {
  const std::int64_t cols = problem.cols();
  const std::vector<double> spread = problem.Spread(beta);
  std::vector<double> sums;
  if (problem.table.sparse() != nullptr) {
    std::vector<double> factors(static_cast<std::size_t>(n_products * problem.rows()));
    const SparseRows& rows = problem.table.sparse()->by_row();
    double offset = spread[cols];
    for (std::int64_t j = 0; j < cols; ++j) offset -= problem.shift[j] * spread[j];
    ctx.ParallelFor(problem.slots(), [&](std::int64_t s, int) {
      const std::int64_t end = std::min(problem.rows(), (s + 1) * kSlotRows);
      for (std::int64_t first = s * kSlotRows; first < end; first += kTileRows) {
        double margin[kTileRows];
        double a[2 * kTileRows] = {};
        const std::int64_t count = std::min(kTileRows, end - first);
        for (std::int64_t i = 0; i < count; ++i)
          margin[i] = rows.Dot(first + i, spread.data(), offset);
        body(first, count, margin, a);
        for (std::int64_t k = 0; k < n_products; ++k)
          std::copy_n(a + k * kTileRows, count, factors.data() + k * problem.rows() + first);
      }
    });
    sums = SparseColumnSums(problem, factors, n_products, ctx);
  } else {
    const simd::LinearKernels& kernels = simd::Active().linear;
    // One sum more than asked for: there must be some.
    sums = SumSlots<QuantileTile>(
        problem.slots(), n_products * (cols + 1) + 1, ctx,
        [&](std::int64_t s, QuantileTile& tile, double* lanes) {
          tile.ForEach(problem, s, [&](std::int64_t first, std::int64_t count, std::int64_t rows) {
            std::fill_n(tile.margin.data(), rows, spread[cols]);
            kernels.add_margins(tile.z.data(), kTileRows, cols, rows, spread.data(),
                                tile.margin.data());
            std::fill_n(tile.a.data(), 2 * kTileRows, 0.0);
            body(first, count, tile.margin.data(), tile.a.data());
            if (n_products == 0) return;
            kernels.add_products(tile.a.data(), kTileRows, n_products, tile.z.data(), kTileRows,
                                 cols + 1, rows, false, lanes);
          });
        });
  }
  std::vector<std::vector<double>> gathered;
  for (std::int64_t k = 0; k < n_products; ++k)
    gathered.push_back(problem.Gather(sums.data() + k * (cols + 1)));
  return gathered;
}

}  // namespace treeline
