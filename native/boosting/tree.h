#pragma once

#include <cstdint>
#include <vector>

#include "boosting/categories.h"
#include "simd/kernels.h"

namespace treeline::boosting {

/// A node of a tree. Inner nodes send x <= threshold left and NaN as missing_left says; splits on
/// categories (set >= 0) send those left whose bin is a member of the tree's set (which holds
/// MissingBin if missing_left). Values are already shrunk.
struct TreeNode {
  std::int32_t feature = -1;  // -1: a leaf
  std::int32_t left = -1;     // children come after their parents
  std::int32_t right = -1;
  bool missing_left = false;
  std::int32_t set = -1;  // the first of its parts in Tree::sets; -1: a threshold
  double threshold = 0;
  double value = 0;
  double gain = 0;
  std::int64_t count = 0;  // training rows
};

struct Tree {
  std::vector<TreeNode> nodes;     // nodes[0] is the root
  std::vector<simd::BinSet> sets;  // of bins (Model::categories) that go left: SetParts each
};

/// A fitted ensemble: what predicts and what is saved.
struct Model {
  std::int64_t n_features = 0;
  std::int64_t n_outputs = 1;          // raw predictions of a row: 1, or one a class
  std::vector<double> baseline;        // one an output
  std::vector<Tree> trees;             // iteration by iteration, n_outputs trees each
  std::vector<Categories> categories;  // one a feature, or none at all: no feature is categorical
  std::int64_t n_iterations() const noexcept {
    return static_cast<std::int64_t>(trees.size()) / n_outputs;
  }
};

}  // namespace treeline::boosting
