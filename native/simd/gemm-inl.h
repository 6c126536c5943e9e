// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Register tiles of matrix products. Every product is added by a fused multiply-add: one rounding a
// term on every instruction set, so that the sizes of tiles, which differ, change no bit. Where the
// processor has none (x86 baseline) the C library's correctly rounded fma is slow and the same.

#if defined(TREELINE_TARGET_AVX512)
constexpr int kGemmRows = 8;
constexpr int kGemmVectors = 2;
typedef __m512 GemmF32;
typedef __m512d GemmF64;
static inline GemmF32 GemmAll(float x) noexcept { return _mm512_set1_ps(x); }
static inline GemmF64 GemmAll(double x) noexcept { return _mm512_set1_pd(x); }
static inline GemmF32 GemmLoad(const float* from) noexcept { return _mm512_loadu_ps(from); }
static inline GemmF64 GemmLoad(const double* from) noexcept { return _mm512_loadu_pd(from); }
static inline void GemmStore(float* to, GemmF32 x) noexcept { _mm512_storeu_ps(to, x); }
static inline void GemmStore(double* to, GemmF64 x) noexcept { _mm512_storeu_pd(to, x); }
static inline GemmF32 GemmFma(GemmF32 a, GemmF32 b, GemmF32 c) noexcept {
  return _mm512_fmadd_ps(a, b, c);
}
static inline GemmF64 GemmFma(GemmF64 a, GemmF64 b, GemmF64 c) noexcept {
  return _mm512_fmadd_pd(a, b, c);
}
#elif defined(TREELINE_TARGET_AVX2)
constexpr int kGemmRows = 4;
constexpr int kGemmVectors = 3;
typedef __m256 GemmF32;
typedef __m256d GemmF64;
static inline GemmF32 GemmAll(float x) noexcept { return _mm256_set1_ps(x); }
static inline GemmF64 GemmAll(double x) noexcept { return _mm256_set1_pd(x); }
static inline GemmF32 GemmLoad(const float* from) noexcept { return _mm256_loadu_ps(from); }
static inline GemmF64 GemmLoad(const double* from) noexcept { return _mm256_loadu_pd(from); }
static inline void GemmStore(float* to, GemmF32 x) noexcept { _mm256_storeu_ps(to, x); }
static inline void GemmStore(double* to, GemmF64 x) noexcept { _mm256_storeu_pd(to, x); }
static inline GemmF32 GemmFma(GemmF32 a, GemmF32 b, GemmF32 c) noexcept {
  return _mm256_fmadd_ps(a, b, c);
}
static inline GemmF64 GemmFma(GemmF64 a, GemmF64 b, GemmF64 c) noexcept {
  return _mm256_fmadd_pd(a, b, c);
}
#elif defined(TREELINE_TARGET_NEON)
constexpr int kGemmRows = 4;
constexpr int kGemmVectors = 6;
typedef float32x4_t GemmF32;
typedef float64x2_t GemmF64;
static inline GemmF32 GemmAll(float x) noexcept { return vdupq_n_f32(x); }
static inline GemmF64 GemmAll(double x) noexcept { return vdupq_n_f64(x); }
static inline GemmF32 GemmLoad(const float* from) noexcept { return vld1q_f32(from); }
static inline GemmF64 GemmLoad(const double* from) noexcept { return vld1q_f64(from); }
static inline void GemmStore(float* to, GemmF32 x) noexcept { vst1q_f32(to, x); }
static inline void GemmStore(double* to, GemmF64 x) noexcept { vst1q_f64(to, x); }
static inline GemmF32 GemmFma(GemmF32 a, GemmF32 b, GemmF32 c) noexcept {
  return vfmaq_f32(c, a, b);
}
static inline GemmF64 GemmFma(GemmF64 a, GemmF64 b, GemmF64 c) noexcept {
  return vfmaq_f64(c, a, b);
}
#else
constexpr int kGemmRows = 4;
constexpr int kGemmVectors = 4;
typedef float GemmF32;
typedef double GemmF64;
static inline float GemmAll(float x) noexcept { return x; }
static inline double GemmAll(double x) noexcept { return x; }
static inline float GemmLoad(const float* from) noexcept { return *from; }
static inline double GemmLoad(const double* from) noexcept { return *from; }
static inline void GemmStore(float* to, float x) noexcept { *to = x; }
static inline void GemmStore(double* to, double x) noexcept { *to = x; }
static inline float GemmFma(float a, float b, float c) noexcept { return __builtin_fmaf(a, b, c); }
static inline double GemmFma(double a, double b, double c) noexcept {
  return __builtin_fma(a, b, c);
}
#endif

template <typename T, typename Vector>
static inline void ComputeGemmTile(const GemmTile<T>& tile) noexcept {
  constexpr int kWidth = static_cast<int>(sizeof(Vector) / sizeof(T));
  constexpr int kCols = kWidth * kGemmVectors;
  Vector sum[kGemmRows][kGemmVectors];
  for (int i = 0; i < kGemmRows; ++i) {
    for (int v = 0; v < kGemmVectors; ++v) sum[i][v] = GemmAll(T{0});
  }
  const T* rows[kGemmRows];
  for (int i = 0; i < kGemmRows; ++i) {
    rows[i] = tile.a + i * tile.a_row;
    for (int j = 0; j < kCols; j += 64 / static_cast<int>(sizeof(T)))
      __builtin_prefetch(tile.c + i * tile.c_row + j, 1);  // far apart, and needed at the end
  }
  const std::int64_t step = tile.a_depth;
  const T* b = tile.b;
  std::int64_t at = 0;
  for (std::int64_t k = 0; k < tile.depth; ++k, at += step, b += kCols) {
    Vector right[kGemmVectors];
    for (int v = 0; v < kGemmVectors; ++v) right[v] = GemmLoad(b + v * kWidth);
    for (int i = 0; i < kGemmRows; ++i) {
      const Vector left = GemmAll(rows[i][at]);
      for (int v = 0; v < kGemmVectors; ++v) sum[i][v] = GemmFma(left, right[v], sum[i][v]);
    }
  }
  for (int i = 0; i < kGemmRows; ++i) {
    T* to = tile.c + i * tile.c_row;
    for (int v = 0; v < kGemmVectors; ++v, to += kWidth)
      GemmStore(to, tile.add ? GemmLoad(to) + sum[i][v] : sum[i][v]);
  }
}

static void GemmTileF32(const GemmTile<float>& tile) noexcept {
  ComputeGemmTile<float, GemmF32>(tile);
}
static void GemmTileF64(const GemmTile<double>& tile) noexcept {
  ComputeGemmTile<double, GemmF64>(tile);
}

template <typename T>
static void GemmPackRows(const T* x, std::int64_t stride, std::int64_t count, std::int64_t width,
                         const double* shift, double* panel) noexcept {
  constexpr int kCols = static_cast<int>(sizeof(GemmF64) / sizeof(double)) * kGemmVectors;
  if (width == kCols) {
    for (std::int64_t k = 0; k < count; ++k, x += stride, panel += kCols) {
      for (int j = 0; j < kCols; ++j) panel[j] = static_cast<double>(x[j]) - shift[j];
    }
    return;
  }
  for (std::int64_t k = 0; k < count; ++k, x += stride, panel += kCols) {
    for (std::int64_t j = 0; j < width; ++j) panel[j] = static_cast<double>(x[j]) - shift[j];
    for (std::int64_t j = width; j < kCols; ++j) panel[j] = 0;
  }
}

static consteval GemmKernels MakeGemmKernels() {
  return {kGemmRows,
          static_cast<std::int64_t>(sizeof(GemmF32) / sizeof(float)) * kGemmVectors,
          static_cast<std::int64_t>(sizeof(GemmF64) / sizeof(double)) * kGemmVectors,
          GemmTileF32,
          GemmTileF64,
          GemmPackRows<float>,
          GemmPackRows<double>};
}
