#include "matrix/strip_map.h"

#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/reblock.h"
#include "simd/kernels.h"

namespace treeline {

void StripMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

void StripMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

template <typename T>
void StripMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t inputs = n_inputs();
  std::vector<AlignedBuffer<double>> scratch(static_cast<std::size_t>(ctx.n_jobs));
  const auto map = [&](std::int64_t row, std::int64_t count, int thread, double* values) {
    AlignedBuffer<double>& z = scratch[thread];
    if (z.empty()) z = AlignedBuffer<double>(static_cast<std::size_t>(inputs * kStripRows));
    TransposeInto(block, row, count, z.data(), kStripRows);
    for (std::int64_t j = 0; j < inputs; ++j)
      std::fill(z.data() + j * kStripRows + count, z.data() + (j + 1) * kStripRows, 0.0);
    if (!simd::Active().rows.is_finite(z.data(), inputs * kStripRows))
      labels_.RefuseNonFinite(block, row, count);
    MapStrip(z.data(), values);
  };
  ForEachStrip(block.rows, out, ctx, map);
}

void ArgMaxRows(const double* scores, std::int64_t stride, std::int64_t n, std::int64_t rows,
                double* out) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    std::int64_t best = 0;
    for (std::int64_t k = 1; k < n; ++k) {
      if (scores[k * stride + i] > scores[best * stride + i]) best = k;
    }
    out[i] = static_cast<double>(best);
  }
}

}  // namespace treeline
