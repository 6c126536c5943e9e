#include "matrix/row_quantiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "matrix/row_cutter.h"

namespace treeline {

namespace {

constexpr std::int64_t kTaskRows = 256;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// a + share (b - a) with NumPy's rounding (numpy.lib._function_base_impl._lerp).
double Lerp(double a, double b, double share) noexcept {
  if (a == b || share == 0) return a;
  return share >= 0.5 ? b - (b - a) * (1 - share) : a + (b - a) * share;
}

}  // namespace

double RowQuantileMap::At(const double* sorted, std::int64_t n, double q) const noexcept {
  if (n == 0) return kNaN;
  const double at = q * static_cast<double>(n - 1);
  const auto floor = static_cast<std::int64_t>(at);
  const double share = at - static_cast<double>(floor);
  const std::int64_t next = std::min(floor + 1, n - 1);
  switch (between_) {
    case Between::kLinear: return Lerp(sorted[floor], sorted[next], share);
    case Between::kLower: return sorted[floor];
    case Between::kHigher: return sorted[share > 0 ? next : floor];
    case Between::kMidpoint:
      return share > 0 ? Lerp(sorted[floor], sorted[next], 0.5) : sorted[floor];
    case Between::kNearest: break;
  }
  return sorted[share > 0.5 || (share == 0.5 && floor % 2 == 1) ? next : floor];  // halves to even
}

template <typename T>
void RowQuantileMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t n = n_outputs();
  ctx.ParallelFor((block.rows + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    const std::int64_t begin = task * kTaskRows;
    const std::int64_t count = std::min(kTaskRows, block.rows - begin);
    std::vector<double> rows(static_cast<std::size_t>(kTaskRows * cols_));
    ReadRows(block, begin, count, rows.data(), cols_);
    for (std::int64_t i = 0; i < count; ++i) {
      double* const row = rows.data() + i * cols_;
      double* const end = std::remove_if(row, row + cols_, [](double x) { return std::isnan(x); });
      const std::int64_t size = end - row;
      std::transform(row, end, row, [](double x) { return x + 0.0; });  // -0 is 0
      std::sort(row, end);
      const bool is_nan = !omit_nan_ && size < cols_;
      for (std::int64_t k = 0; k < n; ++k)
        out[(begin + i) * n + k] = static_cast<T>(is_nan ? kNaN : At(row, size, q_[k]));
    }
  });
}

void RowQuantileMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}
void RowQuantileMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

}  // namespace treeline
