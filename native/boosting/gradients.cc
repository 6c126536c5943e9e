#include "boosting/gradients.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "core/error.h"
#include "core/random.h"
#include "matrix/reblock.h"

namespace treeline::boosting {

namespace {

constexpr double kMaxGradient = 32'767;  // one row, 16 bits
constexpr double kMaxHessian = 65'535;
constexpr double kMaxGradientSum = 0x1p31 - 1;  // all rows, 32 bits
constexpr double kMaxHessianSum = 0x1p32 - 1;
constexpr std::uint64_t kDitherStream = 0x64697468;

void Merge(simd::GradientTotals& a, const simd::GradientTotals& b) noexcept {
  a.gradient += b.gradient;
  a.absolute_gradient += b.absolute_gradient;
  a.hessian += b.hessian;
  a.max_gradient = std::max(a.max_gradient, b.max_gradient);
  a.max_hessian = std::max(a.max_hessian, b.max_hessian);
}

/// The largest exponent e, as far as the totals of a pass with exponent `current` tell, with max *
/// 2^e <= max_limit and sum * 2^(e - current) <= sum_limit; `current` if there is nothing to scale.
int BestExponent(int current, double max, double max_limit, double sum, double sum_limit) noexcept {
  if (max == 0) return current;
  const int by_max = static_cast<int>(std::floor(std::log2(max_limit / max)));
  const int by_sum =
      sum == 0 ? by_max : current + static_cast<int>(std::floor(std::log2(sum_limit / sum)));
  return std::clamp(std::min(by_max, by_sum), -120, 120);
}

}  // namespace

GradientEngine::GradientEngine(const Loss& loss, const RowData& data, std::uint64_t seed)
    : loss_(loss),
      data_(data),
      seed_(seed),
      exponents_(static_cast<std::size_t>(data.n_outputs())),
      pairs_(static_cast<std::size_t>(data.n_outputs())),
      outputs_(static_cast<std::size_t>(data.n_outputs())) {
  for (std::int64_t k = 0; k < data.n_outputs(); ++k) {
    for (std::int64_t c = 0; c < data.n_chunks(); ++c) {
      pairs_[k].emplace_back(kChunkRows);
      outputs_[k].pairs.push_back(pairs_[k][c].data());
    }
  }
}

std::size_t GradientEngine::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& chunks : pairs_) {
    for (const auto& pairs : chunks) bytes += pairs.bytes();
  }
  return bytes;
}

void GradientEngine::Compute(std::int64_t iteration, const SampledRows& sample,
                             const Context& ctx) {
  sample_ = sample;
  const bool is_weighted = data_.n_chunks() > 0 && data_.weights(0) != nullptr;
  constant_hessian_ =
      given_.gradients.empty() && HasConstantHessian(loss_.kind) && !is_weighted && sample.is_bag;
  std::vector<simd::GradientTotals> totals = Quantize(iteration, ctx);
  for (;;) {
    bool changed = false;
    for (std::int64_t k = 0; k < data_.n_outputs(); ++k)
      changed = AdjustExponents(k, totals[k]) || changed;
    if (!changed) break;
    totals = Quantize(iteration, ctx);
  }
  for (std::int64_t k = 0; k < data_.n_outputs(); ++k) {
    QuantizedGradients& output = outputs_[k];
    output.gradient_sum = totals[k].gradient;
    output.hessian_sum = totals[k].hessian;
    output.gradient_unit = std::ldexp(1.0, -exponents_[k].gradient);
    const int hessian_exponent = constant_hessian_ ? 0 : exponents_[k].hessian;
    output.hessian_unit = std::ldexp(1.0, -hessian_exponent);
    output.constant_hessian = constant_hessian_;
    output.rows = sample.rows;
    const double max_hessian =
        std::ldexp(static_cast<double>(totals[k].max_hessian), hessian_exponent);
    output.max_hessian = static_cast<std::int64_t>(std::ceil(max_hessian));
  }
}

/// Lowers exponents under which a sum or a row overflows, raises those with two bits to spare.
/// Whether one changed.
bool GradientEngine::AdjustExponents(std::int64_t k, const simd::GradientTotals& totals) {
  if (!std::isfinite(totals.max_gradient) || !std::isfinite(totals.max_hessian)) {
    throw Error(ErrorCode::kInvalidData,
                "gradients exceed the range of float32: scale y or the sample weights down");
  }
  const auto adjust = [](int& exponent, double max, double max_limit, double sum,
                         double sum_limit) {
    const int best = BestExponent(exponent, max, max_limit, sum, sum_limit);
    if (best >= exponent && best < exponent + 2) return false;
    exponent = best;
    return true;
  };
  GradientExponents& exponents = exponents_[k];
  const bool gradient_changed =
      adjust(exponents.gradient, static_cast<double>(totals.max_gradient), kMaxGradient,
             static_cast<double>(totals.absolute_gradient), kMaxGradientSum);
  if (constant_hessian_) return gradient_changed;
  return adjust(exponents.hessian, static_cast<double>(totals.max_hessian), kMaxHessian,
                static_cast<double>(totals.hessian), kMaxHessianSum) ||
         gradient_changed;
}

simd::QuantizationScale GradientEngine::ScaleOf(std::int64_t k,
                                                std::uint32_t dither) const noexcept {
  return {std::ldexp(1.0f, exponents_[k].gradient),
          constant_hessian_ ? 1.0f : std::ldexp(1.0f, exponents_[k].hessian), dither};
}

/// One pass over all rows: fills pairs_, returns each output's totals.
std::vector<simd::GradientTotals> GradientEngine::Quantize(std::int64_t iteration,
                                                           const Context& ctx) {
  const auto n_outputs = static_cast<std::size_t>(data_.n_outputs());
  const auto dither = static_cast<std::uint32_t>(
      RandomBits(seed_, kDitherStream, static_cast<std::uint64_t>(iteration)));
  std::vector<simd::GradientTotals> by_chunk(n_outputs *
                                             static_cast<std::size_t>(data_.n_chunks()));
  ctx.ParallelFor(data_.n_chunks(), [&](std::int64_t c, int) {
    QuantizeChunk(c, dither,
                  std::span(by_chunk).subspan(static_cast<std::size_t>(c) * n_outputs, n_outputs));
  });
  std::vector<simd::GradientTotals> totals(n_outputs);
  for (std::size_t i = 0; i < by_chunk.size(); ++i) Merge(totals[i % n_outputs], by_chunk[i]);
  return totals;
}

/// Weights of a chunk's rows in the sample: nullptr where all are 1.
const float* GradientEngine::WeightsOf(std::int64_t c, float* scratch) const noexcept {
  const float* own = data_.weights(c);
  if (sample_.factors == nullptr) return own;
  const float* factors = (*sample_.factors)[c].data();
  if (own == nullptr) return factors;
  for (std::int64_t i = 0; i < data_.rows(c); ++i) scratch[i] = own[i] * factors[i];
  return scratch;
}

void GradientEngine::QuantizeChunk(std::int64_t c, std::uint32_t dither,
                                   std::span<simd::GradientTotals> totals) {
  if (!given_.gradients.empty()) return QuantizeGiven(c, dither, totals);
  alignas(64) float scratch[kChunkRows];
  const float* weights = WeightsOf(c, scratch);
  if (loss_.kind == LossKind::kMultinomial) return QuantizeMultinomial(c, dither, weights, totals);
  const auto kernel = simd::Active().gradients.point[static_cast<int>(loss_.kind)];
  for (std::int64_t k = 0; k < data_.n_outputs(); ++k) {
    const simd::GradientRows rows{data_.scores(c, k),
                                  data_.targets(c, k),
                                  weights,
                                  nullptr,
                                  static_cast<std::uint32_t>(c * kChunkRows),
                                  data_.rows(c),
                                  static_cast<float>(loss_.parameter)};
    totals[k] = kernel(rows, ScaleOf(k, dither), pairs_[k][c].data());
  }
}

/// Weights are in the gradients given: only the sample's factors count here.
void GradientEngine::QuantizeGiven(std::int64_t c, std::uint32_t dither,
                                   std::span<simd::GradientTotals> totals) {
  const std::int64_t n_rows = data_.n_rows();
  const float* factors = sample_.factors == nullptr ? nullptr : (*sample_.factors)[c].data();
  const simd::GradientRows rows{
      nullptr,      nullptr, factors, nullptr, static_cast<std::uint32_t>(c * kChunkRows),
      data_.rows(c)};
  for (std::int64_t k = 0; k < data_.n_outputs(); ++k) {
    const std::int64_t first = k * n_rows + c * kChunkRows;
    totals[k] = simd::Active().gradients.given(rows, given_.gradients.data() + first,
                                               given_.hessians.data() + first, ScaleOf(k, dither),
                                               pairs_[k][c].data());
  }
}

/// Softmax over the outputs, 1024 rows at a time, then each output's gradients.
void GradientEngine::QuantizeMultinomial(std::int64_t c, std::uint32_t dither,
                                         const float* chunk_weights,
                                         std::span<simd::GradientTotals> totals) {
  const simd::GradientKernels& kernels = simd::Active().gradients;
  const std::int64_t n_outputs = data_.n_outputs();
  AlignedBuffer<float> probabilities(static_cast<std::size_t>(n_outputs * kSlotRows));
  for (std::int64_t begin = 0; begin < data_.rows(c); begin += kSlotRows) {
    const std::int64_t n = std::min(kSlotRows, data_.rows(c) - begin);
    std::array<double, kSlotRows> top;
    std::array<float, kSlotRows> total{};
    std::copy_n(data_.scores(c, 0) + begin, n, top.data());
    for (std::int64_t k = 1; k < n_outputs; ++k) {
      const double* scores = data_.scores(c, k) + begin;
      for (std::int64_t i = 0; i < n; ++i) top[i] = std::max(top[i], scores[i]);
    }
    for (std::int64_t k = 0; k < n_outputs; ++k) {
      kernels.softmax_term(data_.scores(c, k) + begin, top.data(), n,
                           probabilities.data() + k * kSlotRows, total.data());
    }
    for (std::int64_t k = 0; k < n_outputs; ++k) {
      float* p = probabilities.data() + k * kSlotRows;
      for (std::int64_t i = 0; i < n; ++i) p[i] /= total[i];
      const float* weights = chunk_weights == nullptr ? nullptr : chunk_weights + begin;
      const simd::GradientRows rows{nullptr,
                                    data_.targets(c, k) + begin,
                                    weights,
                                    p,
                                    static_cast<std::uint32_t>(c * kChunkRows + begin),
                                    n};
      auto* pairs = pairs_[k][c].data() + begin;
      Merge(totals[k], kernels.multinomial(rows, static_cast<float>(k), ScaleOf(k, dither), pairs));
    }
  }
}

}  // namespace treeline::boosting
