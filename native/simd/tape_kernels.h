#pragma once

#include <cstdint>

namespace treeline::simd {

/// Element-wise operations of an expression tape, in the order of src/chunked/operations.ts. Those
/// of one operand first, then those of two, then of three.
enum class TapeUnary : std::uint8_t {
  kNegative,
  kAbs,
  kSquare,
  kSqrt,
  kSign,
  kReciprocal,
  kFloor,
  kCeil,
  kRound,  // to the nearest integer, halves to even
  kExp,
  kExpm1,
  kLog,
  kLog1p,
  kSigmoid,
  kIsNaN,
  kIsFinite,
  kNot,
  kToFloat32,  // rounded to float32 and widened again
  kCount
};
enum class TapeBinary : std::uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kPower,
  kMinimum,  // NaN if either is, as numpy.minimum
  kMaximum,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kAnd,
  kOr,
  kXor,
  kFillNaN,  // a, or b where a is NaN
  kCount
};

/// Kernels of the tapes that evaluate element-wise expressions, and of the reductions over their
/// results. `out` may be an operand. Comparisons and logic give 0 and 1; what is not 0 is true.
struct TapeKernels {
  using Unary = void (*)(const double* a, std::int64_t n, double* out) noexcept;
  using Binary = void (*)(const double* a, const double* b, std::int64_t n, double* out) noexcept;

  Unary unary[static_cast<int>(TapeUnary::kCount)];
  Binary binary[static_cast<int>(TapeBinary::kCount)];
  /// The same with one number, *b, on the right.
  Binary binary_scalar[static_cast<int>(TapeBinary::kCount)];
  /// out = c != 0 ? a : b
  void (*select)(const double* c, const double* a, const double* b, std::int64_t n,
                 double* out) noexcept;
  /// Sum of the values that are not NaN, in eight lanes, and how many they are.
  void (*sum)(const double* values, std::int64_t n, double* sum, double* count) noexcept;
  /// Least and greatest of the values that are not NaN (+inf and -inf if there is none), and how
  /// many they are.
  void (*extremes)(const double* values, std::int64_t n, double* least, double* greatest,
                   double* count) noexcept;
  /// Index of the first element that equals `value`; n if none does.
  std::int64_t (*find)(const double* values, std::int64_t n, double value) noexcept;
  void (*widen)(const float* values, std::int64_t n, double* out) noexcept;
  void (*narrow)(const double* values, std::int64_t n, float* out) noexcept;
};

}  // namespace treeline::simd
