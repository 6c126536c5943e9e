#include "boosting/row_partition.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <utility>

#include "bins/bin_set.h"
#include "simd/kernels.h"

namespace treeline::boosting {

namespace {

constexpr std::int64_t kBitmapRows =
    kChunkRows / 32;  // leaves with more rows in a chunk keep a bitmap
constexpr std::int64_t kLongestList = 2 * kBitmapRows;  // of two that were rejoined
// 32 leaves can be that large; the rest is for splits under way. Memory that is never written is
// never given.
constexpr std::int64_t kMaxBitmaps = 64;
constexpr std::int64_t kListPadding = 64;  // kernels store whole vectors

std::int64_t WordsOf(std::int64_t rows) noexcept { return (rows + 63) / 64; }

/// body(chunk) for every chunk: in parallel if the leaf is large enough.
template <typename Body>
void ForChunks(std::int64_t n_chunks, std::int64_t rows, const Context& ctx, Body&& body) {
  if (rows < kSerialRows) {
    for (std::int64_t c = 0; c < n_chunks; ++c) body(c);
  } else {
    ctx.ParallelFor(n_chunks, [&](std::int64_t c, int) { body(c); });
  }
}

}  // namespace

RowPartition::RowPartition(const BinnedStore& store)
    : store_(store), chunks_(static_cast<std::size_t>(store.n_chunks())) {
  for (ChunkState& chunk : chunks_) {
    chunk.order = AlignedBuffer<std::uint16_t>(kChunkRows + kListPadding);
    chunk.bitmaps = AlignedBuffer<std::uint64_t>(kMaxBitmaps * kChunkWords);
  }
}

void RowPartition::Reset(const RowBitmaps* only) {
  counts_.assign(1, only == nullptr ? store_.rows() : 0);
  for (std::int64_t c = 0; c < store_.n_chunks(); ++c) {
    ChunkState& chunk = chunks_[c];
    const std::int64_t rows = store_.chunk_rows(c);
    chunk.free_bitmaps = ~std::uint64_t{1};
    if (only != nullptr) {
      counts_[0] += ResetTo((*only)[c].data(), chunk);
      continue;
    }
    chunk.segments.assign(1, {0, static_cast<std::int32_t>(rows), 0});
    std::memset(chunk.bitmaps.data(), 0xff, kChunkWords * sizeof(std::uint64_t));
    std::memset(chunk.bitmaps.data() + WordsOf(rows), 0,
                static_cast<std::size_t>(kChunkWords - WordsOf(rows)) * sizeof(std::uint64_t));
    if (rows % 64 != 0) chunk.bitmaps[rows / 64] = (std::uint64_t{1} << (rows % 64)) - 1;
    if (rows <= kBitmapRows) ToList(chunk, chunk.segments[0], WordsOf(rows));
  }
}

/// One leaf with the rows of a bitmap; returns their number.
std::int64_t RowPartition::ResetTo(const std::uint64_t* bitmap, ChunkState& chunk) {
  std::int32_t count = 0;
  for (std::int64_t word = 0; word < kChunkWords; ++word) count += std::popcount(bitmap[word]);
  std::memcpy(chunk.bitmaps.data(), bitmap, kChunkWords * sizeof(std::uint64_t));
  chunk.segments.assign(1, {0, count, 0});
  if (count <= kBitmapRows) ToList(chunk, chunk.segments[0], kChunkWords);
  return count;
}

RowSet RowPartition::rows(std::int64_t leaf, std::int64_t c) const noexcept {
  const ChunkState& chunk = chunks_[c];
  const Segment& segment = chunk.segments[leaf];
  RowSet set;
  set.count = segment.count;
  if (segment.count == store_.chunk_rows(c)) {
    set.is_all = true;
  } else if (segment.bitmap >= 0) {
    set.bitmap = chunk.bitmaps.data() + segment.bitmap * kChunkWords;
  } else {
    set.list = chunk.order.data() + segment.begin;
  }
  return set;
}

/// The bins that a split looks at in a chunk by row, those of a segment's rows at least. Of a wide
/// feature: 0 for rows that go left, 1 for the others.
class RowPartition::Bins {
 public:
  Bins(const RowPartition& partition, std::int64_t c, const Segment& segment,
       const BinSplit& split) noexcept
      : test_(split.test()) {
    if (segment.count == 0) return;
    const BinnedStore& store = partition.store_;
    const ChunkState& chunk = partition.chunks_[c];
    const std::uint16_t* list = nullptr;
    std::uint16_t expanded[kChunkRows + kListPadding];
    if (segment.bitmap < 0) {
      list = chunk.order.data() + segment.begin;
    } else if (store.gathers_bins(split.feature) && segment.count < store.chunk_rows(c) / 2) {
      simd::Active().partition.expand_bitmap(chunk.bitmaps.data() + segment.bitmap * kChunkWords,
                                             WordsOf(store.chunk_rows(c)), expanded);
      list = expanded;
    }
    const StoredFeature& feature = store.layout().feature(split.feature);
    if (!feature.is_wide) {
      data_ = store.bins(c, split.feature, list, segment.count, gathered_);
      return;
    }
    MarkRight(split, store.layout().n_bins(split.feature), store.words(c, split.feature), list,
              list == nullptr ? store.chunk_rows(c) : segment.count);
    data_ = gathered_;
    test_ = {};
  }
  const std::uint8_t* data() const noexcept { return data_; }
  const simd::BinTest& test() const noexcept { return test_; }

 private:
  /// Looks at the bins of the rows of `list`, or of rows 0 … n - 1.
  void MarkRight(const BinSplit& split, int n_bins, const std::uint16_t* bins,
                 const std::uint16_t* list, std::int64_t n) noexcept {
    if (!split.set.empty()) {
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t row = list == nullptr ? i : list[i];
        gathered_[row] = HasBin(split.set.data(), bins[row]) ? 0 : 1;
      }
      return;
    }
    // Those that go right are neighbours: what is above the bin, without the missing one or with
    // it.
    const auto first = static_cast<std::uint16_t>(split.bin + 1);
    const auto count = static_cast<std::uint16_t>(n_bins + (split.missing_left ? 0 : 1) - first);
    if (list == nullptr) {
      simd::Active().partition.mark_range(bins, n, first, count, gathered_);
      return;
    }
    for (std::int64_t i = 0; i < n; ++i)
      gathered_[list[i]] = static_cast<std::uint16_t>(bins[list[i]] - first) < count ? 1 : 0;
  }

  simd::BinTest test_;
  const std::uint8_t* data_ = nullptr;
  alignas(64) std::uint8_t gathered_[BinnedStore::kColumnStride];
};

std::int64_t RowPartition::Split(std::int64_t leaf, const BinSplit& split, const Context& ctx) {
  return SplitInto(leaf, AddLeaves(1), split, ctx);
}

std::int64_t RowPartition::AddLeaves(std::int64_t n) {
  const std::int64_t first = n_leaves();
  counts_.resize(static_cast<std::size_t>(first + n), 0);
  for (ChunkState& chunk : chunks_) chunk.segments.resize(counts_.size());
  return first;
}

std::int64_t RowPartition::SplitInto(std::int64_t leaf, std::int64_t right, const BinSplit& split,
                                     const Context& ctx) {
  std::atomic<std::int64_t> n_left{0};
  ForChunks(store_.n_chunks(), counts_[leaf], ctx,
            [&](std::int64_t c) { n_left += SplitChunk(c, leaf, right, split); });
  counts_[right] = counts_[leaf] - n_left;
  counts_[leaf] = n_left;
  return n_left;
}

std::int32_t RowPartition::TakeBitmap(ChunkState& chunk) noexcept {
  std::uint64_t seen = chunk.free_bitmaps.load();
  while (!chunk.free_bitmaps.compare_exchange_weak(seen, seen & (seen - 1))) {
  }
  return std::countr_zero(seen);
}

void RowPartition::ReturnBitmap(ChunkState& chunk, std::int32_t bitmap) noexcept {
  chunk.free_bitmaps.fetch_or(std::uint64_t{1} << bitmap);
}

std::int64_t RowPartition::SplitChunk(std::int64_t c, std::int64_t leaf, std::int64_t right_leaf,
                                      const BinSplit& split) {
  const simd::PartitionKernels& kernels = simd::Active().partition;
  ChunkState& chunk = chunks_[c];
  Segment& left = chunk.segments[leaf];
  Segment& right = chunk.segments[right_leaf];
  right = {left.begin, 0, -1};
  const Bins column(*this, c, left, split);
  const std::uint8_t* bins = column.data();
  if (left.count > 0 && left.bitmap >= 0) {
    const std::int64_t words = WordsOf(store_.chunk_rows(c));
    right.bitmap = TakeBitmap(chunk);
    const std::int64_t n_left = kernels.split_bitmap(
        bins, words, column.test(), chunk.bitmaps.data() + left.bitmap * kChunkWords,
        chunk.bitmaps.data() + right.bitmap * kChunkWords);
    right.begin = left.begin + static_cast<std::int32_t>(n_left);
    right.count = left.count - static_cast<std::int32_t>(n_left);
    left.count = static_cast<std::int32_t>(n_left);
    if (left.count <= kBitmapRows) ToList(chunk, left, words);
    if (right.count <= kBitmapRows) ToList(chunk, right, words);
  } else if (left.count > 0) {
    std::uint16_t moved[kLongestList + kListPadding];
    std::uint16_t* list = chunk.order.data() + left.begin;
    const std::int64_t n_left = kernels.split_list(bins, left.count, column.test(), list, moved);
    right.begin = left.begin + static_cast<std::int32_t>(n_left);
    right.count = left.count - static_cast<std::int32_t>(n_left);
    left.count = static_cast<std::int32_t>(n_left);
    std::memcpy(list + n_left, moved,
                static_cast<std::size_t>(right.count) * sizeof(std::uint16_t));
  }
  return left.count;
}

void RowPartition::Rejoin(std::int64_t leaf, std::int64_t right) {
  for (std::int64_t c = 0; c < store_.n_chunks(); ++c) {
    ChunkState& chunk = chunks_[c];
    RejoinChunk(chunk, chunk.segments[leaf], chunk.segments[right], WordsOf(store_.chunk_rows(c)));
  }
  counts_[leaf] += std::exchange(counts_[right], 0);
}

/// Lists lie one behind the other and are merged; a bitmap takes the other part's rows in.
void RowPartition::RejoinChunk(ChunkState& chunk, Segment& left, Segment& right,
                               std::int64_t words) {
  std::uint16_t* list = chunk.order.data() + left.begin;
  const std::int32_t bitmap = left.bitmap >= 0 ? left.bitmap : right.bitmap;
  if (bitmap < 0) {
    std::inplace_merge(list, list + left.count, list + left.count + right.count);
  } else {
    std::uint64_t* rows = chunk.bitmaps.data() + bitmap * kChunkWords;
    for (Segment* part : {&left, &right}) {
      if (part->bitmap == bitmap) continue;
      if (part->bitmap >= 0) {
        const std::uint64_t* more = chunk.bitmaps.data() + part->bitmap * kChunkWords;
        for (std::int64_t w = 0; w < words; ++w) rows[w] |= more[w];
        ReturnBitmap(chunk, part->bitmap);
      } else {
        const std::uint16_t* more = chunk.order.data() + part->begin;
        for (std::int32_t i = 0; i < part->count; ++i)
          rows[more[i] / 64] |= std::uint64_t{1} << (more[i] % 64);
      }
    }
  }
  left = {left.begin, left.count + right.count, bitmap};
  right = {};
}

void RowPartition::Renumber(const std::vector<std::int64_t>& numbers) {
  std::vector<std::int64_t> counts;
  for (const std::int64_t number : numbers) counts.push_back(counts_[number]);
  counts_ = std::move(counts);
  for (ChunkState& chunk : chunks_) {
    std::vector<Segment> segments;
    for (const std::int64_t number : numbers) segments.push_back(chunk.segments[number]);
    chunk.segments = std::move(segments);
  }
}

/// Turns a segment's bitmap into a list at its place in the order.
void RowPartition::ToList(ChunkState& chunk, Segment& segment, std::int64_t words) {
  std::uint16_t rows[kBitmapRows + kListPadding];
  const std::int64_t n = simd::Active().partition.expand_bitmap(
      chunk.bitmaps.data() + segment.bitmap * kChunkWords, words, rows);
  std::memcpy(chunk.order.data() + segment.begin, rows,
              static_cast<std::size_t>(n) * sizeof(std::uint16_t));
  ReturnBitmap(chunk, segment.bitmap);
  segment.bitmap = -1;
}

std::size_t RowPartition::bytes() const noexcept {
  std::size_t bytes = 0;
  constexpr std::size_t kUsedBitmaps = 34;  // 32 large leaves and two in passing
  for (const ChunkState& chunk : chunks_)
    bytes += chunk.order.bytes() + kUsedBitmaps * kChunkWords * sizeof(std::uint64_t);
  return bytes;
}

}  // namespace treeline::boosting
