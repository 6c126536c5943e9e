#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "bins/bin_set.h"

namespace treeline {

/// The categories of one feature, as bins: codes[b] is the category of bin b. Any other code is in
/// the bin of the rare ones, if training saw more categories than there is room for, else it counts
/// as missing.
struct Categories {
  bool is_categorical = false;
  bool has_rare = false;      // bin codes.size() holds all categories that are not in codes
  std::vector<double> codes;  // ascending; at most kMostBins, the rare ones included

  /// At least 1: a bin for nothing if every value is missing.
  int n_bins() const noexcept {
    return codes.empty() ? 1 : static_cast<int>(codes.size()) + (has_rare ? 1 : 0);
  }
  /// The bin of a code that is not among codes.
  int unknown_bin() const noexcept {
    return has_rare ? static_cast<int>(codes.size()) : MissingBin(n_bins());
  }
};

/// Counts how many rows each category of a feature has.
class CategoryCounter {
 public:
  /// Whether a value can be a category: a whole number from 0 to 2^53.
  static bool IsCode(double value) noexcept;
  void Add(double code, double weight);
  /// The categories seen. More than max_bins: the max_bins - 1 with the most rows (of
  /// equals the lower codes); the others are the rare ones.
  Categories Finish(int max_bins) const;
  /// Whether a category was seen that would count as missing.
  bool HasOthers(const Categories& known) const;
  std::size_t bytes() const noexcept;

 private:
  template <typename Visit>
  void ForEach(Visit&& visit) const;

  std::vector<double> small_;  // rows by code; negative: none
  std::unordered_map<double, double> large_;
};

}  // namespace treeline
