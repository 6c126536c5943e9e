// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// Loops over columns of uint8 bins, 64 rows at a time. A split sends the rows with (bin + shift)
// mod 256 <= limit left: with shift 0 the missing bin 255 goes right, with shift 1 it becomes 0 and
// goes left.

#if TREELINE_TARGET_AVX512
static inline __m512i Iota16() noexcept {
  const __m256i bytes =
      _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                       22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
  return _mm512_cvtepu8_epi16(bytes);
}
#endif

#if TREELINE_TARGET_AVX512
/// The bits of a mask in a general register. GCC 12 may spill a 16-bit mask as two bytes and read
/// four back for popcnt (seen under -fsanitize=thread); the empty asm makes it widen the mask
/// first.
static inline unsigned BitsOf(__mmask16 mask) noexcept {
  unsigned bits = mask;
  __asm__ volatile("" : "+r"(bits));
  return bits;
}
#endif

/// Bit i: (bins[i] + shift) mod 256 <= limit, for 64 bins.
static inline std::uint64_t CompareBins64(const std::uint8_t* bins, std::uint8_t shift,
                                          std::uint8_t limit) noexcept {
#if TREELINE_TARGET_AVX512
  const __m512i x =
      _mm512_add_epi8(_mm512_loadu_si512(bins), _mm512_set1_epi8(static_cast<char>(shift)));
  return _mm512_cmple_epu8_mask(x, _mm512_set1_epi8(static_cast<char>(limit)));
#elif TREELINE_TARGET_AVX2
  const __m256i shifts = _mm256_set1_epi8(static_cast<char>(shift));
  const __m256i limits = _mm256_set1_epi8(static_cast<char>(limit));
  std::uint64_t mask = 0;
  for (int part = 0; part < 2; ++part) {
    const auto* from = reinterpret_cast<const __m256i*>(bins + 32 * part);
    const __m256i x = _mm256_add_epi8(_mm256_loadu_si256(from), shifts);
    const __m256i le = _mm256_cmpeq_epi8(_mm256_min_epu8(x, limits), x);
    mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(le)))
            << (32 * part);
  }
  return mask;
#elif TREELINE_X86
  const __m128i shifts = _mm_set1_epi8(static_cast<char>(shift));
  const __m128i limits = _mm_set1_epi8(static_cast<char>(limit));
  std::uint64_t mask = 0;
  for (int part = 0; part < 4; ++part) {
    const auto* from = reinterpret_cast<const __m128i*>(bins + 16 * part);
    const __m128i x = _mm_add_epi8(_mm_loadu_si128(from), shifts);
    const __m128i le = _mm_cmpeq_epi8(_mm_min_epu8(x, limits), x);
    mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(le)))
            << (16 * part);
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; ++i) {
    const auto x = static_cast<std::uint8_t>(bins[i] + shift);
    mask |= static_cast<std::uint64_t>(x <= limit) << i;
  }
  return mask;
#endif
}

/// Splits the rows of a bitmap of `words` * 64 rows: `rows` keeps those that go left, `right` gets
/// the others. Returns how many went left.
static std::int64_t SplitBitmap(const std::uint8_t* bins, std::int64_t words, std::uint8_t shift,
                                std::uint8_t limit, std::uint64_t* rows,
                                std::uint64_t* right) noexcept {
  std::int64_t n_left = 0;
  for (std::int64_t w = 0; w < words; ++w) {
    const std::uint64_t le = CompareBins64(bins + 64 * w, shift, limit);
    right[w] = rows[w] & ~le;
    rows[w] &= le;
    n_left += __builtin_popcountll(rows[w]);
  }
  return n_left;
}

/// How many rows of a bitmap go left.
static std::int64_t CountBitmap(const std::uint8_t* bins, std::int64_t words, std::uint8_t shift,
                                std::uint8_t limit, const std::uint64_t* rows) noexcept {
  std::int64_t n_left = 0;
  for (std::int64_t w = 0; w < words; ++w) {
    n_left += __builtin_popcountll(rows[w] & CompareBins64(bins + 64 * w, shift, limit));
  }
  return n_left;
}

/// Splits a list of row numbers, order kept: the left ones stay in `list` (from its start), the
/// right ones go to `right`. Both need room for 16 entries more than they hold; `bins` is readable
/// 3 bytes beyond its last row.
static std::int64_t SplitList(const std::uint8_t* bins, std::int64_t n, std::uint8_t shift,
                              std::uint8_t limit, std::uint16_t* list,
                              std::uint16_t* right) noexcept {
  std::int64_t n_left = 0;
  std::int64_t i = 0;
#if TREELINE_TARGET_AVX512
  const __m512i low_byte = _mm512_set1_epi32(255);
  const __m512i shifts = _mm512_set1_epi32(shift);
  const __m512i limits = _mm512_set1_epi32(limit);
  for (; i + 16 <= n; i += 16) {
    const __m256i rows = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(list + i));
    const __m512i gathered = _mm512_i32gather_epi32(_mm512_cvtepu16_epi32(rows), bins, 1);
    const __m512i x = _mm512_and_si512(_mm512_add_epi32(gathered, shifts), low_byte);
    const unsigned bits = BitsOf(_mm512_cmple_epu32_mask(x, limits));
    const auto le = static_cast<__mmask16>(bits);
    const auto not_le = static_cast<__mmask16>(~bits);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(list + n_left),
                        _mm256_maskz_compress_epi16(le, rows));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(right + (i - n_left)),
                        _mm256_maskz_compress_epi16(not_le, rows));
    n_left += __builtin_popcount(bits);
  }
#endif
  for (; i < n; ++i) {
    const std::uint16_t row = list[i];
    const bool le = static_cast<std::uint8_t>(bins[row] + shift) <= limit;
    list[n_left] = row;
    right[i - n_left] = row;
    n_left += le;
  }
  return n_left;
}

/// How many rows of a list go left.
static std::int64_t CountList(const std::uint8_t* bins, std::int64_t n, std::uint8_t shift,
                              std::uint8_t limit, const std::uint16_t* list) noexcept {
  std::int64_t n_left = 0;
  for (std::int64_t i = 0; i < n; ++i)
    n_left += static_cast<std::uint8_t>(bins[list[i]] + shift) <= limit;
  return n_left;
}

/// Row numbers of the set bits, ascending; `out` needs room for 64 more than there are. Returns how
/// many.
static std::int64_t ExpandBitmap(const std::uint64_t* rows, std::int64_t words,
                                 std::uint16_t* out) noexcept {
  std::int64_t n = 0;
  for (std::int64_t w = 0; w < words; ++w) {
    std::uint64_t bits = rows[w];
#if TREELINE_TARGET_AVX512
    const __m512i first = _mm512_add_epi16(_mm512_set1_epi16(static_cast<short>(64 * w)), Iota16());
    const __m512i second = _mm512_add_epi16(first, _mm512_set1_epi16(32));
    const auto low = static_cast<__mmask32>(bits);
    const auto high = static_cast<__mmask32>(bits >> 32);
    _mm512_storeu_si512(out + n, _mm512_maskz_compress_epi16(low, first));
    n += __builtin_popcount(low);
    _mm512_storeu_si512(out + n, _mm512_maskz_compress_epi16(high, second));
    n += __builtin_popcount(high);
#else
    while (bits != 0) {
      out[n++] = static_cast<std::uint16_t>(64 * w + __builtin_ctzll(bits));
      bits &= bits - 1;
    }
#endif
  }
  return n;
}

/// ids[row] = id for every row of a bitmap.
static void MarkBitmap(const std::uint64_t* rows, std::int64_t words, std::uint16_t id,
                       std::uint16_t* ids) noexcept {
  for (std::int64_t w = 0; w < words; ++w) {
    std::uint64_t bits = rows[w];
#if TREELINE_TARGET_AVX512
    const __m512i value = _mm512_set1_epi16(static_cast<short>(id));
    _mm512_mask_storeu_epi16(ids + 64 * w, static_cast<__mmask32>(bits), value);
    _mm512_mask_storeu_epi16(ids + 64 * w + 32, static_cast<__mmask32>(bits >> 32), value);
#else
    while (bits != 0) {
      ids[64 * w + __builtin_ctzll(bits)] = id;
      bits &= bits - 1;
    }
#endif
  }
}
