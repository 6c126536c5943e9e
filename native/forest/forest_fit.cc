#include "forest/forest_fit.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <utility>

#include "core/random.h"
#include "forest/pruning.h"
#include "forest/tree_grower.h"

namespace treeline::forest {

namespace {

constexpr std::uint64_t kGrowStream = 2;

/// The splits of a tree as bins of a table.
struct BinSplit {
  std::int32_t feature;
  std::int32_t bin;  // the last that goes left
  std::int32_t left, right;
  bool missing_left;
};

std::vector<BinSplit> SplitsOf(const Forest& forest, std::int64_t tree, const BinTable& table) {
  const TreeNodes& nodes = forest.nodes;
  std::vector<BinSplit> splits;
  for (std::int64_t i = forest.first_node[tree]; i < forest.first_node[tree + 1]; ++i) {
    BinSplit split{nodes.feature[i], -1, nodes.left[i], nodes.right[i], nodes.missing_left[i] != 0};
    int above = split.left == kLeafChild ? 0 : table.n_bins(split.feature);
    for (int below = 0; below < above;) {
      const int middle = below + (above - below) / 2;
      if (table.highest(split.feature, middle) <= nodes.threshold[i]) {
        below = middle + 1;
      } else {
        above = middle;
      }
    }
    split.bin = above - 1;
    splits.push_back(split);
  }
  return splits;
}

std::int32_t LeafOf(const std::vector<BinSplit>& splits, const BinTable& table, std::int64_t row) {
  std::int32_t at = 0;
  while (splits[at].left != kLeafChild) {
    const BinSplit& split = splits[at];
    const int bin = table.BinOf(split.feature, row);
    const bool goes_left =
        bin == table.missing_bin(split.feature) ? split.missing_left : bin <= split.bin;
    at = goes_left ? split.left : split.right;
  }
  return at;
}

}  // namespace

Forest FitForest(const BinTable& table, const TreeProblem& problem, const ForestParams& params,
                 const Context& ctx) {
  const RowDrawer drawer(problem, params.sampling);
  const bool side_by_side = params.n_trees >= ctx.n_jobs;
  const Context inside{ctx.pool, side_by_side ? 1 : ctx.n_jobs, ctx.cancel, ctx.progress,
                       ctx.reducer};
  const TreeGrower grower(table, problem, params.tree, inside);
  std::vector<TreeNodes> trees(static_cast<std::size_t>(params.n_trees));
  std::atomic<std::int64_t> n_done{0};
  const Context outside{ctx.pool, side_by_side ? ctx.n_jobs : 1, ctx.cancel, ctx.progress,
                        ctx.reducer};
  outside.ParallelFor(params.n_trees, [&](std::int64_t t, int slot) {
    const std::int64_t number = params.first_tree + t;
    const std::uint64_t seed =
        RandomBits(params.sampling.seed, kGrowStream, static_cast<std::uint64_t>(number));
    trees[t] = grower.Grow(drawer.Draw(number), seed);
    if (params.tree.ccp_alpha > 0)
      trees[t] = Pruned(trees[t], problem.n_values(), params.tree.ccp_alpha);
    const std::int64_t done = ++n_done;
    // Slot 0 is the job's own thread: the one that may report.
    if (slot == 0)
      ctx.progress.Report(done, params.n_trees, std::numeric_limits<double>::quiet_NaN());
  });
  Forest forest;
  forest.n_features = table.n_features();
  forest.n_values = problem.n_values();
  for (TreeNodes& tree : trees) forest.Append(std::exchange(tree, {}));
  return forest;
}

OutOfBag PredictOutOfBag(const Forest& forest, const BinTable& table, const RowDrawer& drawer,
                         const Context& ctx) {
  const std::int64_t n_trees = forest.n_trees(), n_values = forest.n_values;
  std::vector<std::vector<bool>> drawn(static_cast<std::size_t>(n_trees));
  std::vector<std::vector<BinSplit>> splits(static_cast<std::size_t>(n_trees));
  ctx.ParallelFor(n_trees, [&](std::int64_t t, int) {
    splits[t] = SplitsOf(forest, t, table);
    for (const std::int32_t count : drawer.Counts(t)) drawn[t].push_back(count > 0);
  });
  OutOfBag result;
  result.values.assign(static_cast<std::size_t>(table.rows() * n_values), 0);
  result.n_trees.assign(static_cast<std::size_t>(table.rows()), 0);
  constexpr std::int64_t kTaskRows = 1024;
  ctx.ParallelFor((table.rows() + kTaskRows - 1) / kTaskRows, [&](std::int64_t task, int) {
    const std::int64_t begin = task * kTaskRows, end = std::min(table.rows(), begin + kTaskRows);
    for (std::int64_t t = 0; t < n_trees; ++t) {
      for (std::int64_t row = begin; row < end; ++row) {
        if (drawn[t][row]) continue;
        const std::int64_t leaf = forest.first_node[t] + LeafOf(splits[t], table, row);
        ++result.n_trees[row];
        for (std::int64_t k = 0; k < n_values; ++k)
          result.values[row * n_values + k] += forest.nodes.values[leaf * n_values + k];
      }
    }
    for (std::int64_t i = begin * n_values; i < end * n_values; ++i)
      result.values[i] /= result.n_trees[i / n_values];  // 0 / 0: NaN
  });
  return result;
}

}  // namespace treeline::forest
