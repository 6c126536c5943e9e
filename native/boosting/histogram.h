#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "boosting/binned_store.h"
#include "boosting/row_partition.h"
#include "core/aligned_buffer.h"
#include "core/context.h"

namespace treeline::boosting {

/// Bins of one feature in a histogram: 255 and the missing one.
inline constexpr std::int64_t kHistogramBins = 256;

/// Histograms of all features: packed sums (gradient << 32 | hessian), bin b of feature f at [f *
/// kHistogramBins + b]. Integers: whatever the order of the rows, the same bits.
using Histogram = AlignedBuffer<std::int64_t>;

/// Quantised gradients of one output: a pair a row (gradient << 16 | hessian), one pointer a chunk.
/// Not owned.
using GradientPairs = std::vector<const std::uint32_t*>;

/// Adds the rows of one feature group to the histograms of its features. `list` nullptr: rows 0 … n
/// - 1. `pairs` is indexed by row.
void AddToHistogram(const FeatureGroup& group, const std::uint8_t* records,
                    const std::uint32_t* pairs, const std::uint16_t* list, std::int64_t n,
                    std::int64_t* histogram) noexcept;

/// Builds the histograms of a leaf: chunks are claimed by threads, each with a histogram of its
/// own.
class HistogramBuilder {
 public:
  explicit HistogramBuilder(const BinnedStore& store) : store_(store) {}

  /// Sums over the rows of `leaf`. The result lies in parts: the sum over parts() of bin b is the
  /// histogram's. Valid until the next Build.
  void Build(const RowPartition& partition, std::int64_t leaf, const GradientPairs& pairs,
             const Context& ctx);
  std::span<const std::int64_t* const> parts() const noexcept { return parts_; }
  std::size_t bytes() const noexcept;

 private:
  struct Scratch {
    Histogram histogram;
    AlignedBuffer<std::uint16_t> rows;
    bool used = false;
  };
  void AddChunk(const RowPartition& partition, std::int64_t leaf, std::int64_t c,
                const std::uint32_t* pairs, Scratch& scratch) const;

  const BinnedStore& store_;
  std::vector<Scratch> scratch_;  // one a thread
  std::vector<const std::int64_t*> parts_;
};

}  // namespace treeline::boosting
