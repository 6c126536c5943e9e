#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bins/binned_store.h"
#include "boosting/grower.h"
#include "boosting/row_data.h"
#include "core/aligned_buffer.h"
#include "core/context.h"
#include "loss/pointwise.h"

namespace treeline::boosting {

/// Powers of two that gradients and hessians of one output are multiplied with before rounding to
/// 16 bits.
struct GradientExponents {
  int gradient = 14;
  int hessian = 16;
};

/// A factor a row, chunk by chunk.
using RowFactors = std::vector<AlignedBuffer<float>>;

/// The rows that gradients are computed for; by default all.
struct SampledRows {
  const RowBitmaps* rows = nullptr;
  const RowFactors* factors = nullptr;  // 0 outside `rows`; a row's weight besides its own
  bool is_bag = true;                   // inside all factors are 1
};

/// Gradients and hessians (not negative) that do not come from a point loss, weights included: one
/// column of n_rows an output. None: the loss's own are taken.
struct GivenGradients {
  std::vector<float> gradients, hessians;
};

/// Gradients and hessians of a loss at the current raw predictions, as integers.
class GradientEngine {
 public:
  GradientEngine(const Loss& loss, const RowData& data, std::uint64_t seed);

  /// All outputs' gradients for one iteration, of all rows or of a sample. The exponents are the
  /// largest under which no sum over rows overflows 32 bits, with some inertia; they depend on the
  /// data and on the iterations before only.
  /// @throws Error kInvalidData when a gradient is not finite in float32.
  void Compute(std::int64_t iteration, const SampledRows& sample, const Context& ctx);

  /// What the next Compute takes instead of the loss's own.
  GivenGradients& given() noexcept { return given_; }

  std::int64_t n_outputs() const noexcept { return data_.n_outputs(); }
  const QuantizedGradients& output(std::int64_t k) const noexcept { return outputs_[k]; }
  std::span<const QuantizedGradients> outputs() const noexcept { return outputs_; }
  std::vector<GradientExponents>& exponents() noexcept { return exponents_; }
  std::size_t bytes() const noexcept;

 private:
  std::vector<simd::GradientTotals> Quantize(std::int64_t iteration, const Context& ctx);
  const float* WeightsOf(std::int64_t c, float* scratch) const noexcept;
  void QuantizeChunk(std::int64_t c, std::uint32_t dither, std::span<simd::GradientTotals> totals);
  void QuantizeGiven(std::int64_t c, std::uint32_t dither, std::span<simd::GradientTotals> totals);
  void QuantizeMultinomial(std::int64_t c, std::uint32_t dither, const float* weights,
                           std::span<simd::GradientTotals> totals);
  bool AdjustExponents(std::int64_t k, const simd::GradientTotals& totals);
  simd::QuantizationScale ScaleOf(std::int64_t k, std::uint32_t dither) const noexcept;

  Loss loss_;
  const RowData& data_;
  std::uint64_t seed_;
  SampledRows sample_;
  bool constant_hessian_ = false;  // in the Compute at hand
  GivenGradients given_;
  std::vector<GradientExponents> exponents_;
  std::vector<std::vector<AlignedBuffer<std::uint32_t>>> pairs_;  // by output and chunk
  std::vector<QuantizedGradients> outputs_;
};

}  // namespace treeline::boosting
