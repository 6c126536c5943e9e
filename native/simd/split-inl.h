// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// The best split of one feature at one node, from the node's histogram of that feature (kernels.h,
// SplitKernels).

#if TREELINE_TARGET_AVX512
constexpr int kSplitWidth = 8;
#elif TREELINE_TARGET_AVX2
constexpr int kSplitWidth = 4;
#else
constexpr int kSplitWidth = 2;
#endif
/// Neighbouring splits. The formulas below are written once for these and for single numbers, with
/// Pick where a number would have an if.
typedef double SplitVector __attribute__((vector_size(kSplitWidth * 8)));
typedef std::int64_t SplitInts __attribute__((vector_size(kSplitWidth * 8), may_alias));

static inline double Pick(bool which, double yes, double no) noexcept { return which ? yes : no; }
static inline SplitVector Pick(SplitInts which, SplitVector yes, SplitVector no) noexcept {
  return reinterpret_cast<SplitVector>((which & reinterpret_cast<SplitInts>(yes)) |
                                       (~which & reinterpret_cast<SplitInts>(no)));
}

/// The best split so far of each lane.
struct SplitLanes {
  SplitVector gain, bin;
};

/// A gradient sum, shrunk by the L1 penalty.
template <typename Number>
static inline Number ShrunkGradient(Number gradient, const SplitQuery& query) noexcept {
  const Number size = Pick(gradient < 0, -gradient, gradient) - query.l1;
  return Pick(size > 0, Pick(gradient < 0, -size, size), Number{});
}

/// The value of a child under all rules: LightGBM's CalculateSplittedLeafOutput, scikit-learn's
/// compute_node_value.
template <typename Number>
static inline Number RuledValue(Number gradient, Number hessian, const SplitQuery& query) noexcept {
  Number value = -ShrunkGradient(gradient, query) / (hessian + query.regularization);
  value = Pick(value > query.max_value, query.max_value + Number{}, value);
  value = Pick(value < -query.max_value, -query.max_value + Number{}, value);
  const Number rows = hessian * query.rows_per_hessian;
  const Number own = rows / (rows + query.smoothing);
  value = value * own + query.smooth_value * (1 - own);
  value = Pick(value < query.lower, query.lower + Number{}, value);
  return Pick(value > query.upper, query.upper + Number{}, value);
}

/// What a child gains by its value.
template <typename Number>
static inline Number RuledGain(Number gradient, Number hessian, Number value,
                               const SplitQuery& query) noexcept {
  if (!query.is_quadratic) return -gradient * value;
  const Number linear = ShrunkGradient(gradient, query) * value;
  return -(2 * linear + (hessian + query.regularization) * value * value);
}

static double ChildValue(double gradient, double hessian, const SplitQuery& query) noexcept {
  return query.has_value_rules ? RuledValue(gradient, hessian, query)
                               : -gradient / (hessian + query.regularization);
}

static double ChildGain(double gradient, double hessian, double value,
                        const SplitQuery& query) noexcept {
  return query.has_value_rules ? RuledGain(gradient, hessian, value, query)
                               : gradient * gradient / (hessian + query.regularization);
}

/// The gradients and the hessians of packed sums, exact: vectors have no conversion from 64-bit
/// integers, so the 32 bits become the last ones of doubles of known exponent.
static inline SplitVector GradientsOf(SplitInts sums) noexcept {
  const SplitInts shifted = ((sums >> 32) & 0xffffffff) ^ 0x80000000;  // + 2^31
  return reinterpret_cast<SplitVector>(shifted | 0x4330000000000000) - (0x1p52 + 0x1p31);
}
static inline SplitVector HessiansOf(SplitInts sums) noexcept {
  return reinterpret_cast<SplitVector>((sums & 0xffffffff) | 0x4330000000000000) - 0x1p52;
}

static inline bool IsAnySet(SplitInts lanes) noexcept {
#if TREELINE_TARGET_AVX512
  return _mm512_movepi64_mask(reinterpret_cast<__m512i>(lanes)) != 0;
#elif TREELINE_TARGET_AVX2
  return _mm256_movemask_pd(reinterpret_cast<__m256d>(lanes)) != 0;
#elif TREELINE_X86
  return _mm_movemask_pd(reinterpret_cast<__m128d>(lanes)) != 0;
#else
  return (lanes[0] | lanes[1]) != 0;
#endif
}

/// Whether some split of a block may gain as much as the best so far, told without dividing: most
/// blocks need no more. The slack is far above what rounding can do to either side.
static inline bool MayBeBest(SplitInts valid, SplitVector g_left, SplitVector h_left,
                             SplitVector g_right, SplitVector h_right, SplitVector best,
                             double parent_loss) noexcept {
  constexpr double kSlack = 1 + 0x1p-30;
  const SplitVector both = g_left * g_left * h_right + g_right * g_right * h_left;
  return IsAnySet(valid & (both * kSlack >= (best + parent_loss) * (h_left * h_right)));
}

/// Gains of the splits "bins 0 … first + b go left" for b in [0, n_splits), given the sums of the
/// left side. Keeps the best of each lane that reaches what is there already: of equals the first,
/// or the last if kBackwards.
template <bool kHasCounts, bool kBackwards, bool kHasRules>
static inline void ScanSplits(const std::int64_t* sums, const std::int64_t* counts,
                              std::int64_t first, std::int64_t n_splits, const SplitQuery& query,
                              SplitLanes& best) noexcept {
  SplitVector bins;
  for (int lane = 0; lane < kSplitWidth; ++lane) bins[lane] = static_cast<double>(first + lane);
  for (std::int64_t b = 0; b < n_splits; b += kSplitWidth, bins += double{kSplitWidth}) {
    const SplitInts sum = *reinterpret_cast<const SplitInts*>(sums + b);
    const SplitVector g_left = GradientsOf(sum) * query.gradient_unit;
    const SplitVector h_left = HessiansOf(sum) * query.hessian_unit;
    const SplitVector g_right = query.gradient - g_left;
    const SplitVector h_right = query.hessian - h_left;
    SplitInts valid = (h_left >= query.min_hessian) & (h_right >= query.min_hessian);
    if (kHasCounts) {
      const SplitInts n_left = *reinterpret_cast<const SplitInts*>(counts + b);
      valid &= (n_left >= query.min_rows) & (query.n_rows - n_left >= query.min_rows);
    }
    SplitVector gain;
    if (kHasRules) {
      const SplitVector left = RuledValue(g_left, h_left, query);
      const SplitVector right = RuledValue(g_right, h_right, query);
      valid &= (right - left) * static_cast<double>(query.monotonic) >= 0;
      if (query.only_bin >= 0) valid &= bins == static_cast<double>(query.only_bin);
      gain = RuledGain(g_left, h_left, left, query) + RuledGain(g_right, h_right, right, query) -
             query.parent_loss;
    } else {
      const SplitVector left = h_left + query.regularization;
      const SplitVector right = h_right + query.regularization;
      if (!MayBeBest(valid, g_left, left, g_right, right, best.gain, query.parent_loss)) continue;
      gain = g_left * g_left / left + g_right * g_right / right - query.parent_loss;
    }
    const SplitInts better = valid & (kBackwards ? gain >= best.gain : gain > best.gain);
    best.gain = Pick(better, gain, best.gain);
    best.bin = Pick(better, bins, best.bin);
  }
}

/// The best of the lanes, if one found a split.
static inline void TakeBest(const SplitLanes& lanes, bool missing_left,
                            FeatureSplit& best) noexcept {
  double gain = 0;
  double bin = -1;
  for (int lane = 0; lane < kSplitWidth; ++lane) {
    if (lanes.bin[lane] < 0) continue;
    const bool is_preferred = missing_left ? lanes.bin[lane] > bin : lanes.bin[lane] < bin;
    if (bin < 0 || lanes.gain[lane] > gain || (lanes.gain[lane] == gain && is_preferred)) {
      gain = lanes.gain[lane];
      bin = lanes.bin[lane];
    }
  }
  if (bin >= 0) best = {gain, static_cast<std::int32_t>(bin), missing_left};
}

/// The splits with the missing values on one side. They must gain more than `best`, which they
/// replace. Ties go to the first bin, on the pass that takes the missing values left to the last
/// one: scikit-learn scans that one backwards.
template <bool kHasCounts, bool kMissingLeft, bool kHasRules>
static inline void SearchSide(const std::int64_t* histogram, const std::int64_t* counts,
                              const SplitQuery& query, FeatureSplit& best) noexcept {
  constexpr std::int64_t kMost = 256;  // at a time
  alignas(64) std::int64_t sums[kMost];
  alignas(64) std::int64_t rows[kMost];
  std::int64_t sum = kMissingLeft ? histogram[query.missing_bin] : 0;
  std::int64_t row_count = kHasCounts && kMissingLeft ? counts[query.missing_bin] : 0;
  const std::int64_t n_splits = query.n_bins - 1 + (query.has_missing && !kMissingLeft ? 1 : 0);
  // Backwards ">=" takes the place of ">": it starts from the next number above.
  const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, best.gain);
  const double start = kMissingLeft ? __builtin_bit_cast(double, bits + 1) : best.gain;
  SplitLanes lanes{start + SplitVector{}, -1.0 + SplitVector{}};
  for (std::int64_t first = 0; first < n_splits; first += kMost) {
    const std::int64_t n = n_splits - first < kMost ? n_splits - first : kMost;
    for (std::int64_t b = 0; b < n; ++b) {
      sum += histogram[first + b];
      sums[b] = sum;
      if (kHasCounts) rows[b] = row_count += counts[first + b];
    }
    for (std::int64_t b = n; b % kSplitWidth != 0; ++b) {
      sums[b] = 0;  // no hessian on the left: never valid
      rows[b] = -1;
    }
    ScanSplits<kHasCounts, kMissingLeft, kHasRules>(sums, rows, first, n, query, lanes);
  }
  TakeBest(lanes, kMissingLeft, best);
}

template <bool kHasCounts, bool kHasRules>
static FeatureSplit SearchSides(const std::int64_t* histogram, const std::int64_t* counts,
                                const SplitQuery& query) noexcept {
  FeatureSplit best{query.min_gain, -1, false};
  SearchSide<kHasCounts, false, kHasRules>(histogram, counts, query, best);
  if (query.has_missing) SearchSide<kHasCounts, true, kHasRules>(histogram, counts, query, best);
  return best;
}

static FeatureSplit FindFeatureSplit(const std::int64_t* histogram, const std::int64_t* counts,
                                     const SplitQuery& query) noexcept {
  if (counts != nullptr) {
    return query.has_value_rules ? SearchSides<true, true>(histogram, counts, query)
                                 : SearchSides<true, false>(histogram, counts, query);
  }
  return query.has_value_rules ? SearchSides<false, true>(histogram, nullptr, query)
                               : SearchSides<false, false>(histogram, nullptr, query);
}
