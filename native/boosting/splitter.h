#pragma once

#include <cstdint>
#include <span>

#include "boosting/histogram.h"
#include "boosting/row_partition.h"
#include "simd/kernels.h"

namespace treeline::boosting {

/// The best split of a node over all features. feature < 0: none is allowed. Bins 0 … bin go left,
/// the missing bin as told or, for categories, the members of a set, which holds the missing bin if
/// missing_left.
struct NodeSplit {
  double gain = 0;
  std::int64_t feature = -1;
  int bin = -1;
  bool missing_left = false;
  bool has_set = false;
  simd::BinSet set{};

  BinSplit bins() const noexcept {
    return has_set ? BinSplit::Of(feature, set) : BinSplit::Of(feature, bin, missing_left);
  }
  /// For a feature that no training row misses.
  void SendMissing(bool left) noexcept {
    missing_left = left;
    if (left) {
      set.Add(simd::kMissingBin);
    } else {
      set.Remove(simd::kMissingBin);
    }
  }
};

/// Of two candidates the better one; of equals the lower feature (scikit-learn's order).
inline bool IsBetter(const NodeSplit& a, const NodeSplit& b) noexcept {
  if (a.feature < 0 || b.feature < 0) return b.feature < 0 && a.feature >= 0;
  return a.gain > b.gain || (a.gain == b.gain && a.feature < b.feature);
}

/// The best split of one feature, a pure function of its histogram (256 packed sums, and 256 row
/// counts or nullptr).
inline NodeSplit FindSplit(std::int64_t feature, const std::int64_t* histogram,
                           const std::int64_t* counts, const simd::SplitQuery& query) noexcept {
  const simd::FeatureSplit best = simd::Active().splits.find(histogram, counts, query);
  if (best.bin < 0) return {};
  return {best.gain, feature, best.bin, best.missing_left, false, {}};
}

}  // namespace treeline::boosting
