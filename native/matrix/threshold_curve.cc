#include "matrix/threshold_curve.h"

#include <array>
#include <bit>
#include <cstddef>
#include <utility>

namespace treeline {

namespace {

constexpr int kDigitBits = 11;
constexpr int kDigits = 6;  // 6 * 11 >= 64
constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;

struct Entry {
  std::uint64_t key;
  std::uint64_t row;
};

/// A word that sorts ascending as `score` sorts descending; -0 and 0 are one score.
std::uint64_t DescendingKey(double score) noexcept {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(score + 0.0);
  const std::uint64_t ascending = (bits >> 63) != 0 ? ~bits : bits | (std::uint64_t{1} << 63);
  return ~ascending;
}

double ScoreOf(std::uint64_t key) noexcept {
  const std::uint64_t ascending = ~key;
  return std::bit_cast<double>((ascending >> 63) != 0 ? ascending & ~(std::uint64_t{1} << 63)
                                                      : ~ascending);
}

std::size_t Digit(std::uint64_t key, int digit) noexcept {
  return (key >> (digit * kDigitBits)) & (kBuckets - 1);
}

/// Stable least-significant-digit radix sort; digits that are the same in all entries cost no pass.
void RadixSort(std::vector<Entry>& entries, const Context& ctx) {
  std::vector<std::array<std::size_t, kBuckets>> counts(kDigits);
  for (const Entry& entry : entries) {
    for (int digit = 0; digit < kDigits; ++digit) ++counts[digit][Digit(entry.key, digit)];
  }
  std::vector<Entry> sorted(entries.size());
  for (int digit = 0; digit < kDigits; ++digit) {
    ctx.cancel.ThrowIfCancelled();
    if (entries.empty() || counts[digit][Digit(entries[0].key, digit)] == entries.size()) continue;
    std::size_t next = 0;
    for (std::size_t& count : counts[digit]) next += std::exchange(count, next);
    for (const Entry& entry : entries) sorted[counts[digit][Digit(entry.key, digit)]++] = entry;
    entries.swap(sorted);
  }
}

}  // namespace

ThresholdCurve ComputeThresholdCurve(std::span<const double> scores,
                                     std::span<const std::uint8_t> positive,
                                     std::span<const double> weights, const Context& ctx) {
  std::vector<Entry> entries;
  entries.reserve(scores.size());
  for (std::size_t row = 0; row < scores.size(); ++row) {
    if (weights.empty() || weights[row] != 0) entries.push_back({DescendingKey(scores[row]), row});
  }
  RadixSort(entries, ctx);
  ThresholdCurve curve;
  double true_positives = 0;
  double false_positives = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto [key, row] = entries[i];
    (positive[row] != 0 ? true_positives : false_positives) += weights.empty() ? 1.0 : weights[row];
    if (i + 1 < entries.size() && entries[i + 1].key == key) continue;
    curve.thresholds.push_back(ScoreOf(key));
    curve.true_positives.push_back(true_positives);
    curve.false_positives.push_back(false_positives);
  }
  return curve;
}

}  // namespace treeline
