#pragma once

#include <cstdint>
#include <vector>

namespace treeline::boosting {

/// Which features may meet on a path from the root to a leaf.
enum class Interactions {
  kAll,
  kNone,       // one feature a path
  kPairs,      // two
  kWithinSets  // those of one set of GrowerParams::interaction_sets
};

/// How splits on categories are found: scikit-learn's way; other numbers make it LightGBM's.
struct CategoryRules {
  double smooth = 10;           // fewest rows of a category; also added to hessians to order them
  double l2 = 0;                // more L2 penalty, but not for one category against the rest
  std::int64_t max_onehot = 1;  // up to so many categories: one against the rest
  std::int64_t max_left = 65'535;  // most categories that go left
  double min_rows_per_group = 0;   // categories are tried in groups of at least so many rows
};

/// The rules of a tree, as scikit-learn's TreeGrower and LightGBM have them.
struct GrowerParams {
  std::int64_t max_leaf_nodes = 31;
  std::int64_t max_depth = 1 << 30;
  std::int64_t min_samples_leaf = 20;
  double l2_regularization = 0;
  double l1_regularization = 0;
  double min_hessian = 1e-3;  // of a child
  double min_gain = 0;        // a split must gain more
  double learning_rate = 0.1;
  double max_delta_step = 0;  // most |value| of a leaf before it is shrunk; 0: any
  double path_smooth = 0;     // rows at which a leaf is half its own value, half its parent's
  std::vector<std::int8_t> monotonic;  // per feature: 1 rises, -1 falls, 0 free; or empty
  Interactions interactions = Interactions::kAll;
  std::vector<std::vector<std::int32_t>> interaction_sets;
  double max_features = 1;           // share of the allowed features that a node looks at
  double max_features_per_tree = 1;  // share of all features that a tree looks at
  bool extra_trees = false;          // one random threshold a feature
  CategoryRules categories;
  std::int64_t histogram_bytes = 0;  // most memory of histograms, but at least 4; 0: no limit
  std::uint64_t seed = 0;            // of features and thresholds
};

}  // namespace treeline::boosting
