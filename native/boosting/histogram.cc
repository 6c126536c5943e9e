#include "boosting/histogram.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "simd/kernels.h"

namespace treeline::boosting {

namespace {

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
template <int kFeatures>
void AddRows(const std::uint8_t* records, int record_bytes, const std::uint32_t* pairs,
             const std::uint16_t* list, std::int64_t n, std::int64_t* histogram) noexcept {
  const auto add = [&](std::int64_t row) {
    const std::uint8_t* bins = records + row * record_bytes;
    const std::int64_t summand = Widen(pairs[row]);
#pragma GCC unroll 32
    for (int j = 0; j < kFeatures; ++j) histogram[j * kHistogramBins + bins[j]] += summand;
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

using AddRowsFunction = void (*)(const std::uint8_t*, int, const std::uint32_t*,
                                 const std::uint16_t*, std::int64_t, std::int64_t*) noexcept;

template <int... kFeatures>
constexpr std::array<AddRowsFunction, sizeof...(kFeatures)> AddRowsTable(
    std::integer_sequence<int, kFeatures...>) {
  return {AddRows<kFeatures>...};
}

constexpr auto kAddRows = AddRowsTable(std::make_integer_sequence<int, 33>());

}  // namespace

void AddToHistogram(const FeatureGroup& group, const std::uint8_t* records,
                    const std::uint32_t* pairs, const std::uint16_t* list, std::int64_t n,
                    std::int64_t* histogram) noexcept {
  kAddRows[group.n_features](records, group.record_bytes, pairs, list, n, histogram);
}

void HistogramBuilder::Build(const RowPartition& partition, std::int64_t leaf,
                             const GradientPairs& pairs, const Context& ctx) {
  scratch_.resize(std::max(scratch_.size(), static_cast<std::size_t>(ctx.n_jobs)));
  for (Scratch& scratch : scratch_) scratch.used = false;
  const auto work = [&](std::int64_t c, int slot) {
    if (partition.rows(leaf, c).count == 0) return;
    Scratch& scratch = scratch_[slot];
    if (scratch.histogram.empty()) {
      scratch.histogram = Histogram(static_cast<std::size_t>(store_.n_features() * kHistogramBins));
      scratch.rows = AlignedBuffer<std::uint16_t>(kChunkRows + 64);
    }
    if (!std::exchange(scratch.used, true))
      std::memset(scratch.histogram.data(), 0, scratch.histogram.bytes());
    AddChunk(partition, leaf, c, pairs[c], scratch);
  };
  if (partition.count(leaf) < kSerialRows) {
    for (std::int64_t c = 0; c < store_.n_chunks(); ++c) work(c, 0);
  } else {
    ctx.ParallelFor(store_.n_chunks(), work);
  }
  parts_.clear();
  for (const Scratch& scratch : scratch_) {
    if (scratch.used) parts_.push_back(scratch.histogram.data());
  }
}

std::size_t HistogramBuilder::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const Scratch& scratch : scratch_) bytes += scratch.histogram.bytes() + scratch.rows.bytes();
  return bytes;
}

void HistogramBuilder::AddChunk(const RowPartition& partition, std::int64_t leaf, std::int64_t c,
                                const std::uint32_t* pairs, Scratch& scratch) const {
  const BinnedChunk& chunk = store_.chunk(c);
  const RowSet rows = partition.rows(leaf, c);
  const std::uint16_t* list = rows.is_all ? nullptr : rows.list;
  if (rows.bitmap != nullptr) {
    simd::Active().partition.expand_bitmap(rows.bitmap, (chunk.rows + 63) / 64,
                                           scratch.rows.data());
    list = scratch.rows.data();
  }
  for (const FeatureGroup& group : store_.groups()) {
    AddToHistogram(group, chunk.records.data() + group.first_record, pairs, list, rows.count,
                   scratch.histogram.data() + group.first_feature * kHistogramBins);
  }
}

}  // namespace treeline::boosting
