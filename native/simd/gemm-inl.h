// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Register tiles of matrix products. Every product is added by a fused multiply-add: one rounding a
// term on every instruction set, so that the sizes of tiles, which differ, change no bit. Where the
// processor has none (x86 baseline) the C library's correctly rounded fma is slow and the same.

#if defined(TREELINE_TARGET_AVX512)
constexpr int kGemmRows = 8;
constexpr int kGemmVectors = 3;
typedef __m512 GemmF32;
typedef __m512d GemmF64;
#define GEMM_OP(name) _mm512_##name
static inline GemmF64 GemmWiden(const float* from) noexcept {
  return _mm512_cvtps_pd(_mm256_loadu_ps(from));
}
#elif defined(TREELINE_TARGET_AVX2)
constexpr int kGemmRows = 4;
constexpr int kGemmVectors = 3;
typedef __m256 GemmF32;
typedef __m256d GemmF64;
#define GEMM_OP(name) _mm256_##name
static inline GemmF64 GemmWiden(const float* from) noexcept {
  return _mm256_cvtps_pd(_mm_loadu_ps(from));
}
#elif defined(TREELINE_TARGET_NEON)
constexpr int kGemmRows = 4;
constexpr int kGemmVectors = 6;
typedef float32x4_t GemmF32;
typedef float64x2_t GemmF64;
static inline GemmF64 GemmWiden(const float* from) noexcept { return vcvt_f64_f32(vld1_f32(from)); }
#else
constexpr int kGemmRows = 4;
constexpr int kGemmVectors = 4;
typedef float GemmF32;
typedef double GemmF64;
static inline GemmF64 GemmWiden(const float* from) noexcept { return *from; }
#endif

// The few operations of a vector, for float32 and for float64: one line an instruction set.
#define GEMM_VECTOR(Vector, T, all, load, store, fma)                    \
  static inline Vector GemmAll(T x) noexcept { return all; }             \
  static inline Vector GemmLoad(const T* from) noexcept { return load; } \
  static inline void GemmStore(T* to, Vector x) noexcept { store; }      \
  static inline Vector GemmFma(Vector a, Vector b, Vector c) noexcept { return fma; }
#if defined(GEMM_OP)
GEMM_VECTOR(GemmF32, float, GEMM_OP(set1_ps)(x), GEMM_OP(loadu_ps)(from), GEMM_OP(storeu_ps)(to, x),
            GEMM_OP(fmadd_ps)(a, b, c))
GEMM_VECTOR(GemmF64, double, GEMM_OP(set1_pd)(x), GEMM_OP(loadu_pd)(from),
            GEMM_OP(storeu_pd)(to, x), GEMM_OP(fmadd_pd)(a, b, c))
#undef GEMM_OP
#elif defined(TREELINE_TARGET_NEON)
GEMM_VECTOR(GemmF32, float, vdupq_n_f32(x), vld1q_f32(from), vst1q_f32(to, x), vfmaq_f32(c, a, b))
GEMM_VECTOR(GemmF64, double, vdupq_n_f64(x), vld1q_f64(from), vst1q_f64(to, x), vfmaq_f64(c, a, b))
#else
GEMM_VECTOR(GemmF32, float, x, *from, *to = x, __builtin_fmaf(a, b, c))
GEMM_VECTOR(GemmF64, double, x, *from, *to = x, __builtin_fma(a, b, c))
#endif
#undef GEMM_VECTOR

/// One term more of each sum of a tile.
template <typename T, typename Vector, int kVectors>
[[gnu::always_inline]] static inline void AddGemmTerm(const T* const (&rows)[kGemmRows],
                                                      std::int64_t at, const T* b,
                                                      Vector (&sum)[kGemmRows][kVectors]) noexcept {
  constexpr int kWidth = static_cast<int>(sizeof(Vector) / sizeof(T));
  Vector right[kVectors];
  for (int v = 0; v < kVectors; ++v) right[v] = GemmLoad(b + v * kWidth);
  for (int i = 0; i < kGemmRows; ++i) {
    const Vector left = GemmAll(rows[i][at]);
    for (int v = 0; v < kVectors; ++v) sum[i][v] = GemmFma(left, right[v], sum[i][v]);
  }
}

/// A tile of the first kVectors of a panel's vectors.
template <typename T, typename Vector, int kVectors>
static void ComputeGemmVectors(const GemmTile<T>& tile) noexcept {
  constexpr int kWidth = static_cast<int>(sizeof(Vector) / sizeof(T));
  constexpr int kCols = kWidth * kGemmVectors;
  const std::int64_t depth = tile.depth;  // read once: no store may change it
  const std::int64_t step = tile.a_depth;
  const std::int64_t c_row = tile.c_row;
  T* const c = tile.c;
  const bool add = tile.add;
  Vector sum[kGemmRows][kVectors];
  const T* rows[kGemmRows];
  for (int i = 0; i < kGemmRows; ++i) {
    rows[i] = tile.a + i * tile.a_row;
    for (int v = 0; v < kVectors; ++v) sum[i][v] = GemmAll(T{0});
    for (int j = 0; j < kVectors * kWidth; j += 64 / static_cast<int>(sizeof(T)))
      __builtin_prefetch(c + i * c_row + j, 1);  // far apart, and needed at the end
  }
  const T* b = tile.b;
  std::int64_t at = 0;
  std::int64_t k = 0;
  for (; k + 4 <= depth; k += 4, at += 4 * step, b += 4 * kCols) {
    AddGemmTerm(rows, at, b, sum);
    AddGemmTerm(rows, at + step, b + kCols, sum);
    AddGemmTerm(rows, at + 2 * step, b + 2 * kCols, sum);
    AddGemmTerm(rows, at + 3 * step, b + 3 * kCols, sum);
  }
  for (; k < depth; ++k, at += step, b += kCols) AddGemmTerm(rows, at, b, sum);
  for (int i = 0; i < kGemmRows; ++i) {
    T* const to = c + i * c_row;
    for (int v = 0; v < kVectors; ++v)
      GemmStore(to + v * kWidth, add ? GemmLoad(to + v * kWidth) + sum[i][v] : sum[i][v]);
  }
}

template <typename T, typename Vector, int kVectors = kGemmVectors>
static void ComputeGemmTile(const GemmTile<T>& tile) noexcept {
  constexpr std::int64_t kWidth = static_cast<std::int64_t>(sizeof(Vector) / sizeof(T));
  if constexpr (kVectors > 1) {
    if (tile.cols <= (kVectors - 1) * kWidth) return ComputeGemmTile<T, Vector, kVectors - 1>(tile);
  }
  ComputeGemmVectors<T, Vector, kVectors>(tile);
}

static inline GemmF64 GemmWiden(const double* from) noexcept { return GemmLoad(from); }

/// Rows of kWhole whole vectors and some numbers more.
template <typename T, int kWhole>
static void PackGemmRows(const T* x, std::int64_t stride, std::int64_t count, std::int64_t width,
                         const double* shift, double* panel, double* sums) noexcept {
  constexpr int kWidth = static_cast<int>(sizeof(GemmF64) / sizeof(double));
  constexpr int kCols = kWidth * kGemmVectors;
  GemmF64 apart[kWhole + 1];
  GemmF64 sum[kWhole + 1];
  for (int v = 0; v < kWhole; ++v) {
    apart[v] = GemmLoad(shift + v * kWidth);
    sum[v] = GemmLoad(sums + v * kWidth);
  }
  for (std::int64_t k = 0; k < count; ++k, x += stride, panel += kCols) {
    for (int v = 0; v < kWhole; ++v) {
      const GemmF64 value = GemmWiden(x + v * kWidth) - apart[v];
      sum[v] = sum[v] + value;
      GemmStore(panel + v * kWidth, value);
    }
    if (kWhole == kGemmVectors) continue;
    for (std::int64_t j = kWhole * kWidth; j < width; ++j) {
      panel[j] = static_cast<double>(x[j]) - shift[j];
      sums[j] += panel[j];
    }
    for (std::int64_t j = width; j < kCols; ++j) panel[j] = 0;
  }
  for (int v = 0; v < kWhole; ++v) GemmStore(sums + v * kWidth, sum[v]);
}

template <typename T, int kWhole = kGemmVectors>
static void GemmPackRows(const T* x, std::int64_t stride, std::int64_t count, std::int64_t width,
                         const double* shift, double* panel, double* sums) noexcept {
  constexpr int kWidth = static_cast<int>(sizeof(GemmF64) / sizeof(double));
  if constexpr (kWhole > 0) {
    if (width < kWhole * kWidth)
      return GemmPackRows<T, kWhole - 1>(x, stride, count, width, shift, panel, sums);
  }
  PackGemmRows<T, kWhole>(x, stride, count, width, shift, panel, sums);
}

static consteval GemmKernels MakeGemmKernels() {
  return {kGemmRows,
          static_cast<std::int64_t>(sizeof(GemmF32) / sizeof(float)) * kGemmVectors,
          static_cast<std::int64_t>(sizeof(GemmF64) / sizeof(double)) * kGemmVectors,
          ComputeGemmTile<float, GemmF32>,
          ComputeGemmTile<double, GemmF64>,
          GemmPackRows<float>,
          GemmPackRows<double>};
}
