// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// One tree over binned rows. Every row has a byte, the number of the leaf it is in so far; split i
// sends the rows of leaf `slot` that lie beyond its limit on to leaf i + 1. So a split costs a
// comparison of bytes for all rows, nothing is read or written but bins, and no branch depends on
// the data.

#if TREELINE_TARGET_AVX512
using RowBytes = __m512i;
constexpr int kRowBytes = 64;
static inline RowBytes LoadBytes(const std::uint8_t* from) noexcept {
  return _mm512_loadu_si512(from);
}
static inline void StoreBytes(std::uint8_t* to, RowBytes x) noexcept { _mm512_storeu_si512(to, x); }
static inline RowBytes Repeat(std::uint8_t x) noexcept {
  return _mm512_set1_epi8(static_cast<char>(x));
}
/// ids, but `next` where they are `slot` and the bin, as a signed byte, is above `limit`.
static inline RowBytes Route(RowBytes ids, RowBytes bins, RowBytes slot, RowBytes limit,
                             RowBytes next) noexcept {
  const __mmask64 here = _mm512_cmpeq_epi8_mask(ids, slot);
  return _mm512_mask_mov_epi8(ids, _mm512_mask_cmpgt_epi8_mask(here, bins, limit), next);
}
/// Above 0, as a signed byte, where the bin is no member of the set.
static inline RowBytes Outside(RowBytes bins, const BinSet& set) noexcept {
  const __m512i powers = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201ULL));
  const __m512i table =
      _mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(set.bytes)));
  const __m512i byte = _mm512_and_si512(_mm512_srli_epi16(bins, 3), _mm512_set1_epi8(31));
  const __m512i bit = _mm512_shuffle_epi8(powers, _mm512_and_si512(bins, _mm512_set1_epi8(7)));
  return _mm512_maskz_set1_epi8(_mm512_testn_epi8_mask(_mm512_permutexvar_epi8(byte, table), bit),
                                1);
}
#elif TREELINE_TARGET_AVX2
using RowBytes = __m256i;
constexpr int kRowBytes = 32;
static inline RowBytes LoadBytes(const std::uint8_t* from) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
static inline void StoreBytes(std::uint8_t* to, RowBytes x) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x);
}
static inline RowBytes Repeat(std::uint8_t x) noexcept {
  return _mm256_set1_epi8(static_cast<char>(x));
}
static inline RowBytes Route(RowBytes ids, RowBytes bins, RowBytes slot, RowBytes limit,
                             RowBytes next) noexcept {
  const __m256i moved =
      _mm256_and_si256(_mm256_cmpeq_epi8(ids, slot), _mm256_cmpgt_epi8(bins, limit));
  return _mm256_blendv_epi8(ids, next, moved);
}
static inline RowBytes Outside(RowBytes bins, const BinSet& set) noexcept {
  const __m256i powers = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
  const auto* halves = reinterpret_cast<const __m128i*>(set.bytes);
  const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(halves));
  const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(halves + 1));
  const __m256i byte = _mm256_and_si256(_mm256_srli_epi16(bins, 3), _mm256_set1_epi8(15));
  const __m256i held =
      _mm256_blendv_epi8(_mm256_shuffle_epi8(low, byte), _mm256_shuffle_epi8(high, byte), bins);
  const __m256i bit = _mm256_shuffle_epi8(powers, _mm256_and_si256(bins, _mm256_set1_epi8(7)));
  return _mm256_abs_epi8(_mm256_cmpeq_epi8(_mm256_and_si256(held, bit), _mm256_setzero_si256()));
}
#elif TREELINE_X86
using RowBytes = __m128i;
constexpr int kRowBytes = 16;
static inline RowBytes LoadBytes(const std::uint8_t* from) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}
static inline void StoreBytes(std::uint8_t* to, RowBytes x) noexcept {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), x);
}
static inline RowBytes Repeat(std::uint8_t x) noexcept {
  return _mm_set1_epi8(static_cast<char>(x));
}
static inline RowBytes Route(RowBytes ids, RowBytes bins, RowBytes slot, RowBytes limit,
                             RowBytes next) noexcept {
  const __m128i moved = _mm_and_si128(_mm_cmpeq_epi8(ids, slot), _mm_cmpgt_epi8(bins, limit));
  return _mm_max_epu8(ids, _mm_and_si128(moved, next));  // next is above every id so far
}
static inline RowBytes Outside(RowBytes bins, const BinSet& set) noexcept {
  std::uint8_t bytes[kRowBytes];
  StoreBytes(bytes, bins);
  for (std::uint8_t& byte : bytes) byte = set.Has(byte) ? 0 : 1;
  return LoadBytes(bytes);
}
#elif TREELINE_TARGET_NEON
using RowBytes = uint8x16_t;
constexpr int kRowBytes = 16;
static inline RowBytes LoadBytes(const std::uint8_t* from) noexcept { return vld1q_u8(from); }
static inline void StoreBytes(std::uint8_t* to, RowBytes x) noexcept { vst1q_u8(to, x); }
static inline RowBytes Repeat(std::uint8_t x) noexcept { return vdupq_n_u8(x); }
static inline RowBytes Route(RowBytes ids, RowBytes bins, RowBytes slot, RowBytes limit,
                             RowBytes next) noexcept {
  const uint8x16_t above = vcgtq_s8(vreinterpretq_s8_u8(bins), vreinterpretq_s8_u8(limit));
  return vbslq_u8(vandq_u8(vceqq_u8(ids, slot), above), next, ids);
}
static inline RowBytes Outside(RowBytes bins, const BinSet& set) noexcept {
  const uint8x16x2_t table = {{vld1q_u8(set.bytes), vld1q_u8(set.bytes + 16)}};
  const uint8x16_t powers = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201ULL));
  const uint8x16_t bit = vqtbl1q_u8(powers, vandq_u8(bins, vdupq_n_u8(7)));
  return vshrq_n_u8(vceqzq_u8(vandq_u8(vqtbl2q_u8(table, vshrq_n_u8(bins, 3)), bit)), 7);
}
#else
struct RowBytes {
  std::uint8_t bytes[16];
};
constexpr int kRowBytes = 16;
static inline RowBytes LoadBytes(const std::uint8_t* from) noexcept {
  RowBytes x;
  for (int i = 0; i < kRowBytes; ++i) x.bytes[i] = from[i];
  return x;
}
static inline void StoreBytes(std::uint8_t* to, RowBytes x) noexcept {
  for (int i = 0; i < kRowBytes; ++i) to[i] = x.bytes[i];
}
static inline RowBytes Repeat(std::uint8_t value) noexcept {
  RowBytes x;
  for (std::uint8_t& byte : x.bytes) byte = value;
  return x;
}
static inline RowBytes Route(RowBytes ids, RowBytes bins, RowBytes slot, RowBytes limit,
                             RowBytes next) noexcept {
  for (int i = 0; i < kRowBytes; ++i) {
    const bool above =
        static_cast<std::int8_t>(bins.bytes[i]) > static_cast<std::int8_t>(limit.bytes[i]);
    if (ids.bytes[i] == slot.bytes[i] && above) ids.bytes[i] = next.bytes[i];
  }
  return ids;
}
static inline RowBytes Outside(RowBytes bins, const BinSet& set) noexcept {
  for (std::uint8_t& byte : bins.bytes) byte = set.Has(byte) ? 0 : 1;
  return bins;
}
#endif

template <bool kHasSets>
static inline void FindLeavesBy(const FlatTree& tree, const std::uint8_t* bins, std::int64_t n_rows,
                                std::uint8_t* leaves) noexcept {
  constexpr int kParts = 8;  // as many as fit in registers
  static_assert(kTileRows % (kParts * kRowBytes) == 0);
  for (std::int64_t row = 0; row < n_rows; row += kParts * kRowBytes) {
    RowBytes ids[kParts];
    for (RowBytes& id : ids) id = Repeat(0);
    for (std::int32_t i = 0; i < tree.n_splits; ++i) {
      const FlatSplit split = tree.splits[i];
      const std::uint8_t* from = bins + split.column * kTileRows + row;
      const RowBytes slot = Repeat(split.slot);
      const RowBytes next = Repeat(static_cast<std::uint8_t>(i + 1));
      if (kHasSets && split.set >= 0) {
        for (int part = 0; part < kParts; ++part) {
          const RowBytes outside =
              Outside(LoadBytes(from + part * kRowBytes), tree.sets[split.set]);
          ids[part] = Route(ids[part], outside, slot, Repeat(0), next);
        }
        continue;
      }
      const RowBytes limit = Repeat(split.limit);
#pragma GCC unroll 8
      for (int part = 0; part < kParts; ++part) {
        ids[part] = Route(ids[part], LoadBytes(from + part * kRowBytes), slot, limit, next);
      }
    }
    for (int part = 0; part < kParts; ++part)
      StoreBytes(leaves + row + part * kRowBytes, ids[part]);
  }
}

static void FindLeaves(const FlatTree& tree, const std::uint8_t* bins, std::int64_t n_rows,
                       std::uint8_t* leaves) noexcept {
  if (tree.sets != nullptr) {
    FindLeavesBy<true>(tree, bins, n_rows, leaves);
  } else {
    FindLeavesBy<false>(tree, bins, n_rows, leaves);
  }
}

static void AddLeafValues(const double* const* values, std::int64_t n_trees,
                          const std::uint8_t* leaves, std::int64_t n_rows,
                          double* scores) noexcept {
  if (n_trees == kTreesAtOnce) {
    for (std::int64_t row = 0; row < n_rows; ++row) {
      double score = scores[row];
#pragma GCC unroll 8
      for (int t = 0; t < kTreesAtOnce; ++t) score += values[t][leaves[t * kTileRows + row]];
      scores[row] = score;
    }
    return;
  }
  for (std::int64_t t = 0; t < n_trees; ++t) {
    for (std::int64_t row = 0; row < n_rows; ++row)
      scores[row] += values[t][leaves[t * kTileRows + row]];
  }
}

/// Column by column: bins + shift.
static void ShiftBins(const std::uint8_t* bins, std::uint8_t shift, std::int64_t n,
                      std::uint8_t* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] = static_cast<std::uint8_t>(bins[i] + shift);
}
