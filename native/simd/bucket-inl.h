// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// bin(x) = number of thresholds below x, by a look-up: an increasing function takes values to
// buckets so narrow that hardly one holds two thresholds; a bucket knows how many thresholds lie
// before it, and the one or two in it are compared. Every operation of the function rounds an
// increasing function of x, so x <= y never lands in a later bucket than y: the comparisons make
// the result exact whatever the rounding.

template <typename T>
static inline std::int32_t BucketOf(const BucketTable<T>& table, T x) noexcept {
  const T away = x - table.centre;
  const T bent = 1 - table.spread / ((away < 0 ? -away : away) + table.spread);
  const T place = ((away < 0 ? -bent : bent) - table.low) * table.scale;
  constexpr auto kLast = static_cast<T>(kBuckets - 1);
  const T inside = place > 0 ? (place < kLast ? place : kLast) : T{0};
  // NOLINTNEXTLINE(misc-redundant-expression): false for NaN
  return static_cast<std::int32_t>(x == x ? inside : T{kBuckets});
}

template <typename T>
static void FindBuckets(const BucketTable<T>& table, const T* x, std::int64_t n,
                        std::int32_t* buckets) noexcept {
  for (std::int64_t i = 0; i < n; ++i) buckets[i] = BucketOf(table, x[i]);
}

template <int kSteps, typename T>
static inline void BinInSteps(const BucketTable<T>& table, const T* x, std::int64_t n,
                              std::uint8_t* bins) noexcept {
  constexpr std::int64_t kStrip = 64;
  std::int32_t buckets[kStrip];
  for (std::int64_t at = 0; at < n; at += kStrip) {
    const std::int64_t count = n - at < kStrip ? n - at : kStrip;
    FindBuckets(table, x + at, count, buckets);
    for (std::int64_t i = 0; i < count; ++i) {
      std::size_t bin = table.before[buckets[i]];
      for (int step = 0; step < kSteps; ++step) bin += table.thresholds[bin] < x[at + i] ? 1 : 0;
      bins[at + i] = static_cast<std::uint8_t>(bin);
    }
  }
}

template <typename T>
static void BinByBuckets(const BucketTable<T>& table, const T* x, std::int64_t n,
                         std::uint8_t* bins) noexcept {
  if (table.most <= 1) {
    BinInSteps<1>(table, x, n, bins);
  } else if (table.most == 2) {
    BinInSteps<2>(table, x, n, bins);
  } else {
    BinInSteps<kMostInBucket>(table, x, n, bins);
  }
}

/// out[j * out_stride + i] = x[i * x_stride + j]
static void TransposeFloats(const float* x, std::int64_t x_stride, std::int64_t rows,
                            std::int64_t cols, float* out, std::int64_t out_stride) noexcept {
  std::int64_t i = 0;
#if TREELINE_X86
  for (; i + 4 <= rows; i += 4) {
    std::int64_t j = 0;
    for (; j + 4 <= cols; j += 4) {
      const float* from = x + i * x_stride + j;
      __m128 a = _mm_loadu_ps(from);
      __m128 b = _mm_loadu_ps(from + x_stride);
      __m128 c = _mm_loadu_ps(from + 2 * x_stride);
      __m128 d = _mm_loadu_ps(from + 3 * x_stride);
      _MM_TRANSPOSE4_PS(a, b, c, d);
      float* to = out + j * out_stride + i;
      _mm_storeu_ps(to, a);
      _mm_storeu_ps(to + out_stride, b);
      _mm_storeu_ps(to + 2 * out_stride, c);
      _mm_storeu_ps(to + 3 * out_stride, d);
    }
    for (; j < cols; ++j) {
      for (int r = 0; r < 4; ++r) out[j * out_stride + i + r] = x[(i + r) * x_stride + j];
    }
  }
#endif
  for (; i < rows; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) out[j * out_stride + i] = x[i * x_stride + j];
  }
}
