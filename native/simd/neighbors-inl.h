// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Whole numbers: every instruction set has the same sums.

#if defined(TREELINE_TARGET_AVX512)
typedef __m512i NearCodes;
#define NEAR_OP(name) _mm512_##name
#define NEAR_WHOLE(name) _mm512_##name##_si512
static inline std::uint32_t NearMask(NearCodes sum, NearCodes least) noexcept {
  return _mm512_cmpge_epi32_mask(sum, least);
}
#elif defined(TREELINE_TARGET_AVX2)
typedef __m256i NearCodes;
#define NEAR_OP(name) _mm256_##name
#define NEAR_WHOLE(name) _mm256_##name##_si256
static inline std::uint32_t NearMask(NearCodes sum, NearCodes least) noexcept {
  const NearCodes below = _mm256_cmpgt_epi32(least, sum);
  return ~static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(below))) & 0xFFU;
}
#elif defined(__SSE2__)
typedef __m128i NearCodes;
#define NEAR_OP(name) _mm_##name
#define NEAR_WHOLE(name) _mm_##name##_si128
static inline std::uint32_t NearMask(NearCodes sum, NearCodes least) noexcept {
  const NearCodes below = _mm_cmpgt_epi32(least, sum);
  return ~static_cast<std::uint32_t>(_mm_movemask_ps(_mm_castsi128_ps(below))) & 0xFU;
}
#endif

#if defined(NEAR_OP)
static inline NearCodes NearLoad(const std::int32_t* from) noexcept {
  return NEAR_WHOLE(loadu)(reinterpret_cast<const NearCodes*>(from));
}
static void FindNear(const std::int32_t* const* rows, const std::int32_t* least,
                     const std::int32_t* panels, const std::int32_t* half_norms,
                     std::int64_t n_words, std::int64_t n_panels, std::uint16_t* masks) noexcept {
  constexpr int kWidth = static_cast<int>(sizeof(NearCodes) / sizeof(std::int32_t));
  // As many vectors at a time as leave the sums of all rows in registers.
  constexpr int kAtOnce = kNeighborLanes / kWidth < 2 ? 1 : 2;
  for (std::int64_t p = 0; p < n_panels; ++p, panels += n_words * kNeighborLanes) {
    std::uint32_t bits[kNeighborRows] = {};
    for (int first = 0; first < kNeighborLanes; first += kAtOnce * kWidth) {
      NearCodes sum[kNeighborRows][kAtOnce];
      for (int v = 0; v < kAtOnce; ++v) {
        const NearCodes half = NearLoad(half_norms + p * kNeighborLanes + first + v * kWidth);
        for (int i = 0; i < kNeighborRows; ++i)
          sum[i][v] = NEAR_OP(sub_epi32)(NEAR_WHOLE(setzero)(), half);
      }
      const std::int32_t* codes = panels + first;
      for (std::int64_t w = 0; w < n_words; ++w, codes += kNeighborLanes) {
        NearCodes right[kAtOnce];
        for (int v = 0; v < kAtOnce; ++v) right[v] = NearLoad(codes + v * kWidth);
        for (int i = 0; i < kNeighborRows; ++i) {
          const NearCodes left = NEAR_OP(set1_epi32)(rows[i][w]);
          for (int v = 0; v < kAtOnce; ++v)
            sum[i][v] = NEAR_OP(add_epi32)(sum[i][v], NEAR_OP(madd_epi16)(left, right[v]));
        }
      }
      for (int i = 0; i < kNeighborRows; ++i) {
        const NearCodes limit = NEAR_OP(set1_epi32)(least[i]);
        for (int v = 0; v < kAtOnce; ++v)
          bits[i] |= NearMask(sum[i][v], limit) << (first + v * kWidth);
      }
    }
    for (int i = 0; i < kNeighborRows; ++i)
      masks[p * kNeighborRows + i] = static_cast<std::uint16_t>(bits[i]);
  }
}
#undef NEAR_OP
#undef NEAR_WHOLE
#else
static void FindNear(const std::int32_t* const* rows, const std::int32_t* least,
                     const std::int32_t* panels, const std::int32_t* half_norms,
                     std::int64_t n_words, std::int64_t n_panels, std::uint16_t* masks) noexcept {
  for (std::int64_t p = 0; p < n_panels; ++p, panels += n_words * kNeighborLanes) {
    for (int i = 0; i < kNeighborRows; ++i) {
      std::int32_t sum[kNeighborLanes];
      for (int lane = 0; lane < kNeighborLanes; ++lane)
        sum[lane] = -half_norms[p * kNeighborLanes + lane];
      for (std::int64_t w = 0; w < n_words; ++w) {
        const std::int32_t* codes = panels + w * kNeighborLanes;
        const std::int32_t low = static_cast<std::int16_t>(rows[i][w] & 0xFFFF);
        const std::int32_t high = rows[i][w] >> 16;
        for (int lane = 0; lane < kNeighborLanes; ++lane) {
          sum[lane] +=
              low * static_cast<std::int16_t>(codes[lane] & 0xFFFF) + high * (codes[lane] >> 16);
        }
      }
      std::uint32_t bits = 0;
      for (int lane = 0; lane < kNeighborLanes; ++lane)
        bits |= (sum[lane] >= least[i] ? 1U : 0U) << lane;
      masks[p * kNeighborRows + i] = static_cast<std::uint16_t>(bits);
    }
  }
}
#endif

static void BoxSquares(const double* point, std::int64_t cols, const double* low,
                       const double* high, std::int64_t stride, std::int64_t n,
                       double* out) noexcept {
  constexpr int kBoxes = 8;
  for (std::int64_t b = 0; b < n; b += kBoxes) {
    double lanes[4][kBoxes];
    for (int k = 0; k < 4; ++k) {
      double sum[kBoxes];  // one lane at a time: it stays in registers
      for (int box = 0; box < kBoxes; ++box) sum[box] = 0;
      for (std::int64_t j = k; j < cols; j += 4) {
        const double x = point[j];
        const double* const lo = low + j * stride + b;
        const double* const hi = high + j * stride + b;
        for (int box = 0; box < kBoxes; ++box) {
          const double below = lo[box] - x;
          const double above = x - hi[box];
          const double outside = below > above ? below : above;
          const double t = outside > 0 ? outside : 0;
          sum[box] += t * t;
        }
      }
      for (int box = 0; box < kBoxes; ++box) lanes[k][box] = sum[box];
    }
    const std::int64_t wanted = n - b < kBoxes ? n - b : kBoxes;
    for (std::int64_t box = 0; box < wanted; ++box)
      out[b + box] = (lanes[0][box] + lanes[1][box]) + (lanes[2][box] + lanes[3][box]);
  }
}
