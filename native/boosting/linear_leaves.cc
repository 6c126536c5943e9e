#include "boosting/linear_leaves.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "boosting/for_rows.h"

namespace treeline::boosting {

namespace {

// A feature whose variance in a leaf, what is left of it beside the features before, is a smaller
// share than this of what it was, is told by those already, up to rounding.
constexpr double kLeastShare = 1e-10;

/// The parent of every node; -1: the root's.
std::vector<std::int32_t> ParentsOf(const Tree& tree) {
  std::vector<std::int32_t> parents(tree.nodes.size(), -1);
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    if (tree.nodes[i].feature < 0) continue;
    parents[tree.nodes[i].left] = static_cast<std::int32_t>(i);
    parents[tree.nodes[i].right] = static_cast<std::int32_t>(i);
  }
  return parents;
}

/// The numerical features split on above a node, ascending.
std::vector<std::int32_t> PathFeatures(const Tree& tree, const std::vector<std::int32_t>& parents,
                                       std::int32_t node) {
  std::vector<std::int32_t> features;
  for (std::int32_t at = parents[node]; at >= 0; at = parents[at]) {
    if (tree.nodes[at].set < 0) features.push_back(tree.nodes[at].feature);
  }
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  return features;
}

/// Weighted sums over the rows of a leaf that count: of gradients g, hessians h and distances d
/// from the first such row, whose values are of the size of the others: products keep their digits.
struct LeafSums {
  explicit LeafSums(std::size_t n) : hd(n), gd(n), hdd(n * (n + 1) / 2), origin(n), distance(n) {}

  std::int64_t rows = 0;
  double g = 0, h = 0;
  std::vector<double> hd, gd, hdd;  // hdd: the lower triangle, row by row
  std::vector<double> origin, distance;

  /// Whether row `row` of the table counts: its distances are there then.
  bool Read(const std::vector<std::int32_t>& features, const RawColumns& columns,
            std::int64_t row) {
    for (std::size_t j = 0; j < features.size(); ++j) {
      const double x = columns.at(features[j], row);
      if (!std::isfinite(x)) return false;
      distance[j] = rows == 0 ? x : x - origin[j];
    }
    if (rows == 0) {
      origin = distance;
      std::fill(distance.begin(), distance.end(), 0.0);
    }
    return true;
  }
  void Add(double gradient, double hessian) {
    ++rows;
    g += gradient;
    h += hessian;
    std::size_t at = 0;
    for (std::size_t j = 0; j < distance.size(); ++j) {
      const double weighted = hessian * distance[j];
      hd[j] += weighted;
      gd[j] += gradient * distance[j];
      for (std::size_t k = 0; k <= j; ++k) hdd[at++] += weighted * distance[k];
    }
  }
};

LeafSums SumUp(const LeafRows& leaves, std::int64_t leaf, const QuantizedGradients& gradients,
               const std::vector<std::int32_t>& features) {
  LeafSums sums(features.size());
  for (std::int64_t c = 0; c < leaves.rows.n_chunks(); ++c) {
    ForRows(leaves.partition.rows(leaf, c), [&](std::int64_t i) {
      if (!sums.Read(features, leaves.columns, leaves.rows.table_row(c, i))) return;
      const std::uint32_t pair = gradients.pairs[c][i];
      sums.Add(static_cast<double>(static_cast<std::int32_t>(pair) >> 16) * gradients.gradient_unit,
               static_cast<double>(pair & 0xffff) * gradients.hessian_unit);
    });
  }
  return sums;
}

/// Solves A x = b for a symmetric A without negative eigenvalues (the lower triangle, row by row,
/// overwritten by its Cholesky factor): an unknown that those before it determine is 0.
std::vector<double> SolveWithout(std::vector<double>& a, std::vector<double> b) {
  const auto n = b.size();
  const auto at = [&](std::size_t i, std::size_t j) -> double& { return a[i * (i + 1) / 2 + j]; };
  std::vector<bool> is_used(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double whole = at(i, i);
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = at(i, j);
      for (std::size_t k = 0; k < j; ++k) sum -= at(i, k) * at(j, k);
      if (j < i) {
        at(i, j) = is_used[j] ? sum / at(j, j) : 0;
      } else {
        is_used[i] = sum > kLeastShare * whole;
        at(i, i) = is_used[i] ? std::sqrt(sum) : 0;
      }
    }
    for (std::size_t k = 0; k < i; ++k) b[i] -= at(i, k) * b[k];
    b[i] = is_used[i] ? b[i] / at(i, i) : 0;
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= at(k, i) * b[k];
    b[i] = is_used[i] ? b[i] / at(i, i) : 0;
  }
  return b;
}

/// The regression on distances from their mean: its constant is the Newton step of the rows that
/// count, whatever the slopes are. Empty: the leaf stays constant.
LinearLeaf Regression(const LeafSums& sums, const std::vector<std::int32_t>& features,
                      double lambda, double l2_regularization) {
  const std::size_t n = features.size();
  if (sums.rows <= static_cast<std::int64_t>(n) || !(sums.h > 0)) return {};
  std::vector<double> a(sums.hdd), b(n), mean(n);
  std::size_t at = 0;
  for (std::size_t j = 0; j < n; ++j) {
    mean[j] = sums.hd[j] / sums.h;
    b[j] = sums.g * mean[j] - sums.gd[j];
    for (std::size_t k = 0; k <= j; ++k) {
      const double whole = a[at];
      a[at] -= sums.hd[j] * mean[k];
      if (k == j) a[at] = (a[at] > kLeastShare * kLeastShare * whole ? a[at] : 0) + lambda;
      ++at;
    }
  }
  LinearLeaf leaf;
  leaf.constant = -sums.g / (sums.h + l2_regularization);
  const std::vector<double> slopes = SolveWithout(a, std::move(b));
  for (std::size_t j = 0; j < n; ++j) {
    if (slopes[j] == 0) continue;
    leaf.features.push_back(features[j]);
    leaf.slopes.push_back(slopes[j]);
    leaf.constant -= slopes[j] * (sums.origin[j] + mean[j]);
  }
  return leaf;
}

bool IsFinite(const LinearLeaf& leaf) {
  return std::isfinite(leaf.constant) &&
         std::all_of(leaf.slopes.begin(), leaf.slopes.end(),
                     [](double slope) { return std::isfinite(slope); });
}

}  // namespace

void FitLinearLeaves(const LeafRows& leaves, const QuantizedGradients& gradients,
                     const LinearLeafParams& params, double l2_regularization, double learning_rate,
                     Tree& tree, const Context& ctx) {
  const std::vector<std::int32_t> parents = ParentsOf(tree);
  tree.linear.assign(leaves.nodes.size(), {});
  ctx.ParallelFor(static_cast<std::int64_t>(leaves.nodes.size()), [&](std::int64_t leaf, int) {
    const std::int32_t node = leaves.nodes[leaf];
    const std::vector<std::int32_t> features = PathFeatures(tree, parents, node);
    if (features.empty()) return;
    LinearLeaf fitted = Regression(SumUp(leaves, leaf, gradients, features), features,
                                   params.lambda, l2_regularization);
    fitted.constant *= learning_rate;
    for (double& slope : fitted.slopes) slope *= learning_rate;
    if (IsFinite(fitted)) tree.linear[tree.nodes[node].leaf] = std::move(fitted);
  });
}

void AddLinearLeaves(std::span<const RowPartition* const> partitions,
                     std::span<const std::int32_t> nodes, const RawColumns& columns,
                     const Tree& tree, std::int64_t output, RowData& rows, const Context& ctx) {
  ctx.ParallelFor(rows.n_chunks(), [&](std::int64_t c, int) {
    double* scores = rows.scores(c, output);
    for (std::size_t leaf = 0; leaf < nodes.size(); ++leaf) {
      const TreeNode& node = tree.nodes[nodes[leaf]];
      const LinearLeaf& linear = tree.linear[node.leaf];
      for (const RowPartition* partition : partitions) {
        ForRows(partition->rows(static_cast<std::int64_t>(leaf), c), [&](std::int64_t i) {
          const std::int64_t row = rows.table_row(c, i);
          scores[i] +=
              linear.At(node.value, [&](std::int32_t feature) { return columns.at(feature, row); });
        });
      }
    }
  });
}

}  // namespace treeline::boosting
