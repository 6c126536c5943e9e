#pragma once

#include <cstdint>
#include <vector>

namespace treeline::forest {

enum class Criterion : std::uint8_t { kGini, kEntropy, kSquaredError, kPoisson, kAbsoluteError };

/// What one tree may become.
struct TreeParams {
  Criterion criterion = Criterion::kGini;
  bool random_splits = false;  // one random threshold a feature instead of the best
  std::int64_t max_depth = INT32_MAX;
  std::int64_t min_samples_split = 2;
  std::int64_t min_samples_leaf = 1;
  double min_weight_fraction_leaf = 0;
  std::int64_t max_features = 1;    // that a split is searched in
  bool shuffle_features = false;    // also where all are searched: equal splits are drawn
  std::int64_t max_leaf_nodes = 0;  // best first; 0: any number, depth first
  double min_impurity_decrease = 0;
  double ccp_alpha = 0;
  std::vector<std::int8_t> monotonic;  // of every feature 1, 0 or -1; or empty
};

/// What is learned from: class codes, or targets.
struct TreeProblem {
  std::int64_t n_classes = 0;         // 0: a regression
  std::vector<std::int32_t> codes;    // one a row
  std::int64_t n_outputs = 1;         // of a regression
  std::vector<double> targets;        // row-major: rows × n_outputs
  std::vector<double> weights;        // one a row; empty: all 1
  std::vector<double> class_weights;  // one a class; empty: all 1

  std::int64_t rows() const noexcept {
    return n_classes > 0 ? static_cast<std::int64_t>(codes.size())
                         : static_cast<std::int64_t>(targets.size()) / n_outputs;
  }
  /// Of a node: class fractions or predictions.
  std::int64_t n_values() const noexcept { return n_classes > 0 ? n_classes : n_outputs; }
};

}  // namespace treeline::forest
