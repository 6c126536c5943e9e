// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// The best split of one feature at one node, from the node's histogram of that feature (kernels.h,
// SplitKernels).

struct SplitLanes {
  static constexpr int kWidth = 8;
  double gain[kWidth];
  double bin[kWidth];
};

/// A gradient sum, shrunk by the L1 penalty.
static inline double ShrunkGradient(double gradient, const SplitQuery& query) noexcept {
  const double size = __builtin_fabs(gradient) - query.l1;
  return size > 0 ? __builtin_copysign(size, gradient) : 0;
}

/// The value of a child under all rules: LightGBM's CalculateSplittedLeafOutput, scikit-learn's
/// compute_node_value.
static inline double RuledValue(double gradient, double hessian, const SplitQuery& query) noexcept {
  double value = -ShrunkGradient(gradient, query) / (hessian + query.regularization);
  value = value > query.max_value ? query.max_value : value;
  value = value < -query.max_value ? -query.max_value : value;
  const double rows = hessian * query.rows_per_hessian;
  const double own = rows / (rows + query.smoothing);
  value = value * own + query.smooth_value * (1 - own);
  value = value < query.lower ? query.lower : value;
  return value > query.upper ? query.upper : value;
}

/// What a child gains by its value.
static inline double RuledGain(double gradient, double hessian, double value,
                               const SplitQuery& query) noexcept {
  const double linear = ShrunkGradient(gradient, query) * value;
  const double quadratic = 2 * linear + (hessian + query.regularization) * value * value;
  return query.is_quadratic ? -quadratic : -gradient * value;
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

/// Gains of the splits "bins 0 … first + b go left" for b in [0, n_splits), given the sums of the
/// left side. Keeps the best of each lane that reaches what is there already: of equals the first,
/// or the last if kBackwards.
template <bool kHasCounts, bool kBackwards, bool kHasRules>
static inline void ScanSplits(const std::int64_t* sums, const std::int64_t* counts,
                              std::int64_t first, std::int64_t n_splits, const SplitQuery& query,
                              SplitLanes& best) noexcept {
  constexpr int kWidth = SplitLanes::kWidth;
  for (std::int64_t b = 0; b < n_splits; b += kWidth) {
    for (int lane = 0; lane < kWidth; ++lane) {
      const std::int64_t sum = sums[b + lane];
      const double g_left =
          static_cast<double>(static_cast<std::int32_t>(sum >> 32)) * query.gradient_unit;
      const double h_left = static_cast<double>(sum & 0xffffffff) * query.hessian_unit;
      const double g_right = query.gradient - g_left;
      const double h_right = query.hessian - h_left;
      bool valid = h_left >= query.min_hessian && h_right >= query.min_hessian;
      if (kHasCounts) {
        const std::int64_t n_left = counts[b + lane];
        valid = valid && n_left >= query.min_rows && query.n_rows - n_left >= query.min_rows;
      }
      double gain;
      if (kHasRules) {
        const double left = RuledValue(g_left, h_left, query);
        const double right = RuledValue(g_right, h_right, query);
        const double rise = (right - left) * query.monotonic;
        valid = valid && rise >= 0 && (query.only_bin < 0 || query.only_bin == first + b + lane);
        gain = RuledGain(g_left, h_left, left, query) + RuledGain(g_right, h_right, right, query) -
               query.parent_loss;
      } else {
        gain = g_left * g_left / (h_left + query.regularization) +
               g_right * g_right / (h_right + query.regularization) - query.parent_loss;
      }
      const bool better = valid && (kBackwards ? gain >= best.gain[lane] : gain > best.gain[lane]);
      best.gain[lane] = better ? gain : best.gain[lane];
      best.bin[lane] = better ? static_cast<double>(first + b + lane) : best.bin[lane];
    }
  }
}

/// The best of the lanes, if one found a split.
static inline void TakeBest(const SplitLanes& lanes, bool missing_left,
                            FeatureSplit& best) noexcept {
  double gain = 0;
  double bin = -1;
  for (int lane = 0; lane < SplitLanes::kWidth; ++lane) {
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
  SplitLanes lanes;
  for (int lane = 0; lane < SplitLanes::kWidth; ++lane) {
    lanes.gain[lane] = start;
    lanes.bin[lane] = -1;
  }
  for (std::int64_t first = 0; first < n_splits; first += kMost) {
    const std::int64_t n = n_splits - first < kMost ? n_splits - first : kMost;
    for (std::int64_t b = 0; b < n; ++b) {
      sum += histogram[first + b];
      sums[b] = sum;
      if (kHasCounts) rows[b] = row_count += counts[first + b];
    }
    for (std::int64_t b = n; b % SplitLanes::kWidth != 0; ++b) {
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
