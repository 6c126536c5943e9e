// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// Gradient and hessian of one row in float32, then both as 16-bit integers, in one pass (kernels.h,
// GradientKernels).

/// Running totals of one kernel call (at most 2^16 rows: 32-bit sums of 16-bit numbers cannot
/// overflow).
struct GradientSums {
  std::int32_t gradient = 0;
  std::uint32_t absolute_gradient = 0;
  std::uint32_t hessian = 0;
  std::uint32_t max_gradient =
      0;  // bit pattern of |gradient|: non-negative floats sort like their bits
  std::uint32_t max_hessian = 0;
};

/// Rounds gradient and hessian down after adding a dither in [0, 1): unbiased, and exact for what
/// is already an integer.
static inline std::uint32_t QuantizePair(float gradient, float hessian, std::uint32_t row,
                                         const QuantizationScale& scale,
                                         GradientSums& sums) noexcept {
  const std::uint32_t turn = row * 2654435769u + scale.dither;  // golden-ratio sequence
  const float dither = static_cast<float>(static_cast<std::int32_t>(turn >> 24)) * 0.00390625f;
  float g = gradient * scale.gradient + 32768.0f + dither;
  g = g > 0.0f ? g : 0.0f;
  g = g < 65535.0f ? g : 65535.0f;
  float h = hessian * scale.hessian + dither;
  h = h < 65535.0f ? h : 65535.0f;
  const std::int32_t g_int = static_cast<std::int32_t>(g) - 32768;
  const std::int32_t h_int = static_cast<std::int32_t>(h);
  const std::uint32_t g_bits = __builtin_bit_cast(std::uint32_t, gradient) & 0x7fffffffu;
  const std::uint32_t h_bits = __builtin_bit_cast(std::uint32_t, hessian);
  sums.gradient += g_int;
  sums.absolute_gradient += static_cast<std::uint32_t>(g_int < 0 ? -g_int : g_int);
  sums.hessian += static_cast<std::uint32_t>(h_int);
  sums.max_gradient = g_bits > sums.max_gradient ? g_bits : sums.max_gradient;
  sums.max_hessian = h_bits > sums.max_hessian ? h_bits : sums.max_hessian;
  return static_cast<std::uint32_t>(g_int) << 16 | static_cast<std::uint32_t>(h_int);
}

static inline GradientTotals TotalsOf(const GradientSums& sums) noexcept {
  return {sums.gradient, sums.absolute_gradient, sums.hessian,
          __builtin_bit_cast(float, sums.max_gradient),
          __builtin_bit_cast(float, sums.max_hessian)};
}

template <typename Loss, bool kWeighted>
static inline GradientTotals LossPairs(const GradientRows& rows, const QuantizationScale& scale,
                                       std::uint32_t* pairs) noexcept {
  GradientSums sums;
  for (std::int64_t i = 0; i < rows.n; ++i) {
    const float weight = kWeighted ? rows.weights[i] : 1.0f;
    const Slope<float> slope = Loss::At(rows.scores[i], rows.targets[i], rows.parameter);
    pairs[i] = QuantizePair(slope.gradient * weight, slope.hessian * weight,
                            rows.first_row + static_cast<std::uint32_t>(i), scale, sums);
  }
  return TotalsOf(sums);
}

template <bool kWeighted>
static inline GradientTotals GivenPairs(const GradientRows& rows, const float* gradients,
                                        const float* hessians, const QuantizationScale& scale,
                                        std::uint32_t* pairs) noexcept {
  GradientSums sums;
  for (std::int64_t i = 0; i < rows.n; ++i) {
    const float weight = kWeighted ? rows.weights[i] : 1.0f;
    pairs[i] = QuantizePair(gradients[i] * weight, hessians[i] * weight,
                            rows.first_row + static_cast<std::uint32_t>(i), scale, sums);
  }
  return TotalsOf(sums);
}

template <bool kWeighted>
static inline GradientTotals ProbabilityPairs(const GradientRows& rows, float target,
                                              const QuantizationScale& scale,
                                              std::uint32_t* pairs) noexcept {
  GradientSums sums;
  for (std::int64_t i = 0; i < rows.n; ++i) {
    const float weight = kWeighted ? rows.weights[i] : 1.0f;
    const float p = rows.probabilities[i];
    const float is_class = static_cast<float>(rows.targets[i]) == target ? 1.0f : 0.0f;
    const float gradient = (p - is_class) * weight;
    const float hessian = p * (1.0f - p) * weight;
    pairs[i] = QuantizePair(gradient, hessian, rows.first_row + static_cast<std::uint32_t>(i),
                            scale, sums);
  }
  return TotalsOf(sums);
}

template <typename Loss>
static GradientTotals LossGradients(const GradientRows& rows, const QuantizationScale& scale,
                                    std::uint32_t* pairs) noexcept {
  return rows.weights ? LossPairs<Loss, true>(rows, scale, pairs)
                      : LossPairs<Loss, false>(rows, scale, pairs);
}

static GradientTotals GivenGradients(const GradientRows& rows, const float* gradients,
                                     const float* hessians, const QuantizationScale& scale,
                                     std::uint32_t* pairs) noexcept {
  return rows.weights ? GivenPairs<true>(rows, gradients, hessians, scale, pairs)
                      : GivenPairs<false>(rows, gradients, hessians, scale, pairs);
}

static GradientTotals MultinomialGradients(const GradientRows& rows, float target,
                                           const QuantizationScale& scale,
                                           std::uint32_t* pairs) noexcept {
  return rows.weights ? ProbabilityPairs<true>(rows, target, scale, pairs)
                      : ProbabilityPairs<false>(rows, target, scale, pairs);
}

/// One class of a softmax: out = e^(score - top), added to total.
static void SoftmaxTerm(const double* scores, const double* top, std::int64_t n, float* out,
                        float* total) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    out[i] = Exp(static_cast<float>(scores[i] - top[i]));
    total[i] += out[i];
  }
}

template <typename... Losses>
static consteval GradientKernels MakeGradientKernels(LossList<Losses...>) {
  return {{LossGradients<Losses>...}, GivenGradients, MultinomialGradients, SoftmaxTerm};
}
