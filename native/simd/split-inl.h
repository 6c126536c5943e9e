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

/// Gains of the splits "bins 0 … b go left" for b in [0, n_splits), missing values with them if
/// missing != 0. Keeps the best per lane: the first of equals.
template <bool kHasCounts>
static inline void ScanSplits(const std::int64_t* sums, const std::int64_t* counts,
                              std::int64_t n_splits, const SplitQuery& query,
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
      const double gain = g_left * g_left / (h_left + query.regularization) +
                          g_right * g_right / (h_right + query.regularization) - query.parent_loss;
      const bool better = valid && gain > best.gain[lane];
      best.gain[lane] = better ? gain : best.gain[lane];
      best.bin[lane] = better ? static_cast<double>(b + lane) : best.bin[lane];
    }
  }
}

static inline void TakeBest(const SplitLanes& lanes, bool missing_left,
                            FeatureSplit& best) noexcept {
  double gain = best.gain;
  double bin = 1e9;
  for (int lane = 0; lane < SplitLanes::kWidth; ++lane) {
    if (lanes.gain[lane] > gain ||
        (lanes.gain[lane] == gain && lanes.bin[lane] < bin && bin < 1e9)) {
      gain = lanes.gain[lane];
      bin = lanes.bin[lane];
    }
  }
  if (bin == 1e9) return;
  best.gain = gain;
  best.bin = static_cast<std::int32_t>(bin);
  best.missing_left = missing_left;
}

template <bool kHasCounts>
static inline FeatureSplit SearchSplits(const std::int64_t* histogram, const std::int64_t* counts,
                                        const SplitQuery& query) noexcept {
  alignas(64) std::int64_t sums[264];
  alignas(64) std::int64_t rows[264];
  FeatureSplit best{query.min_gain, -1, false};
  for (int missing_left = 0; missing_left <= (query.has_missing ? 1 : 0); ++missing_left) {
    std::int64_t sum = missing_left ? histogram[kMissingBin] : 0;
    std::int64_t row_count = kHasCounts && missing_left ? counts[kMissingBin] : 0;
    const std::int64_t n_splits = query.n_bins - 1 + (query.has_missing && !missing_left ? 1 : 0);
    for (std::int64_t b = 0; b < n_splits; ++b) {
      sum += histogram[b];
      sums[b] = sum;
      if (kHasCounts) rows[b] = row_count += counts[b];
    }
    for (std::int64_t b = n_splits; b % SplitLanes::kWidth != 0; ++b) {
      sums[b] = 0;  // no hessian on the left: never valid
      rows[b] = -1;
    }
    SplitLanes lanes;
    for (int lane = 0; lane < SplitLanes::kWidth; ++lane)
      lanes.gain[lane] = best.gain, lanes.bin[lane] = 1e9;
    ScanSplits<kHasCounts>(sums, rows, n_splits, query, lanes);
    TakeBest(lanes, missing_left != 0, best);
  }
  return best;
}

static FeatureSplit FindFeatureSplit(const std::int64_t* histogram, const std::int64_t* counts,
                                     const SplitQuery& query) noexcept {
  return counts ? SearchSplits<true>(histogram, counts, query)
                : SearchSplits<false>(histogram, nullptr, query);
}
