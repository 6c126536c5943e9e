#pragma once

#include <cstdint>
#include <vector>

#include "forest/tree_params.h"

namespace treeline::forest {

/// A row in a tree, and its class and how often it counts, which histograms add up.
struct Entry {
  std::int32_t row;
  std::int32_t code;
  std::int32_t count;
};

/// The rows a tree learns from, ascending; rows of weight 0 are none.
struct TreeSample {
  std::vector<Entry> entries;
  /// Weights are whole numbers, those of the entries: sums of them are exact in any order.
  bool is_counted = true;
  std::vector<double> class_weights;  // that multiply them; empty: all 1
};

/// How the trees of a forest draw rows.
struct SamplingParams {
  std::uint64_t seed = 0;
  bool bootstrap = false;
  std::int64_t n_draws = 0;         // of a bootstrap
  bool balanced_subsample = false;  // class weights are those of the drawn rows
};

/// Draws rows for trees: with equal chances, or in proportion to weights (Walker's alias method).
class RowDrawer {
 public:
  /// `problem` must outlive it.
  RowDrawer(const TreeProblem& problem, SamplingParams params);

  /// How often a tree draws every row.
  std::vector<std::int32_t> Counts(std::int64_t tree) const;
  /// What tree number `tree` of the forest learns from: its draws, or all rows.
  TreeSample Draw(std::int64_t tree) const;
  /// The rows a tree draws, in the order of the draws.
  std::vector<std::int32_t> Rows(std::int64_t tree) const;

 private:
  std::int64_t RowOf(std::int64_t tree, std::int64_t draw) const noexcept;
  TreeSample All() const;

  const TreeProblem& problem_;
  SamplingParams params_;
  std::vector<double> keep_;         // the chance that a row stays itself; empty: all alike
  std::vector<std::int32_t> alias_;  // who it is otherwise
};

}  // namespace treeline::forest
