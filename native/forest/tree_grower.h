#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/context.h"
#include "forest/sample.h"
#include "forest/split_search.h"
#include "forest/tree_nodes.h"

namespace treeline::forest {

/// Grows one tree at a time. Depth first, nodes numbered as scikit-learn numbers them, or best
/// first where the number of leaves is limited. What a tree draws depends on its seed alone; `ctx`
/// may share a large node's features out over threads, which changes no bit of the tree.
class TreeGrower {
 public:
  /// All must outlive it.
  TreeGrower(const BinTable& table, const TreeProblem& problem, const TreeParams& params,
             const Context& ctx)
      : table_(table), problem_(problem), params_(params), ctx_(ctx) {}

  TreeNodes Grow(TreeSample sample, std::uint64_t seed) const;

 private:
  const BinTable& table_;
  const TreeProblem& problem_;
  const TreeParams& params_;
  const Context& ctx_;
};

}  // namespace treeline::forest
