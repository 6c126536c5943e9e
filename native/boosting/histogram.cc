#include "boosting/histogram.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include "simd/kernels.h"

namespace treeline::boosting {

namespace {

/// Fewer additions than these are left to one thread: forking costs more than it saves.
constexpr std::int64_t kSerialUpdates = 200'000;
/// Leaves of more rows are shared out by rows, whatever the number of columns.
constexpr std::int64_t kRowsToShare = 65'536;
constexpr std::int64_t kColumnsPerTask = 8;
constexpr std::int64_t kPartsOfChunk = 4;  // where there are few chunks

/// Rows whose records and summands are put side by side before they are added: few enough for the
/// nearer caches, enough that bringing the sums back for them costs little.
constexpr std::int64_t kTileRows = 1024;
/// Rows fetched ahead of their use: without it a list waits for memory at every row.
constexpr std::int64_t kAhead = 32;

/// A pair of 16-bit integers as a packed 64-bit summand: gradient << 32 + hessian.
inline std::int64_t Widen(std::uint32_t pair) noexcept {
  const auto gradient = static_cast<std::int64_t>(static_cast<std::int32_t>(pair) >> 16);
  return gradient * (std::int64_t{1} << 32) + static_cast<std::int64_t>(pair & 0xffff);
}

/// Rows begin … begin + count - 1 of a list: their records one behind the other, and their
/// summands.
template <int kBytes>
void Gather(const std::uint8_t* records, const std::uint32_t* pairs,
            std::span<const std::uint16_t> list, std::size_t begin, std::size_t count,
            std::uint8_t* tile, std::int64_t* summands) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t coming = list[std::min(begin + i + kAhead, list.size() - 1)];
    __builtin_prefetch(records + coming * kBytes);
    __builtin_prefetch(pairs + coming);
    const std::int64_t row = list[begin + i];
    std::memcpy(tile + i * kBytes, records + row * kBytes, kBytes);
    summands[i] = Widen(pairs[row]);
  }
}

using GatherFunction = decltype(&Gather<8>);
constexpr std::array<GatherFunction, 5> kGather = {nullptr, Gather<8>, Gather<16>, Gather<24>,
                                                   Gather<32>};  // by words of a record

/// Adds rows to the sums of one wide column.
void AddWideRows(const std::uint8_t* records, const std::uint32_t* pairs, const std::uint16_t* list,
                 std::int64_t n, std::int64_t* sums) noexcept {
  const auto* codes = reinterpret_cast<const std::uint16_t*>(records);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t row = list == nullptr ? i : list[i];
    sums[codes[row]] += Widen(pairs[row]);
  }
}

std::int64_t Now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

UsedColumns::UsedColumns(const ColumnLayout& layout, std::span<const std::uint8_t> features)
    : is_used_(static_cast<std::size_t>(layout.n_columns())) {
  for (std::int64_t column = 0; column < layout.n_columns(); ++column) {
    const std::span<const std::int64_t> members = layout.members(column);
    is_used_[column] = features.empty() ||
                       std::any_of(members.begin(), members.end(),
                                   [&](std::int64_t feature) { return features[feature] != 0; });
    count_ += is_used_[column];
  }
  for (const ColumnGroup& group : layout.groups()) {
    std::vector<ColumnRun>& runs = runs_.emplace_back();
    for (int j = 0; j < group.n_columns; ++j) {
      if (!has(group.first_column + j)) continue;
      const bool goes_on = !runs.empty() && runs.back().first + runs.back().count == j &&
                           runs.back().count < simd::kPassColumns;
      if (goes_on) {
        ++runs.back().count;
      } else {
        runs.push_back({j, 1});
      }
    }
  }
}

void AddToSums(const ColumnGroup& group, std::span<const ColumnRun> runs,
               const std::uint8_t* records, const std::uint32_t* pairs, const std::uint16_t* list,
               std::int64_t n, std::int64_t* sums) noexcept {
  if (runs.empty()) return;
  if (group.is_wide()) return AddWideRows(records, pairs, list, n, sums);
  alignas(64) std::uint8_t gathered[kTileRows * kGroupColumns];
  std::int64_t summands[kTileRows];
  for (std::int64_t begin = 0; begin < n; begin += kTileRows) {
    const std::int64_t count = std::min(kTileRows, n - begin);
    const std::uint8_t* tile = gathered;
    if (list == nullptr) {
      tile = records + begin * group.record_bytes;
      std::transform(pairs + begin, pairs + begin + count, summands, Widen);
    } else {
      kGather[group.record_bytes / 8](records, pairs, {list, static_cast<std::size_t>(n)},
                                      static_cast<std::size_t>(begin),
                                      static_cast<std::size_t>(count), gathered, summands);
    }
    for (const ColumnRun& run : runs) {
      simd::Active().histograms.add_rows[run.count - 1](tile + run.first, group.record_bytes,
                                                        summands, count,
                                                        sums + run.first * simd::kSumStride);
    }
  }
}

void HistogramBuilder::Build(const Task& task, const Then& then, const Context& ctx,
                             FitTrace& trace) {
  const std::int64_t rows = task.partition.count(task.leaf);
  const auto n_groups = static_cast<std::int64_t>(store_.layout().groups().size());
  const std::int64_t updates = rows * task.columns.count();
  trace.histogram_updates += updates;
  scratch_.resize(std::max(scratch_.size(), static_cast<std::size_t>(ctx.n_jobs)));
  const bool is_serial = ctx.n_jobs == 1 || updates < kSerialUpdates;
  const bool by_groups = n_groups >= 4 * ctx.n_jobs || (n_groups >= 2 && rows < kRowsToShare);
  if (is_serial || by_groups) return BuildByGroups(task, then, ctx, !is_serial, trace);
  BuildByRows(task, then, ctx, trace);
}

/// Threads claim rows; their sums are merged column by column.
void HistogramBuilder::BuildByRows(const Task& task, const Then& then, const Context& ctx,
                                   FitTrace& trace) {
  const ColumnLayout& layout = store_.layout();
  {
    const StageTimer timer(trace, Stage::kHistogram);
    const std::int64_t n_parts = store_.n_chunks() < 8 * ctx.n_jobs ? kPartsOfChunk : 1;
    for (Scratch& scratch : scratch_) scratch.used = false;
    ctx.ParallelFor(store_.n_chunks() * n_parts, [&](std::int64_t t, int slot) {
      Scratch& scratch = ScratchOf(slot, SumsAt(layout.n_columns()));
      const Rows rows = PartOf(task, t / n_parts, t % n_parts, n_parts, scratch);
      if (rows.count == 0) return;
      scratch.used = true;
      for (std::size_t group = 0; group < layout.groups().size(); ++group) {
        Add(task, group, rows, scratch.sums.data() + SumsAt(layout.groups()[group].first_column));
      }
    });
  }
  const StageTimer timer(trace, Stage::kSplit);
  std::vector<Scratch*> used;
  for (Scratch& scratch : scratch_) {
    if (scratch.used) used.push_back(&scratch);
  }
  const std::int64_t n_tasks = (layout.n_columns() + kColumnsPerTask - 1) / kColumnsPerTask;
  ctx.ParallelFor(n_tasks, [&](std::int64_t t, int slot) {
    std::vector<std::int64_t*> parts(used.size());
    const std::int64_t end = std::min(layout.n_columns(), (t + 1) * kColumnsPerTask);
    for (std::int64_t column = t * kColumnsPerTask; column < end; ++column) {
      if (!task.columns.has(column)) continue;
      for (std::size_t k = 0; k < used.size(); ++k)
        parts[k] = used[k]->sums.data() + SumsAt(column);
      const std::int64_t at = layout.first_sum(column);
      simd::Active().histograms.merge(parts.data(), static_cast<std::int64_t>(parts.size()),
                                      layout.n_codes(column), task.sums + at,
                                      task.rest == nullptr ? nullptr : task.rest + at);
      then(column, slot);
    }
  });
}

/// Threads claim groups of columns, or one thread does all: a group's sums are searched while they
/// lie in the cache, and nothing is merged.
void HistogramBuilder::BuildByGroups(const Task& task, const Then& then, const Context& ctx,
                                     bool in_parallel, FitTrace& trace) {
  const std::size_t n_groups = store_.layout().groups().size();
  const std::int64_t start = Now();
  for (Scratch& scratch : scratch_) scratch.adding = scratch.searching = 0;
  ListRows(task, ctx, in_parallel);
  if (in_parallel) {
    ctx.ParallelFor(static_cast<std::int64_t>(n_groups), [&](std::int64_t g, int slot) {
      BuildGroup(task, static_cast<std::size_t>(g), then, slot);
    });
  } else {
    for (std::size_t g = 0; g < n_groups; ++g) BuildGroup(task, g, then, 0);
  }
  // The time that has passed, shared out as the threads' times were.
  std::int64_t adding = 0, searching = 0;
  for (const Scratch& scratch : scratch_) {
    adding += scratch.adding;
    searching += scratch.searching;
  }
  const std::int64_t passed = Now() - start;
  const auto search =
      static_cast<std::int64_t>(static_cast<double>(passed) * static_cast<double>(searching) /
                                static_cast<double>(std::max<std::int64_t>(1, adding + searching)));
  trace.nanoseconds[static_cast<std::size_t>(Stage::kSplit)] += search;
  trace.nanoseconds[static_cast<std::size_t>(Stage::kHistogram)] += passed - search;
}

void HistogramBuilder::BuildGroup(const Task& task, std::size_t number, const Then& then,
                                  int slot) {
  const ColumnLayout& layout = store_.layout();
  const ColumnGroup& group = layout.groups()[number];
  Scratch& scratch = ScratchOf(slot, group.is_wide() ? layout.n_codes(group.first_column)
                                                     : group.n_columns * simd::kSumStride);
  const std::int64_t start = Now();
  for (const Rows& rows : rows_) {
    if (rows.count > 0) Add(task, number, rows, scratch.sums.data());
  }
  const std::int64_t added = Now();
  for (int j = 0; j < group.n_columns; ++j) {
    const std::int64_t column = group.first_column + j;
    if (!task.columns.has(column)) continue;
    const std::int64_t at = layout.first_sum(column);
    std::int64_t* part = scratch.sums.data() + j * simd::kSumStride;
    simd::Active().histograms.merge(&part, 1, layout.n_codes(column), task.sums + at,
                                    task.rest == nullptr ? nullptr : task.rest + at);
    then(column, slot);
  }
  scratch.adding += added - start;
  scratch.searching += Now() - added;
}

/// The leaf's rows in every chunk; bitmaps as lists.
void HistogramBuilder::ListRows(const Task& task, const Context& ctx, bool in_parallel) {
  rows_.assign(static_cast<std::size_t>(store_.n_chunks()), {});
  std::int64_t listed = 0;  // rows, and what lists are padded with
  std::vector<std::int64_t> places(rows_.size(), -1);
  for (std::int64_t c = 0; c < store_.n_chunks(); ++c) {
    const RowSet set = task.partition.rows(task.leaf, c);
    rows_[c] = {c, 0, set.count, set.is_all ? nullptr : set.list};
    if (set.count == 0 || set.is_all || set.bitmap == nullptr) continue;
    places[c] = listed;
    listed += set.count + 64;
  }
  if (listed == 0) return;
  if (static_cast<std::size_t>(listed) > lists_.size())
    lists_ = AlignedBuffer<std::uint16_t>(static_cast<std::size_t>(listed));
  const auto expand = [&](std::int64_t c, int) {
    if (places[c] < 0) return;
    std::uint16_t* list = lists_.data() + places[c];
    simd::Active().partition.expand_bitmap(task.partition.rows(task.leaf, c).bitmap,
                                           (store_.chunk_rows(c) + 63) / 64, list);
    rows_[c].list = list;
  };
  if (in_parallel) {
    ctx.ParallelFor(store_.n_chunks(), expand);
  } else {
    for (std::int64_t c = 0; c < store_.n_chunks(); ++c) expand(c, 0);
  }
}

/// Part `part` of `n_parts` of the leaf's rows in a chunk.
HistogramBuilder::Rows HistogramBuilder::PartOf(const Task& task, std::int64_t chunk,
                                                std::int64_t part, std::int64_t n_parts,
                                                Scratch& scratch) const {
  const RowSet set = task.partition.rows(task.leaf, chunk);
  const auto cut = [&](std::int64_t n, std::int64_t p) { return n * p / n_parts; };
  if (set.count == 0) return {};
  if (set.is_all) {
    const std::int64_t first = cut(set.count, part);
    return {chunk, first, cut(set.count, part + 1) - first, nullptr};
  }
  if (set.bitmap == nullptr) {
    const std::int64_t first = cut(set.count, part);
    return {chunk, 0, cut(set.count, part + 1) - first, set.list + first};
  }
  const std::int64_t words = (store_.chunk_rows(chunk) + 63) / 64;
  const std::int64_t word = cut(words, part);
  const std::int64_t count = simd::Active().partition.expand_bitmap(
      set.bitmap + word, cut(words, part + 1) - word, scratch.rows.data());
  return {chunk, 64 * word, count, scratch.rows.data()};
}

void HistogramBuilder::Add(const Task& task, std::size_t number, const Rows& rows,
                           std::int64_t* sums) const noexcept {
  const ColumnGroup& group = store_.layout().groups()[number];
  AddToSums(group, task.columns.runs(number),
            store_.records(rows.chunk, group) + rows.first * group.record_bytes,
            task.pairs[rows.chunk] + rows.first, rows.list, rows.count, sums);
}

/// Where a column's sums are in the memory of a thread that adds to all columns.
std::int64_t HistogramBuilder::SumsAt(std::int64_t column) const noexcept {
  const ColumnLayout& layout = store_.layout();
  const std::int64_t n_narrow = layout.n_columns() - layout.n_wide();
  if (column <= n_narrow) return column * simd::kSumStride;
  return n_narrow * simd::kSumStride + layout.first_sum(column) - layout.first_sum(n_narrow);
}

HistogramBuilder::Scratch& HistogramBuilder::ScratchOf(int slot, std::int64_t n_sums) {
  Scratch& scratch = scratch_[slot];
  if (scratch.rows.empty()) scratch.rows = AlignedBuffer<std::uint16_t>(kChunkRows + 64);
  const auto wanted = static_cast<std::size_t>(n_sums);
  if (scratch.sums.size() < wanted) {
    scratch.sums = Histogram(wanted);
    std::memset(scratch.sums.data(), 0, scratch.sums.bytes());
  }
  return scratch;
}

std::size_t HistogramBuilder::bytes() const noexcept {
  std::size_t bytes = lists_.bytes() + rows_.size() * sizeof(Rows);
  for (const Scratch& scratch : scratch_) bytes += scratch.sums.bytes() + scratch.rows.bytes();
  return bytes;
}

}  // namespace treeline::boosting
