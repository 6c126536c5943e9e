#include "boosting/monotonic.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace treeline::boosting {

void KeepMonotonic(std::span<const std::int8_t> signs, std::vector<double> weights, Tree& tree) {
  if (signs.empty()) return;
  std::vector<TreeNode>& nodes = tree.nodes;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<double> mean(nodes.size());
  std::vector<double> lower(nodes.size(), -kInfinity), upper(nodes.size(), kInfinity);
  for (std::size_t i = nodes.size(); i-- > 0;) {  // children come after their parents
    const TreeNode& node = nodes[i];
    mean[i] = node.value;
    if (node.feature < 0) continue;
    const double left = weights[node.left], right = weights[node.right];
    weights[i] = left + right;
    mean[i] = (left * mean[node.left] + right * mean[node.right]) / weights[i];
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    TreeNode& node = nodes[i];
    if (node.feature < 0) {
      node.value = std::clamp(node.value, lower[i], upper[i]);
      continue;
    }
    for (const std::int32_t child : {node.left, node.right}) {
      lower[child] = lower[i];
      upper[child] = upper[i];
    }
    const auto sign = signs[node.feature];
    if (sign == 0) continue;
    const double middle = (mean[node.left] + mean[node.right]) / 2;
    const double cut = std::clamp(middle, lower[i], upper[i]);
    upper[sign > 0 ? node.left : node.right] = cut;
    lower[sign > 0 ? node.right : node.left] = cut;
  }
}

}  // namespace treeline::boosting
