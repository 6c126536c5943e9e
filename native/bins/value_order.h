#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace treeline {

/// Numbers as words that sort like them; -0 counts as 0.
inline std::uint64_t SortableBits(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x + 0.0);
  return (bits >> 63) != 0 ? ~bits : bits | (std::uint64_t{1} << 63);
}
inline std::uint32_t SortableBits(float x) noexcept {
  const auto bits = std::bit_cast<std::uint32_t>(x + 0.0f);
  return (bits >> 31) != 0 ? ~bits : bits | (std::uint32_t{1} << 31);
}

inline double FromSortableBits(std::uint64_t key) noexcept {
  return std::bit_cast<double>((key >> 63) != 0 ? key & ~(std::uint64_t{1} << 63) : ~key);
}
inline double FromSortableBits(std::uint32_t key) noexcept {
  return std::bit_cast<float>((key >> 31) != 0 ? key & ~(std::uint32_t{1} << 31) : ~key);
}

/// Sorts keys by radix, 11 bits a pass; passes on which all keys agree are skipped.
template <typename Key>
void RadixSort(std::vector<Key>& keys) {
  constexpr int kBits = 11;
  constexpr int kPasses = (8 * sizeof(Key) + kBits - 1) / kBits;
  constexpr Key kMask = (1 << kBits) - 1;
  std::vector<std::array<std::uint32_t, 1 << kBits>> counts(kPasses);
  for (const Key key : keys) {
    for (int pass = 0; pass < kPasses; ++pass) ++counts[pass][(key >> (kBits * pass)) & kMask];
  }
  std::vector<Key> other(keys.size());
  for (int pass = 0; pass < kPasses; ++pass) {
    auto& count = counts[pass];
    const Key first_digit = (keys[0] >> (kBits * pass)) & kMask;
    if (count[first_digit] == keys.size()) continue;
    std::uint32_t place = 0;
    for (std::uint32_t& c : count) place += std::exchange(c, place);
    for (const Key key : keys) other[count[(key >> (kBits * pass)) & kMask]++] = key;
    keys.swap(other);
  }
}

/// The values that are no NaN, sorted, as keys.
template <typename T>
auto SortedKeys(std::span<const T> values) {
  std::vector<decltype(SortableBits(T{}))> keys;
  keys.reserve(values.size());
  for (const T x : values) {
    if (!std::isnan(x)) keys.push_back(SortableBits(x));
  }
  if (keys.size() > 4096) {
    RadixSort(keys);
  } else {
    std::sort(keys.begin(), keys.end());
  }
  return keys;
}

/// The values at ascending places of the order of those that are no NaN, found without sorting the
/// others: values are dealt out to 2^16 ranges by the first bits of their float32 key, and only
/// ranges that hold a place asked for are looked into.
template <typename T>
class Selection {
 public:
  Selection(std::span<const T> values, const std::vector<std::size_t>& places)
      : values_(values), places_(places) {}

  std::vector<double> Find() {
    MakeRanges();
    Deal();
    std::vector<double> found;
    auto range = ranges_.begin();
    for (const std::size_t place : places_) {
      while (range->end <= place) ++range;
      found.push_back(FromSortableBits(range->At(place)));
    }
    return found;
  }

 private:
  using Key = decltype(SortableBits(T{}));
  static constexpr std::size_t kRanges = 65'536;  // one more takes NaN
  static constexpr std::size_t kMostSelected = 4096;

  /// Values whose places are neighbours.
  struct Range {
    std::size_t begin, end;
    std::vector<Key> keys;
    std::size_t n_placed = 0;  // so many of the smallest are where they belong

    /// The key at a place; places must ascend.
    Key At(std::size_t place) {
      if (keys.size() > kMostSelected && n_placed == 0) {
        RadixSort(keys);
        n_placed = keys.size();
      }
      const std::size_t at = place - begin;
      const auto rest = keys.begin() + static_cast<std::ptrdiff_t>(n_placed);
      if (at == n_placed) {
        std::iter_swap(rest, std::min_element(rest, keys.end()));
      } else if (at > n_placed) {
        std::nth_element(rest, keys.begin() + static_cast<std::ptrdiff_t>(at), keys.end());
      }
      n_placed = std::max(n_placed, at + 1);
      return keys[at];
    }
  };

  static std::size_t RangeOf(T x) noexcept {
    const std::size_t range = SortableBits(static_cast<float>(x)) >> 16;
    return std::isnan(x) ? kRanges : range;
  }

  void MakeRanges() {
    std::vector<std::uint32_t> counts(kRanges + 1);
    for (const T x : values_) ++counts[RangeOf(x)];
    range_of_.assign(kRanges + 1, kNone);
    auto place = places_.begin();
    std::size_t begin = 0;
    for (std::size_t r = 0; r < kRanges && place != places_.end(); ++r) {
      const std::size_t end = begin + counts[r];
      if (*place < end) {
        range_of_[r] = static_cast<std::uint16_t>(ranges_.size());
        ranges_.push_back({begin, end, {}});
        ranges_.back().keys.reserve(counts[r]);
      }
      while (place != places_.end() && *place < end) ++place;
      begin = end;
    }
  }

  /// Gives the ranges their keys; by way of a short list, because which values have a range cannot
  /// be foreseen.
  void Deal() {
    constexpr std::size_t kStrip = 1024;
    std::array<Key, kStrip> keys;
    std::array<std::uint16_t, kStrip> takers;
    for (std::size_t begin = 0; begin < values_.size(); begin += kStrip) {
      std::size_t n = 0;
      for (const T x : values_.subspan(begin, std::min(kStrip, values_.size() - begin))) {
        keys[n] = SortableBits(x);
        takers[n] = range_of_[RangeOf(x)];
        n += takers[n] != kNone ? 1 : 0;
      }
      for (std::size_t i = 0; i < n; ++i) ranges_[takers[i]].keys.push_back(keys[i]);
    }
  }

  static constexpr std::uint16_t kNone = 0xffff;
  std::span<const T> values_;
  const std::vector<std::size_t>& places_;
  std::vector<Range> ranges_;
  std::vector<std::uint16_t> range_of_;  // in ranges_
};

/// The values at ascending places of the order of those that are no NaN.
template <typename T>
std::vector<double> ValuesAt(std::span<const T> values, const std::vector<std::size_t>& places) {
  constexpr std::size_t kFew = 64;  // values a place, below which all are sorted
  if (values.size() > kFew * places.size()) return Selection<T>(values, places).Find();
  const auto sorted = SortedKeys<T>(values);
  std::vector<double> found;
  for (const std::size_t place : places) found.push_back(FromSortableBits(sorted[place]));
  return found;
}

}  // namespace treeline
