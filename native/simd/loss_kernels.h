#pragma once

#include <cstdint>

namespace treeline {

/// Losses of a row. Those before kMultinomial are *point losses*: a function of one raw prediction
/// and one target (loss-inl.h has the formulas). The order is that of the kernel tables.
enum class LossKind {
  kSquaredError,
  kAbsoluteError,
  kQuantile,  // parameter: the quantile
  kHuber,     // parameter: where the square ends
  kFair,      // parameter: c
  kMape,
  kPoisson,
  kGamma,
  kTweedie,       // parameter: the variance power, strictly between 1 and 2
  kCrossEntropy,  // targets in [0, 1]
  kLogLoss,       // the same for two classes: targets 0 and 1
  kMultinomial,
  kCustom,      // gradients come from outside; it has no value
  kLambdarank,  // of queries, not of rows: loss/lambdarank.h
};

inline constexpr int kPointLosses = static_cast<int>(LossKind::kMultinomial);

namespace simd {

/// Point losses over arrays, a table a kind; `parameter` as LossKind says. The same bits on every
/// instruction set.
struct LossKernels {
  /// losses[i] = the loss of row i.
  void (*values[kPointLosses])(const double* raw, const double* targets, std::int64_t n,
                               double parameter, double* losses) noexcept;
  /// First and second derivative by the raw prediction. Where the second is zero almost everywhere
  /// (absolute error and the like) it is given as 1, as all boosting libraries do.
  void (*slopes[kPointLosses])(const double* raw, const double* targets, std::int64_t n,
                               double parameter, double* gradients, double* hessians) noexcept;
};

}  // namespace simd

}  // namespace treeline
