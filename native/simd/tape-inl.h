// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Element-wise operations of expression tapes: scalar functions free of branches (math-inl.h), and
// the loops over them.

/// A sum of two doubles that have no bits in common: a number to about 106 bits.
struct DoublePair {
  double high;
  double low;
};

/// a * b exactly (Dekker 1971, with Veltkamp's splitting: no fused multiply-add, so that every
/// instruction set gives the same bits). |a|, |b| < 2^996.
static inline DoublePair ExactProduct(double a, double b) noexcept {
  constexpr double kSplit = 134217729.0;  // 2^27 + 1
  const double ta = kSplit * a;
  const double a_high = ta - (ta - a);
  const double a_low = a - a_high;
  const double tb = kSplit * b;
  const double b_high = tb - (tb - b);
  const double b_low = b - b_high;
  const double p = a * b;
  return {p, ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

/// a + b exactly (Knuth).
static inline DoublePair ExactSum(double a, double b) noexcept {
  const double s = a + b;
  const double t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}

/// ln(x) of a positive finite x to about 64 bits: x = 2^k m, s = (m - 1) / (m + 1),
/// ln(m) = 2 s (1 + s^2/3 + s^4/5 + …), the first two terms in pairs.
static inline DoublePair LogPair(double x) noexcept {
  constexpr std::uint64_t kHalfRoot = 0x3fe6a09e00000000ULL;
  constexpr std::uint64_t kMantissa = 0x000fffffffffffffULL;
  const bool is_small = x < 0x1p-1022;
  const double normal = is_small ? x * 0x1p54 : x;
  const std::uint64_t bits =
      __builtin_bit_cast(std::uint64_t, normal) + (0x3ff0000000000000ULL - kHalfRoot);
  const double biased = __builtin_bit_cast(double, (bits >> 52) | 0x4330000000000000ULL) - 0x1p52;
  const double k = biased - (is_small ? 1077.0 : 1023.0);
  const double m = __builtin_bit_cast(double, (bits & kMantissa) + kHalfRoot);
  const double f = m - 1.0;
  const double d = m + 1.0;
  const double d_low = m - (d - 1.0);
  const double s = f / d;
  const DoublePair sd = ExactProduct(s, d);
  const double s_low = ((f - sd.high) - sd.low - s * d_low) / d;
  const DoublePair z = ExactProduct(s, s);
  const double z_low = z.low + 2.0 * s * s_low;
  double t = 1.0 / 27.0;
  t = t * z.high + 1.0 / 25.0;
  t = t * z.high + 1.0 / 23.0;
  t = t * z.high + 1.0 / 21.0;
  t = t * z.high + 1.0 / 19.0;
  t = t * z.high + 1.0 / 17.0;
  t = t * z.high + 1.0 / 15.0;
  t = t * z.high + 1.0 / 13.0;
  t = t * z.high + 1.0 / 11.0;
  t = t * z.high + 1.0 / 9.0;
  t = t * z.high + 1.0 / 7.0;
  t = t * z.high + 1.0 / 5.0;
  constexpr double kThirdHigh = 0x1.5555555555555p-2;
  constexpr double kThirdLow = 0x1.5555555555555p-56;
  const DoublePair q = ExactProduct(z.high, kThirdHigh);
  const double q_low = q.low + z.high * kThirdLow + z_low * kThirdHigh + t * (z.high * z.high);
  const double u = 1.0 + q.high;
  const double u_low = (q.high - (u - 1.0)) + q_low;
  const DoublePair p = ExactProduct(s, u);
  const double p_low = p.low + s * u_low + s_low * u;
  constexpr double kLn2High = 0x1.62e42fee00000p-1;  // k * kLn2High is exact
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  const DoublePair sum = ExactSum(k * kLn2High, 2.0 * p.high);
  const double rest = sum.low + (2.0 * p_low + k * kLn2Low);
  const double high = sum.high + rest;
  return {high, rest - (high - sum.high)};
}

/// e^(high + low), rounded almost correctly: what is exact comes out exact.
static inline double ExpPair(double high, double low) noexcept {
  constexpr double kShift = 0x1.8p52;
  constexpr double kLn2High = 0x1.62e42fee00000p-1;
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  double clamped = high < -746.0 ? -746.0 : high;
  clamped = clamped > 710.0 ? 710.0 : clamped;
  const double k = (clamped * 0x1.71547652b82fep0 + kShift) - kShift;
  const DoublePair r = ExactSum(clamped - k * kLn2High, -(k * kLn2Low));
  const double r_low = r.low + (clamped == high ? low : 0.0);
  double p = 1.0 / 6227020800.0;
  p = p * r.high + 1.0 / 479001600.0;
  p = p * r.high + 1.0 / 39916800.0;
  p = p * r.high + 1.0 / 3628800.0;
  p = p * r.high + 1.0 / 362880.0;
  p = p * r.high + 1.0 / 40320.0;
  p = p * r.high + 1.0 / 5040.0;
  p = p * r.high + 1.0 / 720.0;
  p = p * r.high + 1.0 / 120.0;
  p = p * r.high + 1.0 / 24.0;
  p = p * r.high + 1.0 / 6.0;
  p = p * r.high + 0.5;
  const double u = 1.0 + r.high;
  const double u_low = r.high - (u - 1.0);
  const double tail = p * (r.high * r.high);
  return ScaleByPowerOfTwo(u + (u_low + (tail + (r_low + r_low * (r.high + tail)))), k);
}

/// |x|^y for the finite x != 0; within one unit in the last place, exact where it is a double.
static inline double PowerOfMagnitude(double x, double y) noexcept {
  const double magnitude = __builtin_fabs(x);
  double exponent = y < -0x1p64 ? -0x1p64 : y;  // beyond it every power of x != 1 is 0 or infinite
  exponent = exponent > 0x1p64 ? 0x1p64 : exponent;
  const bool usual = (magnitude > 0.0) & (magnitude < __builtin_inf());
  const DoublePair log = LogPair(usual ? magnitude : 1.0);
  const DoublePair product = ExactProduct(exponent, log.high);
  return ExpPair(product.high, product.low + exponent * log.low);
}

/// x^y with C's special cases, from |x|^y. Without && and ||, which would be branches.
static inline double SignedPower(double x, double y, double power) noexcept {
  constexpr double kInfinity = __builtin_inf();
  const double magnitude = __builtin_fabs(x);
  const double at_zero = y < 0.0 ? kInfinity : 0.0;
  const double at_infinity = y < 0.0 ? 0.0 : kInfinity;
  double result = magnitude == 0.0 ? at_zero : power;
  result = magnitude == kInfinity ? at_infinity : result;
  // Adding 2^52 rounds to an integer, and leaves one beyond it as it is; half an odd one is none.
  const double size = __builtin_fabs(y);
  const double half = size * 0.5;
  const double whole = size >= 0x1p52 ? size : (size + 0x1p52) - 0x1p52;
  const double half_whole = half >= 0x1p52 ? half : (half + 0x1p52) - 0x1p52;
  const double odd_sign = half_whole == half ? 1.0 : __builtin_copysign(1.0, x);
  const double below_zero = x > -kInfinity ? __builtin_nan("") : result;
  const double fractional = x < 0.0 ? below_zero : result;
  result = whole == size ? result * odd_sign : fractional;
  result = x == x ? result : x;
  result = y == y ? result : y;
  result = y == 0.0 ? 1.0 : result;
  return x == 1.0 ? 1.0 : result;
}

/// x^y, or with one exponent for all rows: in blocks, whose loops become vector code (one loop for
/// all of it, or an exponent that does not change, does not, with GCC 12).
template <bool kScalar>
static void TapePower(const double* a, const double* b, std::int64_t n, double* out) noexcept {
  constexpr std::int64_t kBlock = 128;
  double exponents[kBlock];
  double powers[kBlock];
  for (std::int64_t begin = 0; begin < n; begin += kBlock) {
    const std::int64_t count = n - begin < kBlock ? n - begin : kBlock;
    const double* const x = a + begin;
    for (std::int64_t i = 0; i < count; ++i) exponents[i] = kScalar ? *b : b[begin + i];
    for (std::int64_t i = 0; i < count; ++i) powers[i] = PowerOfMagnitude(x[i], exponents[i]);
    for (std::int64_t i = 0; i < count; ++i)
      out[begin + i] = SignedPower(x[i], exponents[i], powers[i]);
  }
}

/// e^x - 1, without cancellation: 2^k (e^r - 1) + (2^k - 1).
static inline double Expm1(double x) noexcept {
  constexpr double kShift = 0x1.8p52;
  constexpr double kLn2High = 0x1.62e42fee00000p-1;
  constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
  double clamped = x < -746.0 ? -746.0 : x;
  clamped = clamped > 40.0 ? 40.0 : clamped;
  const double k = (clamped * 0x1.71547652b82fep0 + kShift) - kShift;
  const double high = clamped - k * kLn2High;
  const double low = k * kLn2Low;
  const double r = high - low;
  const double error = (high - r) - low;
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
  const double near = r + (p * (r * r) + error);
  const double power = ScaleByPowerOfTwo(1.0, k);
  const double usual = k == 0.0 ? near : power * near + (power - 1.0);
  const double result = x > 40.0 ? Exp(x) : usual;
  return x == 0.0 ? x : result;  // keeps -0
}

/// ln(1 + x), exact to the last places near 0: what 1 + x lost in rounding is added back.
static inline double Log1p(double x) noexcept {
  const double u = 1.0 + x;
  const double lost = (x - (u - 1.0)) / u;
  const double result = Log(u) + (u > 0.0 && u < __builtin_inf() ? lost : 0.0);
  return x == 0.0 ? x : result;
}

static inline double RoundHalfEven(double x) noexcept {
  const double size = __builtin_fabs(x);
  const double rounded = size < 0x1p52 ? (size + 0x1p52) - 0x1p52 : size;
  return __builtin_copysign(rounded, x);
}

static inline double Floor(double x) noexcept {
  const double rounded = RoundHalfEven(x);
  return __builtin_copysign(rounded > x ? rounded - 1.0 : rounded, x);
}

static inline double Ceil(double x) noexcept {
  const double rounded = RoundHalfEven(x);
  return __builtin_copysign(rounded < x ? rounded + 1.0 : rounded, x);
}

static inline double Sign(double x) noexcept {
  const double side = x > 0.0 ? 1.0 : (x < 0.0 ? -1.0 : 0.0);
  return x == x ? side : x;
}

static inline double Minimum(double a, double b) noexcept {
  const double least = b < a ? b : a;
  return b == b ? least : b;  // a NaN in `a` is kept by the comparison
}

static inline double Maximum(double a, double b) noexcept {
  const double greatest = b > a ? b : a;
  return b == b ? greatest : b;
}

template <double (*kFunction)(double) noexcept>
static void TapeMap(const double* a, std::int64_t n, double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = kFunction(a[i]);
}

/// With a column on the right, or one number for all rows.
template <double (*kFunction)(double, double) noexcept, bool kScalar>
static void TapeZip(const double* a, const double* b, std::int64_t n, double* out) noexcept {
  if constexpr (kScalar) {
    const double value = *b;
    for (std::int64_t i = 0; i < n; ++i) out[i] = kFunction(a[i], value);
  } else {
    for (std::int64_t i = 0; i < n; ++i) out[i] = kFunction(a[i], b[i]);
  }
}

static inline double TapeNegative(double x) noexcept { return -x; }
static inline double TapeAbs(double x) noexcept { return __builtin_fabs(x); }
static inline double TapeSquare(double x) noexcept { return x * x; }
static inline double TapeSqrt(double x) noexcept { return __builtin_sqrt(x); }
static inline double TapeReciprocal(double x) noexcept { return 1.0 / x; }
static inline double TapeExp(double x) noexcept { return Exp(x); }
static inline double TapeSigmoid(double x) noexcept { return Sigmoid(x); }
static inline double TapeIsNaN(double x) noexcept { return x == x ? 0.0 : 1.0; }
static inline double TapeIsFinite(double x) noexcept { return x - x == 0.0 ? 1.0 : 0.0; }
static inline double TapeNot(double x) noexcept { return x == 0.0 ? 1.0 : 0.0; }
static inline double TapeToFloat32(double x) noexcept { return static_cast<float>(x); }

static inline double TapeAdd(double a, double b) noexcept { return a + b; }
static inline double TapeSubtract(double a, double b) noexcept { return a - b; }
static inline double TapeMultiply(double a, double b) noexcept { return a * b; }
static inline double TapeDivide(double a, double b) noexcept { return a / b; }
static inline double TapeEqual(double a, double b) noexcept { return a == b ? 1.0 : 0.0; }
static inline double TapeNotEqual(double a, double b) noexcept { return a != b ? 1.0 : 0.0; }
static inline double TapeLess(double a, double b) noexcept { return a < b ? 1.0 : 0.0; }
static inline double TapeLessEqual(double a, double b) noexcept { return a <= b ? 1.0 : 0.0; }
static inline double TapeGreater(double a, double b) noexcept { return a > b ? 1.0 : 0.0; }
static inline double TapeGreaterEqual(double a, double b) noexcept { return a >= b ? 1.0 : 0.0; }
static inline double TapeAnd(double a, double b) noexcept {
  return a != 0.0 && b != 0.0 ? 1.0 : 0.0;
}
static inline double TapeOr(double a, double b) noexcept {
  return a != 0.0 || b != 0.0 ? 1.0 : 0.0;
}
static inline double TapeXor(double a, double b) noexcept {
  return (a != 0.0) != (b != 0.0) ? 1.0 : 0.0;
}
static inline double TapeFillNaN(double a, double b) noexcept { return a == a ? a : b; }

static void TapeSelect(const double* c, const double* a, const double* b, std::int64_t n,
                       double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = c[i] != 0.0 ? a[i] : b[i];
}

static void TapeSum(const double* values, std::int64_t n, double* sum, double* count) noexcept {
  constexpr int kLanes = 8;
  double sums[kLanes] = {};
  double counts[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const double x = values[i + lane];
      const bool valid = x == x;
      sums[lane] += valid ? x : 0.0;
      counts[lane] += valid ? 1.0 : 0.0;
    }
  }
  for (int lane = 0; i + lane < n; ++lane) {
    const double x = values[i + lane];
    const bool valid = x == x;
    sums[lane] += valid ? x : 0.0;
    counts[lane] += valid ? 1.0 : 0.0;
  }
  *sum = 0;
  *count = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    *sum += sums[lane];
    *count += counts[lane];
  }
}

static void TapeExtremes(const double* values, std::int64_t n, double* least, double* greatest,
                         double* count) noexcept {
  constexpr int kLanes = 8;
  double low[kLanes], high[kLanes], counts[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    low[lane] = __builtin_inf();
    high[lane] = -__builtin_inf();
    counts[lane] = 0;
  }
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const double x = values[i + lane];
      low[lane] = x < low[lane] ? x : low[lane];  // false for NaN
      high[lane] = x > high[lane] ? x : high[lane];
      counts[lane] += x == x ? 1.0 : 0.0;
    }
  }
  for (int lane = 0; i + lane < n; ++lane) {
    const double x = values[i + lane];
    low[lane] = x < low[lane] ? x : low[lane];
    high[lane] = x > high[lane] ? x : high[lane];
    counts[lane] += x == x ? 1.0 : 0.0;
  }
  *least = low[0];
  *greatest = high[0];
  *count = counts[0];
  for (int lane = 1; lane < kLanes; ++lane) {
    *least = low[lane] < *least ? low[lane] : *least;
    *greatest = high[lane] > *greatest ? high[lane] : *greatest;
    *count += counts[lane];
  }
}

/// Index of the first element that equals `value`; n if none does.
static std::int64_t TapeFind(const double* values, std::int64_t n, double value) noexcept {
  constexpr std::int64_t kBlock = 64;
  std::int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    std::uint64_t any = 0;
    for (std::int64_t k = 0; k < kBlock; ++k) any |= values[i + k] == value ? 1 : 0;
    if (any != 0) break;
  }
  while (i < n && values[i] != value) ++i;
  return i;
}

static void TapeWiden(const float* values, std::int64_t n, double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = values[i];
}

static void TapeNarrow(const double* values, std::int64_t n, float* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<float>(values[i]);
}

/// The binary operations in the order of TapeBinary.
template <bool kScalar>
static consteval void FillTapeZips(TapeKernels::Binary* to) {
  const TapeKernels::Binary zips[] = {TapeZip<TapeAdd, kScalar>,
                                      TapeZip<TapeSubtract, kScalar>,
                                      TapeZip<TapeMultiply, kScalar>,
                                      TapeZip<TapeDivide, kScalar>,
                                      TapePower<kScalar>,
                                      TapeZip<Minimum, kScalar>,
                                      TapeZip<Maximum, kScalar>,
                                      TapeZip<TapeEqual, kScalar>,
                                      TapeZip<TapeNotEqual, kScalar>,
                                      TapeZip<TapeLess, kScalar>,
                                      TapeZip<TapeLessEqual, kScalar>,
                                      TapeZip<TapeGreater, kScalar>,
                                      TapeZip<TapeGreaterEqual, kScalar>,
                                      TapeZip<TapeAnd, kScalar>,
                                      TapeZip<TapeOr, kScalar>,
                                      TapeZip<TapeXor, kScalar>,
                                      TapeZip<TapeFillNaN, kScalar>};
  static_assert(sizeof(zips) / sizeof(zips[0]) == static_cast<int>(TapeBinary::kCount));
  for (int i = 0; i < static_cast<int>(TapeBinary::kCount); ++i) to[i] = zips[i];
}

static consteval TapeKernels MakeTapeKernels() {
  TapeKernels kernels{};
  const TapeKernels::Unary maps[] = {
      TapeMap<TapeNegative>,  TapeMap<TapeAbs>,        TapeMap<TapeSquare>, TapeMap<TapeSqrt>,
      TapeMap<Sign>,          TapeMap<TapeReciprocal>, TapeMap<Floor>,      TapeMap<Ceil>,
      TapeMap<RoundHalfEven>, TapeMap<TapeExp>,        TapeMap<Expm1>,      LogBlock,
      TapeMap<Log1p>,         TapeMap<TapeSigmoid>,    TapeMap<TapeIsNaN>,  TapeMap<TapeIsFinite>,
      TapeMap<TapeNot>,       TapeMap<TapeToFloat32>};
  static_assert(sizeof(maps) / sizeof(maps[0]) == static_cast<int>(TapeUnary::kCount));
  for (int i = 0; i < static_cast<int>(TapeUnary::kCount); ++i) kernels.unary[i] = maps[i];
  FillTapeZips<false>(kernels.binary);
  FillTapeZips<true>(kernels.binary_scalar);
  kernels.select = TapeSelect;
  kernels.sum = TapeSum;
  kernels.extremes = TapeExtremes;
  kernels.find = TapeFind;
  kernels.widen = TapeWiden;
  kernels.narrow = TapeNarrow;
  return kernels;
}
