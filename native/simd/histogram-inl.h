// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.

/// Byte `j` of a word; the compiler knows j.
static inline std::uint64_t ByteOf(std::uint64_t word, int j) noexcept {
#if TREELINE_TARGET_AVX512 || TREELINE_TARGET_AVX2
  return j == 7 ? word >> 56 : _bextr_u64(word, 8 * static_cast<unsigned>(j), 8);
#else
  return (word >> (8 * j)) & 0xff;
#endif
}

/// Up to eight columns of one row, whose codes are loaded at once.
template <int kColumns>
static inline void AddWord(const std::uint8_t* codes, std::int64_t summand,
                           std::int64_t* sums) noexcept {
  std::uint64_t word;
  __builtin_memcpy(&word, codes, sizeof(word));
#pragma GCC unroll 8
  for (int j = 0; j < kColumns; ++j)
    sums[j * kSumStride + static_cast<std::int64_t>(ByteOf(word, j))] += summand;
}

/// One addition per (row, column): the loop that a fit spends most of its time in. The number of
/// columns is a constant, so that the compiler unrolls it completely. No instruction set does
/// better than one read-modify-write a cycle.
template <int kColumns>
static void AddRows(const std::uint8_t* codes, std::int64_t record_bytes,
                    const std::int64_t* summands, std::int64_t n, std::int64_t* sums) noexcept {
  constexpr int kFirst = kColumns < 8 ? kColumns : 8;
  for (std::int64_t row = 0; row < n; ++row) {
    AddWord<kFirst>(codes, summands[row], sums);
    AddWord<kColumns - kFirst>(codes + (kColumns > 8 ? 8 : 0), summands[row],
                               sums + kFirst * kSumStride);
    codes += record_bytes;
  }
}

/// sums[i] = sum over the parts of part[i]; rest[i] -= sums[i], unless rest is nullptr; the parts
/// become 0.
static void MergeSums(std::int64_t* const* parts, std::int64_t n_parts, std::int64_t n,
                      std::int64_t* sums, std::int64_t* rest) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    sums[i] = parts[0][i];
    parts[0][i] = 0;
  }
  for (std::int64_t k = 1; k < n_parts; ++k) {
    for (std::int64_t i = 0; i < n; ++i) {
      sums[i] += parts[k][i];
      parts[k][i] = 0;
    }
  }
  if (rest == nullptr) return;
  for (std::int64_t i = 0; i < n; ++i) rest[i] -= sums[i];
}

static consteval HistogramKernels MakeHistogramKernels() {
  return {{AddRows<1>, AddRows<2>, AddRows<3>, AddRows<4>, AddRows<5>, AddRows<6>, AddRows<7>,
           AddRows<8>, AddRows<9>, AddRows<10>, AddRows<11>, AddRows<12>, AddRows<13>, AddRows<14>,
           AddRows<15>, AddRows<16>},
          MergeSums};
}
