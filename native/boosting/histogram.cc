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

/// Rows fetched ahead of their use: without it a list waits for memory at every row (measured: four
/// times slower).
constexpr std::int64_t kAhead = 24;

/// A pair of 16-bit integers as a packed 64-bit summand: gradient << 32 + hessian.
inline std::int64_t Widen(std::uint32_t pair) noexcept {
  const auto gradient = static_cast<std::int64_t>(static_cast<std::int32_t>(pair) >> 16);
  return gradient * (std::int64_t{1} << 32) + static_cast<std::int64_t>(pair & 0xffff);
}

/// One addition per (row, feature): the loop that a fit spends most of its time in. The number of
/// features is a constant, so that the compiler unrolls it completely. Plain integer code: no
/// instruction set does better than one read-modify-write a cycle.
template <int kColumns>
void AddRows(const std::uint8_t* records, int record_bytes, const std::uint32_t* pairs,
             const std::uint16_t* list, std::int64_t n, std::int64_t* sums) noexcept {
  const auto add = [&](std::int64_t row) {
    const std::uint8_t* codes = records + row * record_bytes;
    const std::int64_t summand = Widen(pairs[row]);
#pragma GCC unroll 32
    for (int j = 0; j < kColumns; ++j) sums[j * kSumStride + codes[j]] += summand;
  };
  if (list == nullptr) {
    for (std::int64_t row = 0; row < n; ++row) add(row);
    return;
  }
  std::int64_t i = 0;
  for (; i + kAhead < n; ++i) {
    const std::int64_t coming = list[i + kAhead];
    __builtin_prefetch(records + coming * record_bytes);
    __builtin_prefetch(pairs + coming);
    add(list[i]);
  }
  for (; i < n; ++i) add(list[i]);
}

/// The same for one wide column.
void AddWideRows(const std::uint8_t* records, const std::uint32_t* pairs, const std::uint16_t* list,
                 std::int64_t n, std::int64_t* sums) noexcept {
  const auto* codes = reinterpret_cast<const std::uint16_t*>(records);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t row = list == nullptr ? i : list[i];
    sums[codes[row]] += Widen(pairs[row]);
  }
}

using AddRowsFunction = void (*)(const std::uint8_t*, int, const std::uint32_t*,
                                 const std::uint16_t*, std::int64_t, std::int64_t*) noexcept;

template <int... kColumns>
constexpr std::array<AddRowsFunction, sizeof...(kColumns)> AddRowsTable(
    std::integer_sequence<int, kColumns...>) {
  return {AddRows<kColumns>...};
}

constexpr auto kAddRows = AddRowsTable(std::make_integer_sequence<int, 33>());

std::int64_t Now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

void AddToSums(const ColumnGroup& group, const std::uint8_t* records, const std::uint32_t* pairs,
               const std::uint16_t* list, std::int64_t n, std::int64_t* sums) noexcept {
  if (group.is_wide()) return AddWideRows(records, pairs, list, n, sums);
  kAddRows[group.n_columns](records, group.record_bytes, pairs, list, n, sums);
}

void HistogramBuilder::Build(const Task& task, const Then& then, const Context& ctx,
                             FitTrace& trace) {
  const std::int64_t rows = task.partition.count(task.leaf);
  const auto n_groups = static_cast<std::int64_t>(store_.layout().groups().size());
  const std::int64_t updates = rows * store_.layout().n_columns();
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
      for (const ColumnGroup& group : layout.groups()) {
        Add(group, rows, task.pairs, scratch.sums.data() + SumsAt(group.first_column));
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
  const std::vector<ColumnGroup>& groups = store_.layout().groups();
  const std::int64_t start = Now();
  for (Scratch& scratch : scratch_) scratch.adding = scratch.searching = 0;
  ListRows(task, ctx, in_parallel);
  if (in_parallel) {
    ctx.ParallelFor(static_cast<std::int64_t>(groups.size()),
                    [&](std::int64_t g, int slot) { BuildGroup(task, groups[g], then, slot); });
  } else {
    for (const ColumnGroup& group : groups) BuildGroup(task, group, then, 0);
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

void HistogramBuilder::BuildGroup(const Task& task, const ColumnGroup& group, const Then& then,
                                  int slot) {
  const ColumnLayout& layout = store_.layout();
  Scratch& scratch = ScratchOf(
      slot, group.is_wide() ? layout.n_codes(group.first_column) : group.n_columns * kSumStride);
  const std::int64_t start = Now();
  for (const Rows& rows : rows_) {
    if (rows.count > 0) Add(group, rows, task.pairs, scratch.sums.data());
  }
  const std::int64_t added = Now();
  for (int j = 0; j < group.n_columns; ++j) {
    const std::int64_t column = group.first_column + j;
    const std::int64_t at = layout.first_sum(column);
    std::int64_t* part = scratch.sums.data() + j * kSumStride;
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

void HistogramBuilder::Add(const ColumnGroup& group, const Rows& rows, const GradientPairs& pairs,
                           std::int64_t* sums) const noexcept {
  AddToSums(group, store_.records(rows.chunk, group) + rows.first * group.record_bytes,
            pairs[rows.chunk] + rows.first, rows.list, rows.count, sums);
}

/// Where a column's sums are in the memory of a thread that adds to all columns.
std::int64_t HistogramBuilder::SumsAt(std::int64_t column) const noexcept {
  const ColumnLayout& layout = store_.layout();
  const std::int64_t n_narrow = layout.n_columns() - layout.n_wide();
  if (column <= n_narrow) return column * kSumStride;
  return n_narrow * kSumStride + layout.first_sum(column) - layout.first_sum(n_narrow);
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
