// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// bin(x) = number of thresholds below x, in two steps of 16 comparisons (kernels.h, BinTable).
// Thresholds ascend, so the comparisons that hold are the first ones: their number is the number of
// trailing ones of the mask.

static inline int CountBelow16(const float* thresholds, float x) noexcept {
#if TREELINE_TARGET_AVX512
  const __mmask16 mask =
      _mm512_cmp_ps_mask(_mm512_loadu_ps(thresholds), _mm512_set1_ps(x), _CMP_LT_OQ);
  return __builtin_popcount(BitsOf(mask));
#elif TREELINE_TARGET_AVX2
  const __m256 value = _mm256_set1_ps(x);
  const int low = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(thresholds), value, _CMP_LT_OQ));
  const int high =
      _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(thresholds + 8), value, _CMP_LT_OQ));
  return __builtin_popcount(static_cast<unsigned>(low | high << 8));
#elif TREELINE_X86
  const __m128 value = _mm_set1_ps(x);
  unsigned mask = 0;
  for (int part = 0; part < 4; ++part) {
    const int bits = _mm_movemask_ps(_mm_cmplt_ps(_mm_loadu_ps(thresholds + 4 * part), value));
    mask |= static_cast<unsigned>(bits) << (4 * part);
  }
  return __builtin_ctz(~mask);
#else
  int count = 0;
  for (int i = 0; i < 16; ++i) count += thresholds[i] < x;
  return count;
#endif
}

static inline int CountBelow16(const double* thresholds, double x) noexcept {
#if TREELINE_TARGET_AVX512
  const __m512d value = _mm512_set1_pd(x);
  const unsigned low = BitsOf(_mm512_cmp_pd_mask(_mm512_loadu_pd(thresholds), value, _CMP_LT_OQ));
  const unsigned high =
      BitsOf(_mm512_cmp_pd_mask(_mm512_loadu_pd(thresholds + 8), value, _CMP_LT_OQ));
  return __builtin_popcount(low | high << 8);
#elif TREELINE_TARGET_AVX2
  const __m256d value = _mm256_set1_pd(x);
  unsigned mask = 0;
  for (int part = 0; part < 4; ++part) {
    const int bits = _mm256_movemask_pd(
        _mm256_cmp_pd(_mm256_loadu_pd(thresholds + 4 * part), value, _CMP_LT_OQ));
    mask |= static_cast<unsigned>(bits) << (4 * part);
  }
  return __builtin_popcount(mask);
#elif TREELINE_X86
  const __m128d value = _mm_set1_pd(x);
  unsigned mask = 0;
  for (int part = 0; part < 8; ++part) {
    const int bits = _mm_movemask_pd(_mm_cmplt_pd(_mm_loadu_pd(thresholds + 2 * part), value));
    mask |= static_cast<unsigned>(bits) << (2 * part);
  }
  return __builtin_ctz(~mask);
#else
  int count = 0;
  for (int i = 0; i < 16; ++i) count += thresholds[i] < x;
  return count;
#endif
}

template <typename T>
static inline void BinValues(const BinTable<T>& table, const T* x, std::int64_t n,
                             std::uint8_t* bins) noexcept {
  if (table.n_thresholds < 16) {
    for (std::int64_t i = 0; i < n; ++i) {
      const int bin = CountBelow16(table.fine, x[i]);
      // NOLINTNEXTLINE(misc-redundant-expression): false for NaN
      bins[i] = static_cast<std::uint8_t>(x[i] == x[i] ? bin : kMissingBin);
    }
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const int group = CountBelow16(table.coarse, x[i]);
    const int bin = 16 * group + CountBelow16(table.fine + 16 * group, x[i]);
    // NOLINTNEXTLINE(misc-redundant-expression): false for NaN
    bins[i] = static_cast<std::uint8_t>(x[i] == x[i] ? bin : kMissingBin);
  }
}

static void BinFloats(const BinTable<float>& table, const float* x, std::int64_t n,
                      std::uint8_t* bins) noexcept {
  BinValues(table, x, n, bins);
}

static void BinDoubles(const BinTable<double>& table, const double* x, std::int64_t n,
                       std::uint8_t* bins) noexcept {
  BinValues(table, x, n, bins);
}
