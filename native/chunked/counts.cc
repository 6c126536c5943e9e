#include "chunked/counts.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace treeline {

namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

/// Bits that are ordered as the numbers are; -0 counts as 0.
std::uint64_t OrderedBits(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x + 0.0);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

double FromOrderedBits(std::uint64_t ordered) noexcept {
  return std::bit_cast<double>((ordered & kSignBit) != 0 ? ordered & ~kSignBit : ~ordered);
}

std::vector<double> Offsets(std::size_t groups) {
  std::vector<double> offsets;
  offsets.reserve(groups + 1);
  offsets.push_back(0);
  return offsets;
}

}  // namespace

CountingReduction::CountingReduction(ColumnGroups groups, std::int64_t n_groups)
    : groups_(std::move(groups)), mutexes_(static_cast<std::size_t>(n_groups)) {
  for (const std::int32_t group : groups_) {
    if (group < 0 || group >= n_groups)
      throw Error(ErrorCode::kInvalidArgument, "a column of a group that is not there");
  }
}

void CountingReduction::Take(const SlotColumn& column) {
  const auto group = static_cast<std::size_t>(groups_[static_cast<std::size_t>(column.column)]);
  const std::lock_guard<std::mutex> lock(mutexes_[group]);
  Count(group, column.values, column.rows);
}

BinsReduction::BinsReduction(ColumnGroups groups, const std::vector<ValueRange>& ranges)
    : CountingReduction(std::move(groups), static_cast<std::int64_t>(ranges.size())) {
  // Seven bits of mantissa: a bin spans at most 1/128 of its value. A refined range needs no more
  // than 4,096 bins.
  constexpr int kMantissaShift = 52 - 7;
  constexpr int kRefinedBits = 12;
  for (const auto& [low, high] : ranges) {
    Group group;
    group.low = OrderedBits(low);
    group.high = std::max(group.low, OrderedBits(high));
    const int width = std::bit_width(group.high - group.low);
    group.shift = std::isinf(low) && std::isinf(high)
                      ? kMantissaShift
                      : std::clamp(width - kRefinedBits, 0, kMantissaShift);
    const std::uint64_t bins = (group.high >> group.shift) - (group.low >> group.shift) + 1;
    group.pages.resize(static_cast<std::size_t>((bins + kPageBins - 1) / kPageBins));
    bins_.push_back(std::move(group));
  }
}

void BinsReduction::Count(std::size_t group, const double* values, std::int64_t rows) {
  Group& bins = bins_[group];
  for (std::int64_t i = 0; i < rows; ++i) {
    if (values[i] != values[i]) continue;
    const std::uint64_t key = OrderedBits(values[i]);
    if (key < bins.low || key > bins.high) continue;
    // Bins begin at multiples of their width: none reaches over a power of two.
    const std::uint64_t index = (key >> bins.shift) - (bins.low >> bins.shift);
    auto& page = bins.pages[static_cast<std::size_t>(index / kPageBins)];
    if (!page) page = std::make_unique<Bin[]>(kPageBins);
    Bin& bin = page[index % kPageBins];
    bin.least = bin.count == 0 ? key : std::min(bin.least, key);
    bin.greatest = std::max(bin.greatest, key);
    ++bin.count;
  }
}

std::vector<std::vector<double>> BinsReduction::Result() {
  std::vector<double> offsets = Offsets(bins_.size()), least, greatest, count;
  for (const Group& group : bins_) {
    for (const auto& page : group.pages) {
      for (std::size_t k = 0; page && k < kPageBins; ++k) {
        if (page[k].count == 0) continue;
        least.push_back(FromOrderedBits(page[k].least));
        greatest.push_back(FromOrderedBits(page[k].greatest));
        count.push_back(static_cast<double>(page[k].count));
      }
    }
    offsets.push_back(static_cast<double>(least.size()));
  }
  return {std::move(offsets), std::move(least), std::move(greatest), std::move(count)};
}

CollectReduction::CollectReduction(ColumnGroups groups, std::vector<ValueRange> ranges)
    : CountingReduction(std::move(groups), static_cast<std::int64_t>(ranges.size())),
      ranges_(std::move(ranges)),
      values_(ranges_.size()) {}

void CollectReduction::Count(std::size_t group, const double* values, std::int64_t rows) {
  const auto [low, high] = ranges_[group];
  for (std::int64_t i = 0; i < rows; ++i) {
    if (values[i] >= low && values[i] <= high) values_[group].push_back(values[i]);
  }
}

std::vector<std::vector<double>> CollectReduction::Result() {
  std::vector<double> offsets = Offsets(values_.size()), all;
  for (std::vector<double>& values : values_) {
    std::sort(values.begin(), values.end());
    all.insert(all.end(), values.begin(), values.end());
    offsets.push_back(static_cast<double>(all.size()));
  }
  return {std::move(offsets), std::move(all)};
}

HistogramReduction::HistogramReduction(ColumnGroups groups, std::int64_t n_groups,
                                       std::vector<double> edges)
    : CountingReduction(std::move(groups), n_groups), edges_(std::move(edges)) {
  if (edges_.size() < 2 || !std::is_sorted(edges_.begin(), edges_.end()))
    throw Error(ErrorCode::kInvalidArgument, "a histogram needs edges in order, two at least");
  counts_.assign(static_cast<std::size_t>(n_groups), std::vector<std::int64_t>(edges_.size() - 1));
}

void HistogramReduction::Count(std::size_t group, const double* values, std::int64_t rows) {
  const double low = edges_.front();
  const double high = edges_.back();
  const auto last = static_cast<std::ptrdiff_t>(edges_.size()) - 2;
  const double scale = static_cast<double>(last + 1) / (high - low);
  for (std::int64_t i = 0; i < rows; ++i) {
    const double x = values[i];
    if (!(x >= low && x <= high)) continue;
    // Right for equal bins, up to rounding; a place to start from for others.
    const double guess = (x - low) * scale;
    auto bin = guess < static_cast<double>(last) ? static_cast<std::ptrdiff_t>(guess) : last;
    if (x < edges_[static_cast<std::size_t>(bin)] || x >= edges_[static_cast<std::size_t>(bin) + 1])
      bin = std::min(last, std::upper_bound(edges_.begin(), edges_.end(), x) - edges_.begin() - 1);
    ++counts_[group][static_cast<std::size_t>(bin)];
  }
}

std::vector<std::vector<double>> HistogramReduction::Result() {
  std::vector<double> all;
  for (const std::vector<std::int64_t>& counts : counts_)
    all.insert(all.end(), counts.begin(), counts.end());
  return {std::move(all)};
}

UniqueReduction::UniqueReduction(ColumnGroups groups, std::int64_t n_groups, std::int64_t most)
    : CountingReduction(std::move(groups), n_groups),
      most_(most),
      runs_(static_cast<std::size_t>(n_groups)) {}

UniqueReduction::Run UniqueReduction::Merged(const Run& a, const Run& b) {
  Run merged;
  merged.reserve(a.size() + b.size());
  auto x = a.begin();
  auto y = b.begin();
  while (x != a.end() && y != b.end()) {
    if (x->value == y->value) {
      merged.push_back({x->value, x->count + y->count});
      ++x;
      ++y;
    } else {
      merged.push_back(x->value < y->value ? *x++ : *y++);
    }
  }
  merged.insert(merged.end(), x, a.end());
  merged.insert(merged.end(), y, b.end());
  return merged;
}

/// Sorts the values into a run and merges it with runs that are not much longer: every value is
/// merged a logarithmic number of times.
void UniqueReduction::Count(std::size_t group, const double* values, std::int64_t rows) {
  std::vector<double> sorted;
  for (std::int64_t i = 0; i < rows; ++i)
    if (values[i] == values[i]) sorted.push_back(values[i] + 0.0);  // -0 + 0 is 0
  std::sort(sorted.begin(), sorted.end());
  Run run;
  for (const double x : sorted) {
    if (run.empty() || run.back().value != x) run.push_back({x, 0});
    ++run.back().count;
  }
  std::vector<Run>& runs = runs_[group];
  while (!runs.empty() && runs.back().size() < 2 * run.size()) {
    run = Merged(runs.back(), run);
    runs.pop_back();
  }
  if (static_cast<std::int64_t>(run.size()) > most_) {
    throw Error(ErrorCode::kMemoryLimit,
                "more than " + std::to_string(most_) +
                    " different values, which memoryLimit does not allow: use quantile or "
                    "histogram, round the values first, or raise memoryLimit");
  }
  runs.push_back(std::move(run));
}

std::vector<std::vector<double>> UniqueReduction::Result() {
  std::vector<double> offsets = Offsets(runs_.size()), values, counts;
  for (std::vector<Run>& runs : runs_) {
    while (runs.size() > 1) {
      const Run last = std::move(runs.back());
      runs.pop_back();
      runs.back() = Merged(runs.back(), last);
    }
    for (const Run& run : runs) {
      for (const auto& [value, count] : run) {
        values.push_back(value);
        counts.push_back(static_cast<double>(count));
      }
    }
    offsets.push_back(static_cast<double>(values.size()));
  }
  return {std::move(offsets), std::move(values), std::move(counts)};
}

}  // namespace treeline
