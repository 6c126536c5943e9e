#include "cluster/centers_map.h"

#include <algorithm>
#include <cmath>

#include "matrix/row_cutter.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::int64_t kTaskRows = 512;

}  // namespace

CentersMap::CentersMap(FeatureLabels labels, const std::vector<double>& centers,
                       std::vector<double> shift, CentersOutput output)
    : labels_(std::move(labels)),
      values_(centers),
      shift_(std::move(shift)),
      output_(output),
      centers_(centers, labels_.size()) {}

template <typename T>
void CentersMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t cols = n_inputs();
  ctx.ParallelFor((block.rows + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    const std::int64_t begin = task * kTaskRows;
    const std::int64_t count = std::min(kTaskRows, block.rows - begin);
    std::vector<double> rows(static_cast<std::size_t>(kTaskRows * cols));
    ReadRows(block, begin, count, rows.data(), cols);
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t j = 0; j < cols; ++j) rows[i * cols + j] -= shift_[j];
    }
    if (!std::isfinite(simd::Active().vectors.dot(rows.data(), rows.data(), count * cols)))
      labels_.RefuseNonFinite(block, begin, count);
    std::vector<std::int32_t> label(static_cast<std::size_t>(kTaskRows));
    std::vector<double> score(static_cast<std::size_t>(kTaskRows));
    centers_.Nearest(rows.data(), count, label.data(), score.data());
    for (std::int64_t i = 0; i < count; ++i) {
      out[begin + i] = static_cast<T>(
          output_ == CentersOutput::kLabel
              ? label[i]
              : SquaredDistance(rows.data() + i * cols, values_.data() + label[i] * cols, cols));
    }
  });
}

void CentersMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}
void CentersMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

}  // namespace treeline
