// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// Loops over columns of uint8 bins, 64 rows at a time. A BinTest says which go left: those with
// (bin + shift) mod 256 <= limit (with shift 0 the missing bin 255 goes right, with shift 1 it
// becomes 0 and goes left), or the members of a set of bins.

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

/// Bit i: bins[i] is a member of the set, for 64 bins.
static inline std::uint64_t MemberBins64(const std::uint8_t* bins,
                                         const std::uint8_t* set) noexcept {
#if TREELINE_TARGET_AVX512
  const __m512i powers = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201ULL));
  const __m512i table =
      _mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(set)));
  const __m512i x = _mm512_loadu_si512(bins);
  const __m512i byte = _mm512_and_si512(_mm512_srli_epi16(x, 3), _mm512_set1_epi8(31));
  const __m512i bit = _mm512_and_si512(x, _mm512_set1_epi8(7));
  return _mm512_test_epi8_mask(_mm512_permutexvar_epi8(byte, table),
                               _mm512_shuffle_epi8(powers, bit));
#elif TREELINE_TARGET_AVX2
  const __m256i powers = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL));
  const auto* halves = reinterpret_cast<const __m128i*>(set);
  const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128(halves));
  const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128(halves + 1));
  std::uint64_t mask = 0;
  for (int part = 0; part < 2; ++part) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bins + 32 * part));
    const __m256i byte = _mm256_and_si256(_mm256_srli_epi16(x, 3), _mm256_set1_epi8(15));
    const __m256i held =
        _mm256_blendv_epi8(_mm256_shuffle_epi8(low, byte), _mm256_shuffle_epi8(high, byte), x);
    const __m256i bit = _mm256_shuffle_epi8(powers, _mm256_and_si256(x, _mm256_set1_epi8(7)));
    const __m256i in = _mm256_cmpeq_epi8(_mm256_and_si256(held, bit), bit);
    mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm256_movemask_epi8(in)))
            << (32 * part);
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; ++i)
    mask |= static_cast<std::uint64_t>((set[bins[i] >> 3] >> (bins[i] & 7)) & 1) << i;
  return mask;
#endif
}

/// A BinTest that compares.
struct Compared {
  std::uint8_t shift, limit;
  std::uint64_t Left64(const std::uint8_t* bins) const noexcept {
    return CompareBins64(bins, shift, limit);
  }
  bool IsLeft(std::uint8_t bin) const noexcept {
    return static_cast<std::uint8_t>(bin + shift) <= limit;
  }
#if TREELINE_TARGET_AVX512
  /// Of 16 bins in the low bytes of their lanes.
  __mmask16 Left16(__m512i lanes) const noexcept {
    const __m512i x = _mm512_add_epi32(lanes, _mm512_set1_epi32(shift));
    return _mm512_cmple_epu32_mask(_mm512_and_si512(x, _mm512_set1_epi32(255)),
                                   _mm512_set1_epi32(limit));
  }
#endif
};

/// A BinTest that looks bins up in a set.
struct Contained {
  const std::uint8_t* set;
  std::uint64_t Left64(const std::uint8_t* bins) const noexcept { return MemberBins64(bins, set); }
  bool IsLeft(std::uint8_t bin) const noexcept { return ((set[bin >> 3] >> (bin & 7)) & 1) != 0; }
#if TREELINE_TARGET_AVX512
  __mmask16 Left16(__m512i lanes) const noexcept {
    const __m512i table =
        _mm512_castsi256_si512(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(set)));
    const __m512i word = _mm512_and_si512(_mm512_srli_epi32(lanes, 5), _mm512_set1_epi32(7));
    const __m512i held = _mm512_permutexvar_epi32(word, table);
    const __m512i bit = _mm512_and_si512(lanes, _mm512_set1_epi32(31));
    return _mm512_test_epi32_mask(_mm512_srlv_epi32(held, bit), _mm512_set1_epi32(1));
  }
#endif
};

template <typename Test>
static inline std::int64_t SplitBitmapBy(Test test, const std::uint8_t* bins, std::int64_t words,
                                         std::uint64_t* rows, std::uint64_t* right) noexcept {
  std::int64_t n_left = 0;
  for (std::int64_t w = 0; w < words; ++w) {
    const std::uint64_t left = test.Left64(bins + 64 * w);
    right[w] = rows[w] & ~left;
    rows[w] &= left;
    n_left += __builtin_popcountll(rows[w]);
  }
  return n_left;
}

/// Splits the rows of a bitmap of `words` * 64 rows: `rows` keeps those that go left, `right` gets
/// the others. Returns how many went left.
static std::int64_t SplitBitmap(const std::uint8_t* bins, std::int64_t words, const BinTest& test,
                                std::uint64_t* rows, std::uint64_t* right) noexcept {
  return test.set != nullptr
             ? SplitBitmapBy(Contained{test.set}, bins, words, rows, right)
             : SplitBitmapBy(Compared{test.shift, test.limit}, bins, words, rows, right);
}

template <typename Test>
static inline std::int64_t SplitListBy(Test test, const std::uint8_t* bins, std::int64_t n,
                                       std::uint16_t* list, std::uint16_t* right) noexcept {
  std::int64_t n_left = 0;
  std::int64_t i = 0;
#if TREELINE_TARGET_AVX512
  const __m512i low_byte = _mm512_set1_epi32(255);
  for (; i + 16 <= n; i += 16) {
    const __m256i rows = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(list + i));
    const __m512i gathered = _mm512_i32gather_epi32(_mm512_cvtepu16_epi32(rows), bins, 1);
    const unsigned bits = BitsOf(test.Left16(_mm512_and_si512(gathered, low_byte)));
    const auto is_left = static_cast<__mmask16>(bits);
    const auto is_right = static_cast<__mmask16>(~bits);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(list + n_left),
                        _mm256_maskz_compress_epi16(is_left, rows));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(right + (i - n_left)),
                        _mm256_maskz_compress_epi16(is_right, rows));
    n_left += __builtin_popcount(bits);
  }
#endif
  for (; i < n; ++i) {
    const std::uint16_t row = list[i];
    const bool is_left = test.IsLeft(bins[row]);
    list[n_left] = row;
    right[i - n_left] = row;
    n_left += is_left;
  }
  return n_left;
}

/// Splits a list of row numbers, order kept: the left ones stay in `list` (from its start), the
/// right ones go to `right`. Both need room for 16 entries more than they hold; `bins` is readable
/// 3 bytes beyond its last row.
static std::int64_t SplitList(const std::uint8_t* bins, std::int64_t n, const BinTest& test,
                              std::uint16_t* list, std::uint16_t* right) noexcept {
  return test.set != nullptr ? SplitListBy(Contained{test.set}, bins, n, list, right)
                             : SplitListBy(Compared{test.shift, test.limit}, bins, n, list, right);
}

#if !TREELINE_TARGET_AVX512
/// Of every byte the positions of its set bits, and behind them zeros.
struct BitPositions {
  std::uint8_t of[256][8] = {};
  consteval BitPositions() {
    for (int byte = 0; byte < 256; ++byte) {
      int n = 0;
      for (int bit = 0; bit < 8; ++bit) {
        if ((byte >> bit & 1) != 0) of[byte][n++] = static_cast<std::uint8_t>(bit);
      }
    }
  }
};
alignas(64) static constexpr BitPositions kBitPositions;

/// Row numbers of the set bits of a word, from `base` on; writes up to 8 more.
static inline void ExpandWord(std::uint64_t bits, int count, std::int64_t base,
                              std::uint16_t* out) noexcept {
  constexpr int kFew = 6;
  if (count <= kFew) {  // a loop of fewer lengths is foreseen better
    for (int k = 0; k < count; k += 3) {
      for (int i = 0; i < 3; ++i) {
        const int bit = __builtin_ctzll(bits | std::uint64_t{1} << 63);
        out[k + i] = static_cast<std::uint16_t>(base + bit);
        bits &= bits - 1;
      }
    }
    return;
  }
  for (int k = 0; k < 8; ++k) {
    const auto byte = static_cast<unsigned>(bits & 0xff);
    for (int i = 0; i < 8; ++i)
      out[i] = static_cast<std::uint16_t>(base + 8 * k + kBitPositions.of[byte][i]);
    out += __builtin_popcount(byte);
    bits >>= 8;
  }
}
#endif

/// Row numbers of the set bits, ascending; `out` needs room for 64 more than there are. Returns how
/// many.
static std::int64_t ExpandBitmap(const std::uint64_t* rows, std::int64_t words,
                                 std::uint16_t* out) noexcept {
  std::int64_t n = 0;
  for (std::int64_t w = 0; w < words; ++w) {
    const std::uint64_t bits = rows[w];
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
    const int count = __builtin_popcountll(bits);
    ExpandWord(bits, count, 64 * w, out + n);
    n += count;
#endif
  }
  return n;
}

/// marks[i] = 1 where bins[i] is one of `count` bins from `first` on, else 0.
static void MarkRange(const std::uint16_t* bins, std::int64_t n, std::uint16_t first,
                      std::uint16_t count, std::uint8_t* marks) noexcept {
  for (std::int64_t i = 0; i < n; ++i)
    marks[i] = static_cast<std::uint16_t>(bins[i] - first) < count ? 1 : 0;
}
