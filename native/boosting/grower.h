#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "bins/bin_mapper.h"
#include "bins/binned_store.h"
#include "bins/fit_trace.h"
#include "boosting/grower_params.h"
#include "boosting/histogram.h"
#include "boosting/row_partition.h"
#include "boosting/splitter.h"
#include "boosting/tree.h"
#include "core/context.h"

namespace treeline::boosting {

/// One split of a grown tree, in order: applying them to a RowPartition routes its rows.
struct GrowStep {
  std::int64_t leaf;
  BinSplit split;
};

/// Grows trees leaf by leaf, the best split first (scikit-learn's TreeGrower, LightGBM's leaf-wise
/// growth). One grower serves all trees of a fit; its scratch memory is reused.
class Grower {
 public:
  /// `trace` gets the times of its stages.
  Grower(const BinnedStore& store, const BinMapper& mapper, std::vector<bool> has_missing,
         const GrowerParams& params, FitTrace& trace);

  /// `number`: of the tree in its model; random draws depend on it. Gradients of several outputs
  /// (as many for every tree) make a tree of vector leaves.
  Tree Grow(std::span<const QuantizedGradients> gradients, std::int64_t number, const Context& ctx);

  /// Of the last tree: its rows, and its splits in order.
  const RowPartition& partition() const noexcept { return partition_; }
  const std::vector<GrowStep>& steps() const noexcept { return steps_; }
  /// The node of the last tree that a leaf of the partition is.
  std::int32_t node_of(std::int64_t leaf) const noexcept { return leaves_[leaf].node.number; }
  std::size_t bytes() const noexcept;

 private:
  struct Children;
  struct Leaf {
    SplitNode node;
    std::int64_t depth = 0;
    std::int64_t rows = 0;               // the leaf of the partition that has its rows
    int histogram = -1;                  // in histograms_, of all outputs; -1: none
    bool is_at_work = false;             // its histogram may not be taken away
    std::vector<std::uint8_t> allowed;   // Splitter::FeaturesOf
    NodeSplit split;                     // the best one found
    std::unique_ptr<Children> children;  // of the split, once it has been carried out
  };
  /// What a split makes of a leaf, before the tree has it.
  struct Children {
    Leaf left, right;
    NodeSplit split;
  };
  /// What one thread needs to work on a leaf by itself.
  struct Worker {
    explicit Worker(const BinnedStore& store) : builder(store) {}
    HistogramBuilder builder;
    FitTrace trace;
  };
  /// What carrying out a split uses.
  struct Means {
    Worker& worker;
    std::int64_t right_rows;  // a leaf of the partition without rows
    int histogram;            // one of histograms_ that nobody has; -1: children are not searched
    const Context& ctx;
  };

  void StartRoot(const Context& ctx);
  void ExpandBest(const Context& ctx);
  std::vector<std::int64_t> NextLeaves(const Context& ctx);
  void ExpandTogether(const std::vector<std::int64_t>& batch, const Context& ctx);
  void Expand(Leaf& leaf, const Means& means);
  void SplitRows(Leaf& leaf, const Means& means);
  void FindSplits(Leaf& left, Leaf& right, const Means& means);
  void SumUp(std::int64_t rows, int sums, int rest, const HistogramBuilder::Then& then,
             HistogramBuilder& builder, const Context& ctx, FitTrace& trace);
  void Commit(std::int64_t leaf);
  Tree Finish();

  std::int64_t n_leaves() const noexcept { return static_cast<std::int64_t>(leaves_.size()); }
  /// Of a histogram: all outputs together.
  std::int64_t n_sums() const noexcept {
    return store_.layout().n_sums() * static_cast<std::int64_t>(gradients_.size());
  }
  bool MayBeSplit(const Leaf& leaf) const noexcept;
  bool IsSmall(const Leaf& leaf) const noexcept;
  void SearchWithCounts(Leaf& leaf, const Context& ctx);
  void Enqueue(std::int64_t leaf);
  void Release(Leaf& leaf);
  int TakeHistogram();
  void Evict();
  void Restore(Leaf& leaf, const Context& ctx);
  const std::int64_t* ColumnSums(int histogram, std::size_t output,
                                 std::int64_t column) const noexcept;
  std::pair<std::int64_t, std::int64_t> LeftSums(const Leaf& leaf,
                                                 std::size_t output) const noexcept;
  void SearchColumn(const Leaf& leaf, std::int64_t column, NodeSplit& best, int counts = -1) const;
  NodeSplit SplitOfFeature(const Leaf& leaf, std::int64_t feature, std::int64_t column,
                           const std::int64_t* counts, double least_gain) const;

  const BinnedStore& store_;
  const BinMapper& mapper_;
  GrowerParams params_;
  Splitter splitter_;
  UsedColumns columns_;  // of the tree
  RowPartition partition_;
  std::vector<std::unique_ptr<Worker>> workers_;  // one a thread
  std::vector<Histogram> histograms_;
  std::vector<int> free_histograms_;
  std::int64_t most_histograms_ = 0;
  std::vector<Leaf> leaves_;
  using Ranked = std::pair<double, std::int64_t>;  // gain, -leaf
  std::priority_queue<Ranked> queue_;
  Tree tree_;
  std::vector<GrowStep> steps_;
  AlignedBuffer<std::uint32_t> ones_;  // gradient 0, hessian 1: for counting rows
  std::span<const QuantizedGradients> gradients_;
  FitTrace& trace_;
};

}  // namespace treeline::boosting
