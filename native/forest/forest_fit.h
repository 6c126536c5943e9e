#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "forest/bin_table.h"
#include "forest/sample.h"
#include "forest/tree_nodes.h"
#include "forest/tree_params.h"

namespace treeline::forest {

struct ForestParams {
  TreeParams tree;
  SamplingParams sampling;
  std::int64_t first_tree = 0;  // number of the first new tree: trees draw by their number
  std::int64_t n_trees = 1;
};

/// Grows trees first_tree … first_tree + n_trees - 1, side by side where there are as many as
/// threads, else with threads inside each. Reports trees.
Forest FitForest(const BinTable& table, const TreeProblem& problem, const ForestParams& params,
                 const Context& ctx);

/// The mean prediction of every training row by the trees that did not draw it.
struct OutOfBag {
  std::vector<double> values;         // rows × n_values; NaN where every tree drew the row
  std::vector<std::int32_t> n_trees;  // that did not draw the row
};

/// `table` holds the rows the trees were fitted on; the forest's trees are numbers 0 … n_trees - 1.
OutOfBag PredictOutOfBag(const Forest& forest, const BinTable& table, const RowDrawer& drawer,
                         const Context& ctx);

}  // namespace treeline::forest
