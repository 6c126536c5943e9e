#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "bins/binned_store.h"
#include "bins/fit_trace.h"
#include "boosting/row_partition.h"
#include "core/aligned_buffer.h"
#include "core/context.h"

namespace treeline::boosting {

/// Histograms of all stored columns: packed sums (gradient << 32 | hessian), code b of a column at
/// [layout.first_sum(column) + b]. Integers: whatever the order of the rows, the same bits.
using Histogram = AlignedBuffer<std::int64_t>;

/// Quantised gradients of one output: a pair a row (gradient << 16 | hessian), one pointer a chunk.
/// Not owned.
using GradientPairs = std::vector<const std::uint32_t*>;

/// Neighbouring columns of a group, at most simd::kPassColumns: what is added up at a time.
struct ColumnRun {
  int first, count;
};

/// The stored columns that histograms are made of: those that hold a feature that a tree looks at.
class UsedColumns {
 public:
  /// `features`: a byte each, 0 for those not looked at; empty: all are.
  UsedColumns(const ColumnLayout& layout, std::span<const std::uint8_t> features);

  bool has(std::int64_t column) const noexcept { return is_used_[column] != 0; }
  std::int64_t count() const noexcept { return count_; }
  /// Of a group, by its number.
  std::span<const ColumnRun> runs(std::size_t group) const noexcept { return runs_[group]; }

 private:
  std::vector<std::uint8_t> is_used_;
  std::vector<std::vector<ColumnRun>> runs_;
  std::int64_t count_ = 0;
};

/// Adds rows to the sums of some of a group's columns, column j's at sums + j * simd::kSumStride.
/// `list` nullptr: rows 0 … n - 1. `records` and `pairs` are indexed by row.
void AddToSums(const ColumnGroup& group, std::span<const ColumnRun> runs,
               const std::uint8_t* records, const std::uint32_t* pairs, const std::uint16_t* list,
               std::int64_t n, std::int64_t* sums) noexcept;

/// Builds the histograms of leaves. Large leaves are shared out by rows, each thread with sums of
/// its own; small ones of many columns by groups of columns.
class HistogramBuilder {
 public:
  explicit HistogramBuilder(const BinnedStore& store) : store_(store) {}

  /// The rows to add up, and where the sums go.
  struct Task {
    const UsedColumns& columns;  // sums of others are left as they are
    const RowPartition& partition;
    std::int64_t leaf;
    const GradientPairs& pairs;
    std::int64_t* sums;  // the leaf's histogram
    std::int64_t* rest;  // its parent's, which becomes its sibling's; or nullptr
  };
  /// Called once a used column when its sums are there, on any thread; slots as in ParallelFor.
  using Then = std::function<void(std::int64_t column, int slot)>;
  void Build(const Task& task, const Then& then, const Context& ctx, FitTrace& trace);

  std::size_t bytes() const noexcept;

 private:
  /// Memory of one thread. Sums are 0 between two builds: what reads them clears them.
  struct Scratch {
    Histogram sums;  // of one group, or of all (SumsAt)
    AlignedBuffer<std::uint16_t> rows;
    bool used = false;
    std::int64_t adding = 0, searching = 0;  // nanoseconds
  };
  /// Rows of a leaf in a part of a chunk, ready for AddToSums.
  struct Rows {
    std::int64_t chunk = 0;
    std::int64_t first = 0;  // what row numbers count from
    std::int64_t count = 0;
    const std::uint16_t* list = nullptr;
  };
  void BuildByRows(const Task& task, const Then& then, const Context& ctx, FitTrace& trace);
  void BuildByGroups(const Task& task, const Then& then, const Context& ctx, bool in_parallel,
                     FitTrace& trace);
  void BuildGroup(const Task& task, std::size_t group, const Then& then, int slot);
  void ListRows(const Task& task, const Context& ctx, bool in_parallel);
  Rows PartOf(const Task& task, std::int64_t chunk, std::int64_t part, std::int64_t n_parts,
              Scratch& scratch) const;
  void Add(const Task& task, std::size_t group, const Rows& rows,
           std::int64_t* sums) const noexcept;
  std::int64_t SumsAt(std::int64_t column) const noexcept;
  Scratch& ScratchOf(int slot, std::int64_t n_sums);

  const BinnedStore& store_;
  std::vector<Scratch> scratch_;  // one a thread
  std::vector<Rows> rows_;        // by chunk, of the leaf at hand
  AlignedBuffer<std::uint16_t> lists_;
};

}  // namespace treeline::boosting
