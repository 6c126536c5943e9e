#include "forest/tree_nodes.h"

#include "core/error.h"

namespace treeline::forest {

namespace {

template <typename T>
void Add(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

}  // namespace

void TreeNodes::Append(const TreeNodes& other) {
  Add(feature, other.feature);
  Add(threshold, other.threshold);
  Add(left, other.left);
  Add(right, other.right);
  Add(missing_left, other.missing_left);
  Add(impurity, other.impurity);
  Add(n_rows, other.n_rows);
  Add(weight, other.weight);
  Add(values, other.values);
}

void Forest::Append(const TreeNodes& tree) {
  nodes.Append(tree);
  first_node.push_back(static_cast<std::int64_t>(nodes.feature.size()));
}

void Forest::Check() const {
  const auto refuse = [] { throw Error(ErrorCode::kInvalidData, "the trees are damaged"); };
  const std::size_t n = nodes.feature.size();
  if (n_values < 1 || first_node.empty() || first_node.front() != 0 ||
      first_node.back() != static_cast<std::int64_t>(n) || nodes.threshold.size() != n ||
      nodes.left.size() != n || nodes.right.size() != n || nodes.missing_left.size() != n ||
      nodes.values.size() != n * static_cast<std::size_t>(n_values)) {
    refuse();
  }
  for (std::int64_t t = 0; t < n_trees(); ++t) {
    const std::int64_t begin = first_node[t], size = first_node[t + 1] - begin;
    if (size < 1 || size > INT32_MAX) refuse();
    for (std::int64_t i = 0; i < size; ++i) {
      const std::int64_t left = nodes.left[begin + i], right = nodes.right[begin + i];
      if (left == kLeafChild) continue;
      const std::int64_t feature = nodes.feature[begin + i];
      if (left <= i || right <= i || left >= size || right >= size || feature < 0 ||
          feature >= n_features) {
        refuse();
      }
    }
  }
}

}  // namespace treeline::forest
