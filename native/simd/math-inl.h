// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Elementary functions of one number, free of branches, for loops that the compiler turns into
// vectors: write `for (i …) out[i] = Exp(x[i]);`. The same operations in the same order, without
// fused multiply-add, whatever the instruction set: the same bits everywhere. Error: at most 2
// units in the last place (tested against std::).

/// 2^k for an integer k (as a double, |k| <= 1100) in two factors, so that results round once, into
/// denormals too.
static inline double ScaleByPowerOfTwo(double x, double k) noexcept {
  constexpr double kShift = 0x1.8p52;  // adding it leaves the integer in the low mantissa bits
  const std::uint64_t k_bits = __builtin_bit_cast(std::uint64_t, k + kShift);
  const std::uint64_t half_bits = __builtin_bit_cast(std::uint64_t, k * 0.5 + kShift);
  const double first = __builtin_bit_cast(double, (half_bits + 1023) << 52);
  const double second = __builtin_bit_cast(double, (k_bits - half_bits + 1023) << 52);
  return x * first * second;
}

/// e^x: 2^k e^r with |r| <= ln(2) / 2, e^r by its Taylor polynomial of degree 13.
static inline double Exp(double x) noexcept {
  constexpr double kShift = 0x1.8p52;
  constexpr double kLn2High = 0x1.62e42fee00000p-1;  // k * kLn2High is exact
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  double clamped = x < -746.0 ? -746.0 : x;
  clamped = clamped > 710.0 ? 710.0 : clamped;  // NaN passes both
  const double k = (clamped * 0x1.71547652b82fep0 + kShift) - kShift;
  const double high = clamped - k * kLn2High;
  const double low = k * kLn2Low;
  const double r = high - low;
  const double error = (high - r) - low;  // what rounding took from r
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  const double tail = p * (r * r) + error;
  return ScaleByPowerOfTwo(1.0 + (r + tail), k);
}

/// e^x for x <= 0, at least e^-708: results need one power of two, and the polynomial is summed in
/// parts that do not wait for each other.
static inline double ExpBelowOne(double x) noexcept {
  constexpr double kShift = 0x1.8p52;
  constexpr double kLn2High = 0x1.62e42fee00000p-1;
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  const double clamped = x < -708.0 ? -708.0 : x;
  const double shifted = clamped * 0x1.71547652b82fep0 + kShift;
  const double k = shifted - kShift;
  const double high = clamped - k * kLn2High;
  const double low = k * kLn2Low;
  const double r = high - low;
  const double error = (high - r) - low;
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double a = (0.5 + 1.0 / 6.0 * r) + r2 * (1.0 / 24.0 + 1.0 / 120.0 * r);
  const double b = (1.0 / 720.0 + 1.0 / 5040.0 * r) + r2 * (1.0 / 40320.0 + 1.0 / 362880.0 * r);
  const double c =
      (1.0 / 3628800.0 + 1.0 / 39916800.0 * r) + r2 * (1.0 / 479001600.0 + 1.0 / 6227020800.0 * r);
  const double p = a + r4 * (b + r4 * c);
  const double scale =
      __builtin_bit_cast(double, (__builtin_bit_cast(std::uint64_t, shifted) + 1023) << 52);
  return (1.0 + (r + (p * r2 + error))) * scale;
}

/// Natural logarithm (fdlibm's e_log.c): -inf for 0, NaN below.
static inline double Log(double x) noexcept {
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  constexpr double kInfinity = __builtin_inf();
  const bool is_small = x < 0x1p-1022;
  const double normal = is_small ? x * 0x1p54 : x;
  // Exponent such that the rest lies in [sqrt(1/2), sqrt(2)).
  constexpr std::uint64_t kHalfRoot = 0x3fe6a09e00000000ULL;
  constexpr std::uint64_t kMantissa = 0x000fffffffffffffULL;
  const std::uint64_t bits =
      __builtin_bit_cast(std::uint64_t, normal) + (0x3ff0000000000000ULL - kHalfRoot);
  const double biased = __builtin_bit_cast(double, (bits >> 52) | 0x4330000000000000ULL) - 0x1p52;
  const double k = biased - (is_small ? 1077.0 : 1023.0);
  const double f = __builtin_bit_cast(double, (bits & kMantissa) + kHalfRoot) - 1.0;
  const double s = f / (2.0 + f);
  const double z = s * s;
  const double w = z * z;
  const double even = w * (3.999999999940941908e-01 +
                           w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const double odd = z * (6.666666666666735130e-01 +
                          w * (2.857142874366239149e-01 +
                               w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const double half_square = 0.5 * f * f;
  const double result =
      k * kLn2High - ((half_square - (s * (half_square + (even + odd)) + k * kLn2Low)) - f);
  const double at_edge = x == 0.0 ? -kInfinity : x - x + __builtin_nan("");  // negative or NaN: NaN
  const double finite = x < kInfinity ? result : x;  // +inf and NaN: themselves
  return x > 0.0 ? finite : at_edge;
}

/// 1 / (1 + e^-x), exact to the last places on both tails.
static inline double Sigmoid(double x) noexcept {
  const double e = Exp(x < 0.0 ? x : -x);
  return (x < 0.0 ? e : 1.0) / (1.0 + e);
}

/// ln(1 + e^x), without overflow.
static inline double Log1pExp(double x) noexcept {
  const double e = Exp(x < 0.0 ? x : -x);
  const double u = 1.0 + e;
  const double lost = (e - (u - 1.0)) / u;
  return (x > 0.0 ? x : 0.0) + (Log(u) + lost);
}

/// e^x in float32.
static inline float Exp(float x) noexcept {
  constexpr float kShift = 0x1.8p23f;
  float clamped = x < -104.0f ? -104.0f : x;
  clamped = clamped > 89.0f ? 89.0f : clamped;
  const float k = (clamped * 0x1.715476p0f + kShift) - kShift;
  const float high = clamped - k * 0x1.62ep-1f;
  const float low = k * 0x1.0bfbe8p-15f;
  const float r = high - low;
  const float error = (high - r) - low;
  float p = 1.0f / 5040.0f;
  p = p * r + 1.0f / 720.0f;
  p = p * r + 1.0f / 120.0f;
  p = p * r + 1.0f / 24.0f;
  p = p * r + 1.0f / 6.0f;
  p = p * r + 0.5f;
  const float tail = p * (r * r) + error;
  const std::uint32_t k_bits = __builtin_bit_cast(std::uint32_t, k + kShift);
  const std::uint32_t half_bits = __builtin_bit_cast(std::uint32_t, k * 0.5f + kShift);
  const float first = __builtin_bit_cast(float, (half_bits + 127) << 23);
  const float second = __builtin_bit_cast(float, (k_bits - half_bits + 127) << 23);
  return (1.0f + (r + tail)) * first * second;
}

/// 1 / (1 + e^-x) in float32.
static inline float Sigmoid(float x) noexcept {
  const float e = Exp(x < 0.0f ? x : -x);
  return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

static void ExpBlock(const double* x, std::int64_t n, double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = Exp(x[i]);
}

static void LogBlock(const double* x, std::int64_t n, double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = Log(x[i]);
}

static void SigmoidBlock(const double* x, std::int64_t n, double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = Sigmoid(x[i]);
}

static void Log1pExpBlock(const double* x, std::int64_t n, double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = Log1pExp(x[i]);
}

static void ExpFloatBlock(const float* x, std::int64_t n, float* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = Exp(x[i]);
}

static void SigmoidFloatBlock(const float* x, std::int64_t n, float* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = Sigmoid(x[i]);
}
