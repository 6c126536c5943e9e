#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/aligned_buffer.h"
#include "forest/bin_table.h"
#include "forest/criterion.h"
#include "forest/median_sides.h"
#include "forest/sample.h"
#include "forest/tree_params.h"

namespace treeline::forest {

/// Where a histogram's numbers of one bin are. Of a classification: a sum a class. Of a regression:
/// a sum an output, then the weight. Behind them the number of rows, where minSamplesLeaf needs it.
struct SumsLayout {
  std::int64_t n_sums = 0;
  bool has_weight = false;
  bool has_rows = false;
  std::int64_t width() const noexcept { return n_sums + (has_weight ? 1 : 0) + (has_rows ? 1 : 0); }
  std::int64_t rows_at() const noexcept { return width() - 1; }
};

/// The best (or random) split of a node on one feature.
struct SplitCandidate {
  double gain = kNever;
  bool is_constant = false;  // the node's rows have one value and none is missing, or all are
  std::int64_t feature = -1;
  int bin = -1;  // this one and those below go left
  double threshold = 0;
  bool has_missing = false;
  bool missing_left = false;
};

/// What the search of one node needs to know of it.
struct NodeView {
  std::span<const Entry> entries;
  const double* stats = nullptr;        // of a regression: width() numbers an entry
  const double* totals = nullptr;       // width() numbers
  const MedianNode* medians = nullptr;  // of the criterion absolute error
  double lower_bound = -std::numeric_limits<double>::infinity();  // of values (monotonic)
  double upper_bound = std::numeric_limits<double>::infinity();
};

/// Memory of one thread: a histogram that is all zeros between two searches.
struct SearchScratch {
  AlignedBuffer<double> sums;
  std::vector<std::uint64_t> touched;  // a bit a bin
  std::vector<int> present;            // bins that have rows, ascending
  std::vector<double> left, right;
  MedianSides medians;
};

/// Makes histograms of nodes and searches them for splits. T: std::int32_t where weights are whole
/// numbers, so that sums are exact; else double, and sums are in the order of the rows.
template <typename T>
class SplitSearch {
 public:
  /// All must outlive it. `min_weight_leaf`: of either side of a split.
  SplitSearch(const BinTable& table, const TreeProblem& problem, const TreeParams& params,
              const std::vector<double>& class_weights, double min_weight_leaf);

  const SumsLayout& layout() const noexcept { return layout_; }
  /// Numbers of a feature's histogram: all its bins and the missing one.
  std::int64_t HistogramSize(std::int64_t feature) const noexcept {
    return (table_.missing_bin(feature) + 1) * layout_.width();
  }
  SearchScratch MakeScratch() const;

  /// Adds the node's rows to a histogram of the feature.
  void Fill(std::int64_t feature, const NodeView& node, T* sums) const noexcept;
  /// Searches a full histogram. `random`: uniform in [0, 1), for the threshold and the side of
  /// missing values of a random split.
  SplitCandidate Search(std::int64_t feature, const NodeView& node, const T* sums,
                        const double* random, SearchScratch& scratch) const;
  /// Fill and Search in the scratch memory, which is left all zeros.
  SplitCandidate FillAndSearch(std::int64_t feature, const NodeView& node, const double* random,
                               SearchScratch& scratch) const;

 private:
  void ListPresent(std::int64_t feature, const T* sums, std::vector<int>& present) const;
  void ListTouched(std::int64_t feature, const NodeView& node, SearchScratch& scratch) const;
  SplitCandidate SearchPresent(std::int64_t feature, const NodeView& node, const T* sums,
                               const double* random, SearchScratch& scratch) const;
  void SearchBest(const NodeView& node, const T* sums, const T* missing, SearchScratch& scratch,
                  SplitCandidate& best) const;
  void SearchTwoClasses(const NodeView& node, const T* sums, const std::vector<int>& present,
                        SplitCandidate& best) const;
  void DrawSplit(const NodeView& node, const T* sums, const T* missing, const double* random,
                 SearchScratch& scratch, SplitCandidate& best) const;
  /// A split that is tried: behind the present bin number `place`; `left`: sums of its left side.
  struct Tried {
    std::int64_t feature;
    std::size_t place;
    bool missing_left;
    const T* left;
  };
  double GainOf(const NodeView& node, const Tried& split, SearchScratch& scratch) const noexcept;
  double ErrorGain(const NodeView& node, const Tried& split, double left_weight,
                   double right_weight, const MedianSides& sides) const noexcept;
  bool KeepsOrder(const NodeView& node, std::int64_t feature, double left,
                  double right) const noexcept;
  bool IsPresent(const T* sums) const noexcept;

  const BinTable& table_;
  const TreeProblem& problem_;
  const TreeParams& params_;
  const std::vector<double>& class_weights_;
  double min_weight_leaf_;
  SumsLayout layout_;
};

extern template class SplitSearch<std::int32_t>;
extern template class SplitSearch<double>;

}  // namespace treeline::forest
