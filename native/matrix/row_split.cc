#include "matrix/row_split.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/error.h"
#include "core/random.h"

namespace treeline {

namespace {

constexpr std::uint64_t kStream =
    0x73706c6974;  // "split": apart from the draws of other algorithms
constexpr int kMaxBinBits = 12;
constexpr std::size_t kMaxBins = std::size_t{1} << 22;  // over all groups
constexpr std::int64_t kRowsPerCheck = 1 << 20;

/// Rows in the order of their draws; rows that draw the same key in the order of rows.
using Key = std::pair<std::uint64_t, std::int64_t>;

/// Bins of a group's keys, by their leading bits: fewer where there are many groups.
struct Bins {
  int bits;

  explicit Bins(std::size_t n_groups) : bits(kMaxBinBits) {
    while (bits > 1 && (n_groups << bits) > kMaxBins) --bits;
  }
  std::size_t count() const noexcept { return std::size_t{1} << bits; }
  std::size_t Of(std::uint64_t key) const noexcept {
    return static_cast<std::size_t>(key >> (64 - bits));
  }
};

/// The `wanted` smallest keys of a group: all below a bin, and some in it, up to a key that one
/// pass must yet find.
struct Boundary {
  Bins bins;
  std::size_t bin = 0;
  std::int64_t in_bin = 0;  // how many of the bin's keys belong; 0: none, then `last` means nothing
  std::vector<Key> candidates;
  Key last{0, 0};

  Boundary(Bins group_bins, const std::int64_t* histogram, std::int64_t wanted) : bins(group_bins) {
    while (wanted > histogram[bin]) wanted -= histogram[bin++];
    in_bin = wanted;
  }

  void Collect(std::uint64_t key, std::int64_t row) {
    if (in_bin > 0 && bins.Of(key) == bin) candidates.emplace_back(key, row);
  }

  void Settle() {
    if (in_bin == 0) return;
    std::nth_element(candidates.begin(), candidates.begin() + (in_bin - 1), candidates.end());
    last = candidates[static_cast<std::size_t>(in_bin - 1)];
    std::vector<Key>().swap(candidates);
  }

  bool Includes(std::uint64_t key, std::int64_t row) const noexcept {
    const std::size_t key_bin = bins.Of(key);
    return key_bin < bin || (key_bin == bin && in_bin > 0 && Key{key, row} <= last);
  }
};

/// Calls body(row, group, key) for every row.
template <typename Body>
void ForEachRow(const RowSplitPlan& plan, const Context& ctx, const Body& body) {
  for (std::int64_t row = 0; row < plan.n_rows; ++row) {
    if (row % kRowsPerCheck == 0) ctx.cancel.ThrowIfCancelled();
    const auto group = plan.groups.empty() ? 0 : static_cast<std::size_t>(plan.groups[row]);
    body(row, group, RandomBits(plan.seed, kStream, static_cast<std::uint64_t>(row)));
  }
}

/// Keys per group and bin.
std::vector<std::int64_t> Histograms(const RowSplitPlan& plan, Bins bins, const Context& ctx) {
  std::vector<std::int64_t> histograms(plan.test.size() * bins.count());
  ForEachRow(plan, ctx, [&](std::int64_t, std::size_t group, std::uint64_t key) {
    ++histograms[group * bins.count() + bins.Of(key)];
  });
  return histograms;
}

void Check(const RowSplitPlan& plan) {
  const auto n_groups = static_cast<std::int64_t>(plan.test.size());
  const auto is_known = [&](std::int32_t group) { return group >= 0 && group < n_groups; };
  if (plan.n_rows < 0 || n_groups == 0 || plan.train.size() != plan.test.size() ||
      (!plan.groups.empty() && static_cast<std::int64_t>(plan.groups.size()) != plan.n_rows) ||
      !std::all_of(plan.groups.begin(), plan.groups.end(), is_known)) {
    throw Error(ErrorCode::kInvalidArgument, "a split whose groups do not fit its rows");
  }
}

std::vector<Boundary> Boundaries(const std::vector<std::int64_t>& histograms, Bins bins,
                                 const std::vector<std::int64_t>& test,
                                 const std::vector<std::int64_t>& train) {
  std::vector<Boundary> boundaries;
  for (std::size_t group = 0; group < test.size(); ++group) {
    const std::int64_t* histogram = histograms.data() + group * bins.count();
    std::int64_t rows = 0;
    for (std::size_t bin = 0; bin < bins.count(); ++bin) rows += histogram[bin];
    const std::int64_t wanted = test[group] + train[group];
    if (test[group] < 0 || train[group] < 0 || wanted > rows) {
      throw Error(ErrorCode::kInvalidArgument, "a split of " + std::to_string(wanted) +
                                                   " rows of a group of " + std::to_string(rows));
    }
    boundaries.emplace_back(bins, histogram, test[group]);
    boundaries.emplace_back(bins, histogram, wanted);
  }
  return boundaries;
}

}  // namespace

RowSplit SplitRows(const RowSplitPlan& plan, const Context& ctx) {
  Check(plan);
  const Bins bins(plan.test.size());
  std::vector<Boundary> boundaries =
      Boundaries(Histograms(plan, bins, ctx), bins, plan.test, plan.train);
  ForEachRow(plan, ctx, [&](std::int64_t row, std::size_t group, std::uint64_t key) {
    boundaries[2 * group].Collect(key, row);
    boundaries[2 * group + 1].Collect(key, row);
  });
  for (Boundary& boundary : boundaries) boundary.Settle();

  const auto bytes = static_cast<std::size_t>((plan.n_rows + 7) / 8);
  RowSplit split{std::vector<std::uint8_t>(bytes), std::vector<std::uint8_t>(bytes)};
  ForEachRow(plan, ctx, [&](std::int64_t row, std::size_t group, std::uint64_t key) {
    const auto bit = static_cast<std::uint8_t>(1u << (row & 7));
    if (boundaries[2 * group].Includes(key, row)) {
      split.test[static_cast<std::size_t>(row >> 3)] |= bit;
    } else if (boundaries[2 * group + 1].Includes(key, row)) {
      split.train[static_cast<std::size_t>(row >> 3)] |= bit;
    }
  });
  return split;
}

}  // namespace treeline
