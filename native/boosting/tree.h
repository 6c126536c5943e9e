#pragma once

#include <cstdint>
#include <vector>

namespace treeline::boosting {

/// A node of a tree. Inner nodes send x <= threshold left; NaN as missing_left says. Values are
/// already shrunk.
struct TreeNode {
  std::int32_t feature = -1;  // -1: a leaf
  std::int32_t left = -1;     // children come after their parents
  std::int32_t right = -1;
  bool missing_left = false;
  double threshold = 0;
  double value = 0;
  double gain = 0;
  std::int64_t count = 0;  // training rows
};

struct Tree {
  std::vector<TreeNode> nodes;  // nodes[0] is the root
};

/// A fitted ensemble: what predicts and what is saved.
struct Model {
  std::int64_t n_features = 0;
  std::int64_t n_outputs = 1;    // raw predictions of a row: 1, or one a class
  std::vector<double> baseline;  // one an output
  std::vector<Tree> trees;       // iteration by iteration, n_outputs trees each
  std::int64_t n_iterations() const noexcept {
    return static_cast<std::int64_t>(trees.size()) / n_outputs;
  }
};

}  // namespace treeline::boosting
