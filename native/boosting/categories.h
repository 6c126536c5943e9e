#pragma once

#include <cstdint>
#include <vector>

#include "simd/kernels.h"

namespace treeline::boosting {

/// The categories of one feature, as bins: codes[b] is the category of bin b. Any other code is in
/// the bin of the rare ones, if training saw more categories than there is room for, else it counts
/// as missing.
struct Categories {
  bool is_categorical = false;
  bool has_rare = false;      // bin codes.size() holds all categories that are not in codes
  std::vector<double> codes;  // ascending; at most 255, or 254 and the rare ones

  int n_bins() const noexcept { return static_cast<int>(codes.size()) + (has_rare ? 1 : 0); }
  /// The bin of a code that is not among codes.
  int unknown_bin() const noexcept {
    return has_rare ? static_cast<int>(codes.size()) : simd::kMissingBin;
  }
};

}  // namespace treeline::boosting
