#include "linear/logistic_map.h"

#include <algorithm>
#include <cmath>

#include "core/aligned_buffer.h"
#include "matrix/reblock.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::int64_t kRowsPerTask = 2048;
constexpr std::int64_t kRowsPerStrip = 128;

}  // namespace

LogisticMap::LogisticMap(FeatureLabels labels, std::vector<double> coef,
                         std::vector<double> intercept, LogisticOutput output)
    : labels_(std::move(labels)),
      coef_(std::move(coef)),
      intercept_(std::move(intercept)),
      output_(output) {}

std::int64_t LogisticMap::n_outputs() const noexcept {
  const auto n = static_cast<std::int64_t>(intercept_.size());
  if (output_ == LogisticOutput::kClass) return 1;
  const bool per_class =
      output_ == LogisticOutput::kProbability || output_ == LogisticOutput::kLogProbability;
  return n == 1 && per_class ? 2 : n;
}

void LogisticMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}
void LogisticMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

template <typename T>
void LogisticMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  ctx.ParallelFor((block.rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::int64_t task, int) {
    AlignedBuffer<double> z(static_cast<std::size_t>(n_inputs() * kRowsPerStrip));
    AlignedBuffer<double> margins(static_cast<std::size_t>((n_margins() + 2) * kRowsPerStrip));
    const std::int64_t end = std::min(block.rows, (task + 1) * kRowsPerTask);
    for (std::int64_t row = task * kRowsPerTask; row < end; row += kRowsPerStrip) {
      const std::int64_t count = std::min(kRowsPerStrip, end - row);
      Margins(block, row, count, z.data(), margins.data());
      Finish(count, margins.data(), out + row * n_outputs());
    }
  });
}

/// Sparse rows, their entries added in column order as a dense row's are: the same bits.
void LogisticMap::Apply(const SparseRows& rows, double* out, const Context& ctx) const {
  ctx.ParallelFor((rows.rows() + kRowsPerTask - 1) / kRowsPerTask, [&](std::int64_t task, int) {
    AlignedBuffer<double> margins(static_cast<std::size_t>((n_margins() + 2) * kRowsPerStrip));
    const std::int64_t end = std::min(rows.rows(), (task + 1) * kRowsPerTask);
    for (std::int64_t row = task * kRowsPerTask; row < end; row += kRowsPerStrip) {
      const std::int64_t count = std::min(kRowsPerStrip, end - row);
      for (std::size_t k = 0; k < intercept_.size(); ++k) {
        double* margin = margins.data() + static_cast<std::int64_t>(k) * kRowsPerStrip;
        const double* coef = coef_.data() + static_cast<std::int64_t>(k) * n_inputs();
        for (std::int64_t i = 0; i < count; ++i) margin[i] = rows.Dot(row + i, coef, intercept_[k]);
        std::fill_n(margin + count, kRowsPerStrip - count, intercept_[k]);
      }
      Finish(count, margins.data(), out + row * n_outputs());
    }
  });
}

/// Margins of a strip to what is asked for.
template <typename T>
void LogisticMap::Finish(std::int64_t count, double* margins, T* out) const {
  Link(kRowsPerStrip, margins, margins + n_margins() * kRowsPerStrip);
  Write(margins, count, out);
}

/// Margins of up to a strip of rows, n_outputs x kRowsPerStrip; rows past `count` are those of
/// zeros.
void LogisticMap::Margins(const Block& block, std::int64_t begin, std::int64_t count, double* z,
                          double* margins) const {
  const std::int64_t cols = n_inputs();
  TransposeInto(block, begin, count, z, kRowsPerStrip);
  for (std::int64_t j = 0; j < cols; ++j)
    std::fill_n(z + j * kRowsPerStrip + count, kRowsPerStrip - count, 0.0);
  double sum = 0;
  for (std::size_t k = 0; k < intercept_.size(); ++k) {
    double* margin = margins + static_cast<std::int64_t>(k) * kRowsPerStrip;
    std::fill_n(margin, kRowsPerStrip, intercept_[k]);
    simd::Active().linear.add_margins(z, kRowsPerStrip, cols, kRowsPerStrip,
                                      coef_.data() + static_cast<std::int64_t>(k) * cols, margin);
    for (std::int64_t i = 0; i < kRowsPerStrip; ++i) sum += margin[i];
  }
  if (!std::isfinite(sum)) labels_.RefuseNonFinite(block, begin, count);
}

void LogisticMap::Link(std::int64_t rows, double* margins, double* scratch) const {
  const simd::LinearKernels& kernels = simd::Active().linear;
  if (output_ == LogisticOutput::kDecision || output_ == LogisticOutput::kClass) return;
  if (output_ == LogisticOutput::kExponential) {
    simd::Active().math.exp(margins, n_outputs() * kRowsPerStrip, margins);
    return;
  }
  const bool logarithms = output_ == LogisticOutput::kLogProbability;
  if (intercept_.size() > 1) {
    kernels.softmax(margins, kRowsPerStrip, static_cast<std::int64_t>(intercept_.size()), rows,
                    logarithms, scratch);
    return;
  }
  double* first = margins;
  double* second = margins + kRowsPerStrip;
  for (std::int64_t i = 0; i < rows; ++i) scratch[i] = -margins[i];
  const auto link = logarithms ? kernels.log_sigmoids : kernels.sigmoids;
  link(margins, rows, second);
  if (logarithms) {
    link(scratch, rows, first);
  } else {
    for (std::int64_t i = 0; i < rows; ++i) first[i] = 1 - second[i];
  }
}

template <typename T>
void LogisticMap::Write(const double* values, std::int64_t count, T* out) const {
  const std::int64_t width = n_outputs();
  if (output_ != LogisticOutput::kClass) {
    for (std::int64_t k = 0; k < width; ++k) {
      for (std::int64_t i = 0; i < count; ++i)
        out[i * width + k] = static_cast<T>(values[k * kRowsPerStrip + i]);
    }
    return;
  }
  const auto n = static_cast<std::int64_t>(intercept_.size());
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t best = n == 1 && values[i] > 0 ? 1 : 0;
    for (std::int64_t k = 1; k < n; ++k) {
      if (values[k * kRowsPerStrip + i] > values[best * kRowsPerStrip + i]) best = k;
    }
    out[i] = static_cast<T>(best);
  }
}

}  // namespace treeline
