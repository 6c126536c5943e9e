#include "matrix/affine.h"

#include <algorithm>
#include <array>

namespace treeline {

namespace {

constexpr std::int64_t kTaskRows = 4096;
constexpr std::int64_t kStripRows = 256;

}  // namespace

void AffineMap::Column(std::int64_t column, std::int64_t count, double* values) const noexcept {
  const double shift = shift_[column];
  const double scale = scale_[column];
  if (direction_ == AffineDirection::kForward) {
    for (std::int64_t i = 0; i < count; ++i) values[i] = (values[i] - shift) / scale;
  } else {
    for (std::int64_t i = 0; i < count; ++i) values[i] = values[i] * scale + shift;
  }
}

template <typename T>
void AffineMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t cols = block.cols();
  ctx.ParallelFor((block.rows + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    std::array<double, kStripRows> strip;
    const std::int64_t end = std::min(block.rows, (task + 1) * kTaskRows);
    for (std::int64_t row = task * kTaskRows; row < end; row += kStripRows) {
      const std::int64_t count = std::min(kStripRows, end - row);
      for (std::int64_t j = 0; j < cols; ++j) {
        ReadColumn(block.columns[j], row, count, strip.data());
        Column(j, count, strip.data());
        T* to = out + row * cols + j;
        for (std::int64_t i = 0; i < count; ++i) to[i * cols] = static_cast<T>(strip[i]);
      }
    }
  });
}

void AffineMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

void AffineMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

}  // namespace treeline
