// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Loops over tiles of columns for linear models. A tile is `rows` rows (a multiple of
// kLinearRowAlign) of columns `stride` apart. Sums over rows are kept in kLinearLanes lanes: lane l
// adds rows l, l + kLinearLanes, … in that order whatever the width of a register is, so that every
// instruction set prints the same bits.

#if defined(TREELINE_TARGET_AVX512)
constexpr int kLinearWidth = 8;
constexpr int kLinearTileA = 4;
constexpr int kLinearTileB = 4;
constexpr int kLinearWideB = 8;
#elif defined(TREELINE_TARGET_AVX2)
constexpr int kLinearWidth = 4;
constexpr int kLinearTileA = 3;
constexpr int kLinearTileB = 3;
constexpr int kLinearWideB = 8;
#else
constexpr int kLinearWidth = 2;
constexpr int kLinearTileA = 2;
constexpr int kLinearTileB = 4;
constexpr int kLinearWideB = 8;
#endif
constexpr int kLinearParts = kLinearLanes / kLinearWidth;
typedef double LinearVector __attribute__((vector_size(kLinearWidth * 8)));
typedef double LinearUnaligned
    __attribute__((vector_size(kLinearWidth * 8), aligned(8), may_alias));

static inline LinearVector LoadLinear(const double* from) noexcept {
  return *reinterpret_cast<const LinearUnaligned*>(from);
}

static inline void StoreLinear(double* to, LinearVector value) noexcept {
  *reinterpret_cast<LinearUnaligned*>(to) = value;
}

typedef float LinearNarrow __attribute__((vector_size(kLinearWidth * 4), aligned(4), may_alias));
static inline LinearVector LoadWidened(const double* from) noexcept { return LoadLinear(from); }
static inline LinearVector LoadWidened(const float* from) noexcept {
  return __builtin_convertvector(*reinterpret_cast<const LinearNarrow*>(from), LinearVector);
}

/// z = x - shift, widened to float64. The columns lie one tile after another: the next tile's cache
/// lines are asked for while this one is worked on, which the hardware does not do by itself across
/// pages.
template <typename T>
static void CentreColumns(const T* x, std::int64_t x_stride, std::int64_t cols, std::int64_t rows,
                          const double* shift, double* z, std::int64_t z_stride) noexcept {
  constexpr std::int64_t kLine = 64 / static_cast<std::int64_t>(sizeof(T));
  const std::int64_t ahead = cols * x_stride;
  for (std::int64_t j = 0; j < cols; ++j) {
    const T* from = x + j * x_stride;
    double* to = z + j * z_stride;
    const double centre = shift[j];
    for (std::int64_t i = 0; i < rows; i += kLine) {
      __builtin_prefetch(from + ahead + i);
      for (std::int64_t k = 0; k < kLine; ++k)
        to[i + k] = static_cast<double>(from[i + k]) - centre;
    }
  }
}

/// One block of `N` vectors of rows: out += sum over columns of coef[j] * z_j, added in column
/// order.
template <int N>
static inline void AddMarginsBlock(const double* z, std::int64_t z_stride, std::int64_t cols,
                                   const double* coef, double* out) noexcept {
  LinearVector sum[N];
  for (int v = 0; v < N; ++v) sum[v] = LoadLinear(out + v * kLinearWidth);
  for (std::int64_t j = 0; j < cols; ++j) {
    const double* column = z + j * z_stride;
    const double c = coef[j];
    for (int v = 0; v < N; ++v) sum[v] += c * LoadLinear(column + v * kLinearWidth);
  }
  for (int v = 0; v < N; ++v) StoreLinear(out + v * kLinearWidth, sum[v]);
}

static void AddMargins(const double* z, std::int64_t z_stride, std::int64_t cols, std::int64_t rows,
                       const double* coef, double* out) noexcept {
  for (std::int64_t i = 0; i < rows; i += 8 * kLinearWidth)
    AddMarginsBlock<8>(z + i, z_stride, cols, coef, out + i);
}

/// One register tile of column products: lanes[i][j][lane] += a_i[row] * b_j[row].
template <int NA, int NB>
static inline void ProductTile(const double* a, std::int64_t a_stride, const double* b,
                               std::int64_t b_stride, std::int64_t rows, double* lanes,
                               std::int64_t lanes_stride) noexcept {
  for (int p = 0; p < kLinearParts; ++p) {
    LinearVector sum[NA][NB];
    double* const part = lanes + p * kLinearWidth;
    for (int i = 0; i < NA; ++i) {
      for (int j = 0; j < NB; ++j)
        sum[i][j] = LoadLinear(part + i * lanes_stride + j * kLinearLanes);
    }
    for (std::int64_t row = p * kLinearWidth; row < rows; row += kLinearLanes) {
      LinearVector right[NB];
#pragma GCC unroll 8
      for (int j = 0; j < NB; ++j) right[j] = LoadLinear(b + j * b_stride + row);
#pragma GCC unroll 8
      for (int i = 0; i < NA; ++i) {
        const LinearVector left = LoadLinear(a + i * a_stride + row);
#pragma GCC unroll 8
        for (int j = 0; j < NB; ++j) sum[i][j] += left * right[j];
      }
    }
    for (int i = 0; i < NA; ++i) {
      for (int j = 0; j < NB; ++j)
        StoreLinear(part + i * lanes_stride + j * kLinearLanes, sum[i][j]);
    }
  }
}

/// NA columns of a against columns [begin, nb) of b.
template <int NA, int NB>
static void ProductStrip(const double* a, std::int64_t a_stride, const double* b,
                         std::int64_t b_stride, std::int64_t begin, std::int64_t nb,
                         std::int64_t rows, double* lanes, std::int64_t lanes_stride) noexcept {
  std::int64_t j = begin;
  for (; j + NB <= nb; j += NB) {
    ProductTile<NA, NB>(a, a_stride, b + j * b_stride, b_stride, rows, lanes + j * kLinearLanes,
                        lanes_stride);
  }
  constexpr int kHalf = NB > 1 ? NB / 2 : 1;
  for (; j + kHalf <= nb; j += kHalf) {
    ProductTile<NA, kHalf>(a, a_stride, b + j * b_stride, b_stride, rows, lanes + j * kLinearLanes,
                           lanes_stride);
  }
  for (; j < nb; ++j) {
    ProductTile<NA, 1>(a, a_stride, b + j * b_stride, b_stride, rows, lanes + j * kLinearLanes,
                       lanes_stride);
  }
}

/// lanes[(i * nb + j) * kLinearLanes + lane] += sum over rows of a_i * b_j; with `upper`, tiles
/// wholly below the diagonal are left out (the caller reads i <= j only).
static void AddProducts(const double* a, std::int64_t a_stride, std::int64_t na, const double* b,
                        std::int64_t b_stride, std::int64_t nb, std::int64_t rows, bool upper,
                        double* lanes) noexcept {
  const std::int64_t lanes_stride = nb * kLinearLanes;
  std::int64_t i = 0;
  for (; i + kLinearTileA <= na; i += kLinearTileA) {
    ProductStrip<kLinearTileA, kLinearTileB>(a + i * a_stride, a_stride, b, b_stride, upper ? i : 0,
                                             nb, rows, lanes + i * lanes_stride, lanes_stride);
  }
  for (; i < na; ++i) {
    ProductStrip<1, kLinearWideB>(a + i * a_stride, a_stride, b, b_stride, upper ? i : 0, nb, rows,
                                  lanes + i * lanes_stride, lanes_stride);
  }
}

/// out = weight * z, column by column.
static void ScaleRows(const double* z, std::int64_t z_stride, std::int64_t cols, std::int64_t rows,
                      const double* weight, double* out, std::int64_t out_stride) noexcept {
  for (std::int64_t j = 0; j < cols; ++j) {
    for (std::int64_t i = 0; i < rows; ++i)
      out[j * out_stride + i] = z[j * z_stride + i] * weight[i];
  }
}

static void AddToLanes(const double* values, std::int64_t rows, double* lanes) noexcept {
  for (std::int64_t i = 0; i < rows; i += kLinearLanes) {
    for (int lane = 0; lane < kLinearLanes; ++lane) lanes[lane] += values[i + lane];
  }
}

/// log(1 + e) for e in [0, 1], exact for tiny e.
static inline double LogOnePlus(double e) noexcept {
  const double u = 1.0 + e;
  return Log(u) + (e - (u - 1.0)) / u;
}

/// The same where 1 / (1 + e) is at hand.
static inline double LogOnePlus(double e, double inverse) noexcept {
  const double u = 1.0 + e;
  return Log(u) + (e - (u - 1.0)) * inverse;
}

/// BinomialLoss where all rows weigh 1: the logarithms of a lane's rows are one logarithm of a
/// product, at most 2^(rows / kLinearLanes): rows <= 8000.
static void BinomialLossAlike(const double* margin, const std::int32_t* code, std::int64_t rows,
                              double* residual, double* curvature, double* scratch,
                              double* loss) noexcept {
  double* rest = scratch + rows;
  for (std::int64_t i = 0; i < rows; ++i) {
    const double sign = 1.0 - 2.0 * static_cast<double>(code[i]);
    const double u = sign * margin[i];
    const double e = ExpBelowOne(u < 0 ? u : -u);
    const double one = 1.0 + e;
    const double inverse = 1.0 / one;
    const double miss = (u < 0 ? e : 1.0) * inverse;
    residual[i] = sign * miss;
    scratch[i] = one;
    rest[i] = (u < 0 ? 0.0 : u) + (e - (one - 1.0)) * inverse;
  }
  for (int p = 0; p < kLinearParts; ++p) {
    LinearVector product = LoadLinear(scratch + p * kLinearWidth);
    LinearVector sum = LoadLinear(rest + p * kLinearWidth);
    for (std::int64_t i = kLinearLanes + p * kLinearWidth; i < rows; i += kLinearLanes) {
      product *= LoadLinear(scratch + i);
      sum += LoadLinear(rest + i);
    }
    StoreLinear(scratch + p * kLinearWidth, product);
    StoreLinear(rest + p * kLinearWidth, sum);
  }
  for (int l = 0; l < kLinearLanes; ++l) loss[l] += Log(scratch[l]) + rest[l];
  if (curvature == nullptr) return;
  for (std::int64_t i = 0; i < rows; ++i) {
    const double miss = residual[i] < 0 ? -residual[i] : residual[i];
    curvature[i] = miss * (1.0 - miss);
  }
}

/// Half binomial deviance of margins t and codes 0 / 1, weighted: residual = w (p - y), curvature =
/// w p (1 - p) unless null, loss lanes += w log(1 + exp(-t)) for y = 1, w log(1 + exp(t)) for y =
/// 0. `weight` null: all weigh 1. `scratch`: 2 * rows doubles.
static void BinomialLoss(const double* margin, const std::int32_t* code, const double* weight,
                         std::int64_t rows, double* residual, double* curvature, double* scratch,
                         double* loss) noexcept {
  if (weight == nullptr)
    return BinomialLossAlike(margin, code, rows, residual, curvature, scratch, loss);
  for (std::int64_t i = 0; i < rows; ++i) {
    const double y = static_cast<double>(code[i]);
    const double sign = 1.0 - 2.0 * y;
    const double u = sign * margin[i];  // the further below 0, the better the row is explained
    const double e = Exp(-(u < 0 ? -u : u));
    const double inverse = 1.0 / (1.0 + e);
    const double miss = (u < 0 ? e : 1.0) * inverse;  // 1 - probability of the row's own class
    residual[i] = sign * miss * weight[i];
    scratch[i] = ((u < 0 ? 0.0 : u) + LogOnePlus(e, inverse)) * weight[i];
  }
  AddToLanes(scratch, rows, loss);
  if (curvature == nullptr) return;
  for (std::int64_t i = 0; i < rows; ++i) {
    const double miss = residual[i] < 0 ? -residual[i] : residual[i];
    curvature[i] = weight[i] > 0 ? miss * (1.0 - miss / weight[i]) : 0.0;
  }
}

/// Half multinomial deviance. margin: classes x rows, `stride` apart, replaced by the
/// probabilities; residual likewise = w (p - [class is the row's]). `scratch`: 3 * rows doubles.
static void MultinomialLoss(double* margin, std::int64_t stride, std::int64_t classes,
                            const std::int32_t* code, const double* weight, std::int64_t rows,
                            double* residual, double* scratch, double* loss) noexcept {
  double* peak = scratch;
  double* total = scratch + rows;
  double* own = scratch + 2 * rows;
  for (std::int64_t i = 0; i < rows; ++i) {
    peak[i] = margin[i];
    total[i] = 0;
  }
  for (std::int64_t k = 1; k < classes; ++k) {
    const double* m = margin + k * stride;
    for (std::int64_t i = 0; i < rows; ++i) peak[i] = m[i] > peak[i] ? m[i] : peak[i];
  }
  for (std::int64_t i = 0; i < rows; ++i) own[i] = margin[code[i] * stride + i] - peak[i];
  for (std::int64_t k = 0; k < classes; ++k) {
    double* m = margin + k * stride;
    for (std::int64_t i = 0; i < rows; ++i) {
      m[i] = Exp(m[i] - peak[i]);
      total[i] += m[i];
    }
  }
  for (std::int64_t i = 0; i < rows; ++i) {
    peak[i] = (Log(total[i]) - own[i]) * weight[i];
    total[i] = 1.0 / total[i];
  }
  AddToLanes(peak, rows, loss);
  for (std::int64_t k = 0; k < classes; ++k) {
    double* m = margin + k * stride;
    double* r = residual + k * stride;
    const std::int32_t label = static_cast<std::int32_t>(k);
    for (std::int64_t i = 0; i < rows; ++i) {
      m[i] *= total[i];
      r[i] = (m[i] - (code[i] == label ? 1.0 : 0.0)) * weight[i];
    }
  }
}

/// Probabilities of class 1 from margins.
static void Sigmoids(const double* margin, std::int64_t rows, double* out) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    const double t = margin[i];
    const double e = Exp(-(t < 0 ? -t : t));
    out[i] = (t < 0 ? e : 1.0) / (1.0 + e);
  }
}

/// log(1 / (1 + exp(-t))).
static void LogSigmoids(const double* margin, std::int64_t rows, double* out) noexcept {
  for (std::int64_t i = 0; i < rows; ++i) {
    const double t = margin[i];
    out[i] = (t < 0 ? t : 0.0) - LogOnePlus(Exp(-(t < 0 ? -t : t)));
  }
}

/// Margins (classes x rows, `stride` apart) to probabilities, or to their logarithms, in place.
static void Softmax(double* margin, std::int64_t stride, std::int64_t classes, std::int64_t rows,
                    bool logarithms, double* scratch) noexcept {
  double* peak = scratch;
  double* total = scratch + rows;
  for (std::int64_t i = 0; i < rows; ++i) {
    peak[i] = margin[i];
    total[i] = 0;
  }
  for (std::int64_t k = 1; k < classes; ++k) {
    const double* m = margin + k * stride;
    for (std::int64_t i = 0; i < rows; ++i) peak[i] = m[i] > peak[i] ? m[i] : peak[i];
  }
  for (std::int64_t k = 0; k < classes; ++k) {
    double* m = margin + k * stride;
    for (std::int64_t i = 0; i < rows; ++i) {
      m[i] -= peak[i];
      const double e = Exp(m[i]);
      total[i] += e;
      m[i] = logarithms ? m[i] : e;
    }
  }
  for (std::int64_t i = 0; i < rows; ++i) total[i] = logarithms ? Log(total[i]) : 1.0 / total[i];
  for (std::int64_t k = 0; k < classes; ++k) {
    double* m = margin + k * stride;
    for (std::int64_t i = 0; i < rows; ++i) m[i] = logarithms ? m[i] - total[i] : m[i] * total[i];
  }
}

/// The sum of 4 * kLinearLanes lanes, halves first: the same order whatever the width of a
/// register.
static inline double SumOfLanes(LinearVector (&vectors)[4 * kLinearParts]) noexcept {
  for (int half = 2 * kLinearParts; half >= 1; half /= 2) {
    for (int v = 0; v < half; ++v) vectors[v] += vectors[v + half];
  }
  double lanes[kLinearWidth];
  StoreLinear(lanes, vectors[0]);
  for (int half = kLinearWidth / 2; half >= 1; half /= 2) {
    for (int l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  }
  return lanes[0];
}

/// Mean and sum of squared deviations of one column of a tile, in one pass about its first value (a
/// start near the mean is all the formula needs to be stable).
template <typename T>
static void ScanColumn(const T* values, std::int64_t rows, double* mean, double* m2) noexcept {
  constexpr int kVectors = 4 * kLinearParts;
  constexpr std::int64_t kStep = 4 * kLinearLanes;
  const double origin = static_cast<double>(values[0]);
  LinearVector sums[kVectors] = {};
  LinearVector squares[kVectors] = {};
  std::int64_t i = 0;
  for (; i + kStep <= rows; i += kStep) {
    for (int v = 0; v < kVectors; ++v) {
      const LinearVector d = LoadWidened(values + i + v * kLinearWidth) - origin;
      sums[v] += d;
      squares[v] += d * d;
    }
  }
  double sum = SumOfLanes(sums);
  double square = SumOfLanes(squares);
  for (; i < rows; ++i) {
    const double d = static_cast<double>(values[i]) - origin;
    sum += d;
    square += d * d;
  }
  const double n = static_cast<double>(rows);
  *mean = origin + sum / n;
  const double rest = square - sum * (sum / n);
  *m2 = rest < 0 ? 0 : rest;  // NaN stays NaN: that is how a value that is not finite is found
}

/// Writes the values as float32; false as soon as one does not come back the same (NaN counts as
/// the same).
static bool NarrowExactly(const double* values, std::int64_t rows, float* out) noexcept {
  constexpr std::int64_t kStep = 64;
  for (std::int64_t begin = 0; begin < rows; begin += kStep) {
    const std::int64_t end = begin + kStep < rows ? begin + kStep : rows;
    int different = 0;
    for (std::int64_t i = begin; i < end; ++i) {
      out[i] = static_cast<float>(values[i]);
      const double back = static_cast<double>(out[i]);
      different |= (back == values[i]) | ((back != back) & (values[i] != values[i])) ? 0 : 1;
    }
    if (different != 0) return false;
  }
  return true;
}
