#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "simd/kernels.h"

namespace treeline {

/// Most bins of a feature, missing values aside.
inline constexpr int kMostBins = 65'535;

/// A feature with more bins than a byte can number besides the missing one.
inline bool IsWide(int n_bins) noexcept { return n_bins > simd::kMissingBin; }

/// The bin of a feature's missing values: 255, or behind the last of more bins.
inline int MissingBin(int n_bins) noexcept { return std::max(n_bins, simd::kMissingBin); }

/// How many simd::BinSet in a row a set of a feature's bins takes: bin b is bin b mod 256 of set
/// b / 256.
inline int SetParts(int n_bins) noexcept { return MissingBin(n_bins) / 256 + 1; }

/// Whether a bin is in the set that begins at `parts`.
inline bool HasBin(const simd::BinSet* parts, int bin) noexcept {
  return parts[bin >> 8].Has(bin & 255);
}

/// A set of the bins of one feature. As made by default it is of no feature and takes no memory.
class BinMembers {
 public:
  BinMembers() = default;
  explicit BinMembers(int n_bins) : parts_(static_cast<std::size_t>(SetParts(n_bins))) {}

  bool Has(int bin) const noexcept { return HasBin(parts_.data(), bin); }
  void Add(int bin) noexcept { parts_[bin >> 8].Add(bin & 255); }
  void Remove(int bin) noexcept { parts_[bin >> 8].Remove(bin & 255); }
  const std::vector<simd::BinSet>& parts() const noexcept { return parts_; }

 private:
  std::vector<simd::BinSet> parts_;
};

}  // namespace treeline
