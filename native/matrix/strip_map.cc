#include "matrix/strip_map.h"

#include <algorithm>

#include "core/aligned_buffer.h"
#include "matrix/reblock.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::int64_t kRowsPerTask = 2048;

}  // namespace

void StripMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

void StripMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

template <typename T>
void StripMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t inputs = n_inputs();
  const std::int64_t width = n_outputs();
  ctx.ParallelFor((block.rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::int64_t task, int) {
    AlignedBuffer<double> z(static_cast<std::size_t>(inputs * kStripRows));
    AlignedBuffer<double> values(static_cast<std::size_t>((width + n_scratch_) * kStripRows));
    const std::int64_t end = std::min(block.rows, (task + 1) * kRowsPerTask);
    for (std::int64_t row = task * kRowsPerTask; row < end; row += kStripRows) {
      const std::int64_t count = std::min(kStripRows, end - row);
      TransposeInto(block, row, count, z.data(), kStripRows);
      for (std::int64_t j = 0; j < inputs; ++j)
        std::fill(z.data() + j * kStripRows + count, z.data() + (j + 1) * kStripRows, 0.0);
      if (!simd::Active().rows.is_finite(z.data(), inputs * kStripRows))
        labels_.RefuseNonFinite(block, row, count);
      MapStrip(z.data(), values.data());
      for (std::int64_t k = 0; k < width; ++k) {
        const double* from = values.data() + k * kStripRows;
        T* to = out + row * width + k;
        for (std::int64_t i = 0; i < count; ++i) to[i * width] = static_cast<T>(from[i]);
      }
    }
  });
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
