#include "matrix/centers.h"

#include <algorithm>
#include <limits>

#include "matrix/gemm.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Numbers of a tile of products: they stay in the second-level cache.
constexpr std::int64_t kTileNumbers = 16 * 1024;
/// -2 C^T: cols x n.
std::vector<double> Doubled(const std::vector<double>& centers, std::int64_t cols) {
  const std::int64_t n = cols == 0 ? 0 : static_cast<std::int64_t>(centers.size()) / cols;
  std::vector<double> weights(centers.size());
  for (std::int64_t c = 0; c < n; ++c) {
    for (std::int64_t j = 0; j < cols; ++j) weights[j * n + c] = -2 * centers[c * cols + j];
  }
  return weights;
}

std::int64_t RoundUp(std::int64_t n, std::int64_t step) noexcept {
  return (n + step - 1) / step * step;
}

}  // namespace

double SquaredDistance(const double* a, const double* b, std::int64_t n) noexcept {
  double sum = 0;
  for (std::int64_t j = 0; j < n; ++j) sum += (a[j] - b[j]) * (a[j] - b[j]);
  return sum;
}

Centers::Centers(const std::vector<double>& values, std::int64_t cols)
    : n_(static_cast<std::int64_t>(values.size()) / cols),
      values_(values),
      projector_(Doubled(values, cols), std::vector<double>(static_cast<std::size_t>(cols)), n_) {
  norms_.assign(static_cast<std::size_t>(projector_.padded_outputs()),
                std::numeric_limits<double>::infinity());
  for (std::int64_t c = 0; c < n_; ++c) {
    const double* center = values_.data() + c * cols;
    norms_[c] = simd::Active().vectors.dot(center, center, cols);
  }
}

/// Calls use(first row, rows, products, panel stride) for tiles of rows.
template <typename Use>
void Centers::ForTiles(const double* rows, std::int64_t count, const Use& use) const {
  const std::int64_t step = Projector::RowStep();
  const std::int64_t tile =
      std::max(step, kTileNumbers / projector_.padded_outputs() / step * step);
  const std::int64_t most = std::min(tile, RoundUp(count, step));
  AlignedBuffer<double> products(static_cast<std::size_t>(most * projector_.padded_outputs()));
  const std::int64_t stride = most * projector_.panel_width();
  for (std::int64_t i = 0; i < count; i += most) {
    const std::int64_t n = std::min(most, count - i);
    projector_.Multiply(rows + i * cols(), RoundUp(n, step), products.data(), stride);
    use(i, n, products.data(), stride);
  }
}

void Centers::Nearest(const double* rows, std::int64_t count, std::int32_t* label, double* score,
                      double* second) const {
  const std::int64_t n_panels = projector_.padded_outputs() / projector_.panel_width();
  ForTiles(rows, count,
           [&](std::int64_t i, std::int64_t n, const double* products, std::int64_t stride) {
             simd::Active().clusters.nearest(products, stride, n_panels, n, norms_.data(),
                                             label + i, score + i,
                                             second == nullptr ? nullptr : second + i);
           });
}

void Centers::Products(const double* rows, std::int64_t count, double* out) const {
  const std::int64_t width = projector_.panel_width();
  ForTiles(rows, count,
           [&](std::int64_t first, std::int64_t n, const double* products, std::int64_t stride) {
             for (std::int64_t i = 0; i < n; ++i) {
               double* const to = out + (first + i) * n_;
               for (std::int64_t c = 0; c < n_; c += width) {
                 const double* panel = products + c / width * stride + i * width;
                 for (std::int64_t lane = 0; lane < std::min(width, n_ - c); ++lane)
                   to[c + lane] = -0.5 * panel[lane];  // exact
               }
             }
           });
}

void Centers::SquaredDistances(const double* rows, std::int64_t count, double* out) const {
  constexpr double kCancelled = 1e-4;  // of the digits of a difference, four are gone
  const std::int64_t width = projector_.panel_width();
  const auto is_cancelled = [](double distance, double whole) {
    return !(distance > kCancelled * whole);
  };
  ForTiles(rows, count,
           [&](std::int64_t first, std::int64_t n, const double* products, std::int64_t stride) {
             for (std::int64_t i = 0; i < n; ++i) {
               const double* const row = rows + (first + i) * cols();
               const double norm = simd::Active().vectors.dot(row, row, cols());
               double* const to = out + (first + i) * n_;
               int cancelled = 0;
               for (std::int64_t c = 0; c < n_; c += width) {
                 const double* panel = products + c / width * stride + i * width;
                 for (std::int64_t lane = 0; lane < std::min(width, n_ - c); ++lane) {
                   const double whole = norm + norms_[c + lane];
                   to[c + lane] = whole + panel[lane];
                   cancelled |= is_cancelled(to[c + lane], whole) ? 1 : 0;
                 }
               }
               for (std::int64_t c = 0; cancelled != 0 && c < n_; ++c) {
                 if (is_cancelled(to[c], norm + norms_[c]))
                   to[c] = SquaredDistance(row, values_.data() + c * cols(), cols());
               }
             }
           });
}

}  // namespace treeline
