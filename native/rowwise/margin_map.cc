#include "rowwise/margin_map.h"

#include <algorithm>

#include "simd/kernels.h"

namespace treeline {

namespace {

std::int64_t OutputsOf(std::size_t n_margins, MarginOutput output) noexcept {
  const auto n = static_cast<std::int64_t>(n_margins);
  if (output == MarginOutput::kDecision) return n;
  if (output == MarginOutput::kClass) return 1;
  return std::max<std::int64_t>(n, 2);
}

}  // namespace

MarginMap::MarginMap(FeatureLabels labels, std::vector<double> coef, std::vector<double> intercept,
                     MarginOutput output)
    : StripMap(std::move(labels), OutputsOf(intercept.size(), output),
               static_cast<std::int64_t>(intercept.size())),
      coef_(std::move(coef)),
      intercept_(std::move(intercept)),
      output_(output) {}

void MarginMap::MapStrip(const double* z, double* out) const {
  const auto n = static_cast<std::int64_t>(intercept_.size());
  double* margins = MarginsIn(out);
  for (std::int64_t k = 0; k < n; ++k) {
    double* margin = margins + k * kStripRows;
    std::fill_n(margin, kStripRows, intercept_[k]);
    simd::Active().linear.add_margins(z, kStripRows, n_inputs(), kStripRows,
                                      coef_.data() + k * n_inputs(), margin);
  }
  Link(out);
}

/// Entries are added in column order, as a dense row's values are: the same bits.
void MarginMap::Apply(const SparseRows& rows, double* out, const Context& ctx) const {
  const auto n = static_cast<std::int64_t>(intercept_.size());
  ForEachStrip(rows.rows(), out, ctx,
               [&](std::int64_t row, std::int64_t count, int, double* values) {
                 double* margins = MarginsIn(values);
                 for (std::int64_t k = 0; k < n; ++k) {
                   double* margin = margins + k * kStripRows;
                   const double* coef = coef_.data() + k * n_inputs();
                   for (std::int64_t i = 0; i < count; ++i)
                     margin[i] = rows.Dot(row + i, coef, intercept_[k]);
                   std::fill(margin + count, margin + kStripRows, intercept_[k]);
                 }
                 Link(values);
               });
}

/// A strip's margins to what is asked for, in place.
void MarginMap::Link(double* out) const {
  const auto n = static_cast<std::int64_t>(intercept_.size());
  double* margins = MarginsIn(out);
  if (output_ == MarginOutput::kDecision) return;
  if (output_ == MarginOutput::kClass && n > 1)
    return ArgMaxRows(margins, kStripRows, n, kStripRows, out);
  if (output_ == MarginOutput::kClass) {
    for (std::int64_t i = 0; i < kStripRows; ++i) out[i] = margins[i] > 0 ? 1 : 0;
    return;
  }
  Probabilities(out);
  if (output_ == MarginOutput::kLogSigmoid || output_ == MarginOutput::kLogClipped)
    simd::Active().math.log(out, n_outputs() * kStripRows, out);
}

/// Margins to probabilities, in place.
void MarginMap::Probabilities(double* out) const {
  const auto n = static_cast<std::int64_t>(intercept_.size());
  if (output_ == MarginOutput::kSigmoid || output_ == MarginOutput::kLogSigmoid) {
    simd::Active().math.sigmoid(out, n * kStripRows, out);
  } else {
    for (std::int64_t i = 0; i < n * kStripRows; ++i)
      out[i] = (std::clamp(out[i], -1.0, 1.0) + 1) / 2;
  }
  for (std::int64_t i = 0; i < kStripRows; ++i) {
    if (n == 1) {
      out[kStripRows + i] = out[i];
      out[i] = 1 - out[i];
      continue;
    }
    double total = 0;
    for (std::int64_t k = 0; k < n; ++k) total += out[k * kStripRows + i];
    for (std::int64_t k = 0; k < n; ++k) {
      double& p = out[k * kStripRows + i];
      p = total > 0 ? p / total : 1 / static_cast<double>(n);
    }
  }
}

}  // namespace treeline
