#pragma once

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "bins/binned_store.h"
#include "core/context.h"
#include "simd/kernels.h"

namespace treeline::boosting {

/// A condition on one column of bins: which rows go left. Bins 0 … bin, the missing one as told, or
/// a set of bins (categories; the missing bin may be a member).
struct BinSplit {
  std::int64_t feature = 0;
  int bin = 0;
  bool missing_left = false;
  std::vector<simd::BinSet> set{};  // its parts (bin_set.h); empty: there is none

  static BinSplit Of(std::int64_t feature, int bin, bool missing_left) noexcept {
    return {feature, bin, missing_left};
  }
  static BinSplit Of(std::int64_t feature, std::vector<simd::BinSet> set) noexcept {
    return {feature, 0, false, std::move(set)};
  }
  /// For the kernels, of a feature that is not wide; points into this split.
  simd::BinTest test() const noexcept {
    const int shift = missing_left ? 1 : 0;
    return {static_cast<std::uint8_t>(shift), static_cast<std::uint8_t>(bin + shift),
            set.empty() ? nullptr : set[0].bytes};
  }
};

/// The rows of a leaf in one chunk: all of them, a bitmap, or a list of row numbers, whichever is
/// cheapest.
struct RowSet {
  std::int64_t count = 0;
  const std::uint64_t* bitmap = nullptr;
  const std::uint16_t* list = nullptr;
  bool is_all = false;
};

/// A set of rows of a store: kChunkWords words a chunk, a bit a row; no bit beyond the last row.
using RowBitmaps = std::vector<AlignedBuffer<std::uint64_t>>;

/// Which rows of a store are in which leaf, while a tree grows. Leaf 0 starts with all rows. Leaves
/// with more than 1/32 of a chunk's rows keep a bitmap there (a split is one comparison per 64
/// rows), smaller ones a list.
class RowPartition {
 public:
  explicit RowPartition(const BinnedStore& store);

  /// Back to one leaf: with all rows, or with those of `only`.
  void Reset(const RowBitmaps* only = nullptr);
  /// Splits a leaf: it keeps the left rows, a new leaf (numbered in order of creation) gets the
  /// right ones. Returns how many went left.
  std::int64_t Split(std::int64_t leaf, const BinSplit& split, const Context& ctx);
  /// Makes `n` leaves without rows, numbered from the result on.
  std::int64_t AddLeaves(std::int64_t n);
  /// Split for a leaf `right` that has no rows yet. Different leaves may be split at once.
  std::int64_t SplitInto(std::int64_t leaf, std::int64_t right, const BinSplit& split,
                         const Context& ctx);
  /// Takes a SplitInto back, neither part of which was split further.
  void Rejoin(std::int64_t leaf, std::int64_t right);
  /// Leaf k becomes what leaf numbers[k] was; others must have no rows.
  void Renumber(const std::vector<std::int64_t>& numbers);

  std::int64_t n_leaves() const noexcept { return static_cast<std::int64_t>(counts_.size()); }
  std::int64_t count(std::int64_t leaf) const noexcept { return counts_[leaf]; }
  RowSet rows(std::int64_t leaf, std::int64_t chunk) const noexcept;
  std::size_t bytes() const noexcept;

 private:
  struct Segment {
    std::int32_t begin = 0;  // where the leaf's list is, or would be, in the chunk's order
    std::int32_t count = 0;
    std::int32_t bitmap = -1;  // in the chunk's pool; -1: a list (or no rows)
  };
  struct ChunkState {
    std::vector<Segment> segments;  // one a leaf
    AlignedBuffer<std::uint16_t> order;
    AlignedBuffer<std::uint64_t> bitmaps;
    std::atomic<std::uint64_t> free_bitmaps{0};  // a bit each: several leaves are split at once
  };
  class Bins;
  std::int64_t SplitChunk(std::int64_t c, std::int64_t leaf, std::int64_t right_leaf,
                          const BinSplit& split);
  static std::int32_t TakeBitmap(ChunkState& chunk) noexcept;
  static void ReturnBitmap(ChunkState& chunk, std::int32_t bitmap) noexcept;
  void RejoinChunk(ChunkState& chunk, Segment& left, Segment& right, std::int64_t words);
  std::int64_t ResetTo(const std::uint64_t* bitmap, ChunkState& chunk);
  void ToList(ChunkState& chunk, Segment& segment, std::int64_t words);

  const BinnedStore& store_;
  std::vector<std::int64_t> counts_;
  std::vector<ChunkState> chunks_;
};

/// Leaves of fewer rows are worked on by one thread: forking costs more than it saves.
inline constexpr std::int64_t kSerialRows = 8192;

}  // namespace treeline::boosting
