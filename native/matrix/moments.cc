#include "matrix/moments.h"

#include "simd/kernels.h"

namespace treeline {

namespace {

Moments ColumnMoments(const double* values, std::int64_t rows) noexcept {
  Moments moments;
  simd::Active().moments.column_moments(values, rows, &moments.count, &moments.mean, &moments.m2);
  return moments;
}

}  // namespace

void Merge(Moments& a, const Moments& b) noexcept {
  if (b.count == 0) return;
  if (a.count == 0) {
    a = b;
    return;
  }
  const double na = static_cast<double>(a.count);
  const double nb = static_cast<double>(b.count);
  const double delta = b.mean - a.mean;
  a.mean += delta * (nb / (na + nb));
  a.m2 += b.m2 + delta * delta * (na * nb / (na + nb));
  a.count += b.count;
}

MomentsSink::MomentsSink(std::int64_t cols)
    : cols_(cols), reblocker_(cols), total_(static_cast<std::size_t>(cols)) {}

void MomentsSink::Push(const Block& block, const Context& ctx) {
  reblocker_.Push(block, ctx, [&](std::span<const Slot<double>> slots) { Consume(slots, ctx); });
}

void MomentsSink::Consume(std::span<const Slot<double>> slots, const Context& ctx) {
  const auto n = static_cast<std::int64_t>(slots.size());
  std::vector<Moments> partials(static_cast<std::size_t>(n * cols_));
  ctx.ParallelFor(n, [&](std::int64_t s, int) {
    for (std::int64_t j = 0; j < cols_; ++j)
      partials[s * cols_ + j] = ColumnMoments(slots[s].column(j), slots[s].rows);
  });
  for (std::int64_t s = 0; s < n; ++s) {
    for (std::int64_t j = 0; j < cols_; ++j) Merge(total_[j], partials[s * cols_ + j]);
  }
}

std::vector<Moments> MomentsSink::Result() const {
  std::vector<Moments> result = total_;
  const Slot<double> rest = reblocker_.pending();
  if (rest.rows == 0) return result;
  for (std::int64_t j = 0; j < cols_; ++j)
    Merge(result[j], ColumnMoments(rest.column(j), rest.rows));
  return result;
}

}  // namespace treeline
