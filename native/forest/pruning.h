#pragma once

#include <vector>

#include "forest/tree_nodes.h"

namespace treeline::forest {

/// The sequence of minimal cost-complexity pruning (Breiman, Friedman, Olshen, Stone 1984, ch. 3):
/// effective alphas, ascending from 0, and the total impurity of the leaves at each.
struct PruningPath {
  std::vector<double> alphas;
  std::vector<double> impurities;
};

PruningPath PruningPathOf(const TreeNodes& tree);

/// The smallest subtree whose effective alphas are all above ccp_alpha. `n_values`: of a node.
TreeNodes Pruned(const TreeNodes& tree, std::int64_t n_values, double ccp_alpha);

}  // namespace treeline::forest
