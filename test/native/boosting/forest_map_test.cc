#include "boosting/forest_map.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "core/random.h"
#include "test_context.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// Numbers without end: the same ones for the same seed.
struct Draw {
  std::uint64_t seed, next = 0;
  double Uniform() { return RandomUniform(seed, 0, next++); }
  std::int64_t Below(std::int64_t n) {
    return static_cast<std::int64_t>(RandomBits(seed, 1, next++) % static_cast<std::uint64_t>(n));
  }
};

/// A random tree of `n_leaves`, with values of `n_values` outputs. Thresholds are few: ties with
/// the data matter. Feature 0 is not used.
Tree RandomTree(std::int64_t n_leaves, std::int64_t n_features, std::int64_t n_thresholds,
                std::int64_t n_values, Draw& draw) {
  Tree tree;
  tree.n_values = n_values;
  tree.nodes.push_back({});
  std::vector<std::int32_t> leaves = {0};
  while (static_cast<std::int64_t>(leaves.size()) < n_leaves) {
    const std::int64_t at = draw.Below(static_cast<std::int64_t>(leaves.size()));
    TreeNode& node = tree.nodes[leaves[at]];
    node.feature = static_cast<std::int32_t>(1 + draw.Below(n_features - 1));
    node.threshold = static_cast<double>(draw.Below(n_thresholds)) / 8;
    if (draw.Below(20) == 0) node.threshold = draw.Below(2) == 0 ? kInf : -1e300;
    node.missing_left = draw.Below(2) == 0;
    const auto left = static_cast<std::int32_t>(tree.nodes.size());
    node.left = left + 1;  // the two sides are not always in one order
    node.right = left;
    leaves[at] = left;
    leaves.push_back(left + 1);
    tree.nodes.resize(tree.nodes.size() + 2);
  }
  for (TreeNode& node : tree.nodes) node.value = draw.Uniform() - 0.5;
  tree.NumberLeaves();
  for (double& value : tree.vectors) value = draw.Uniform() - 0.5;
  return tree;
}

std::shared_ptr<const Model> RandomModel(std::int64_t n_iterations, std::int64_t n_outputs,
                                         std::int64_t n_leaves, std::int64_t n_thresholds,
                                         bool has_vector_leaves = false) {
  auto model = std::make_shared<Model>();
  model->n_features = 6;
  model->n_outputs = n_outputs;
  model->has_vector_leaves = has_vector_leaves;
  Draw draw{static_cast<std::uint64_t>(1000 * n_leaves + n_iterations)};
  for (std::int64_t k = 0; k < n_outputs; ++k) model->baseline.push_back(draw.Uniform());
  const std::int64_t n_values = has_vector_leaves ? n_outputs : 1;
  for (std::int64_t t = 0; t < n_iterations * model->trees_per_iteration(); ++t)
    model->trees.push_back(RandomTree(1 + draw.Below(n_leaves), 6, n_thresholds, n_values, draw));
  return model;
}

/// Values on and between the thresholds, missing and infinite ones.
std::vector<double> RandomRows(std::int64_t rows, std::int64_t cols, std::int64_t n_thresholds) {
  Draw draw{77};
  std::vector<double> x;
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    const std::int64_t kind = draw.Below(12);
    const double value = static_cast<double>(draw.Below(4 * n_thresholds)) / 32;
    x.push_back(kind == 0 ? kNaN : kind == 1 ? kInf : kind == 2 ? -kInf : value);
  }
  return x;
}

template <typename T>
Block BlockOf(const std::vector<T>& x, std::int64_t rows, std::int64_t cols, DType type) {
  Block block;
  block.rows = rows;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = x.data() + j;
    column.stride = cols;
    column.type = type;
    block.columns.push_back(column);
  }
  block.is_row_major = true;
  return block;
}

/// The node of the leaf that a row of the naive reader of trees ends in.
std::int32_t LeafOf(const Tree& tree, const double* row) {
  std::int32_t at = 0;
  while (tree.nodes[at].feature >= 0) {
    const TreeNode& node = tree.nodes[at];
    const double x = row[node.feature];
    at = (std::isnan(x) ? node.missing_left : x <= node.threshold) ? node.left : node.right;
  }
  return at;
}

void CheckMap(const std::shared_ptr<const Model>& model, std::int64_t first, std::int64_t last,
              std::int64_t n_thresholds) {
  constexpr std::int64_t kRows = 1300;
  const std::int64_t n_trees = model->trees_per_iteration();
  const std::vector<double> x = RandomRows(kRows, 6, n_thresholds);
  const std::vector<float> narrow(x.begin(), x.end());
  std::vector<double> expected;
  std::vector<double> leaves;
  for (std::int64_t i = 0; i < kRows; ++i) {
    std::vector<double> raw =
        first == 0 ? model->baseline : std::vector<double>(model->baseline.size(), 0.0);
    for (std::int64_t t = first * n_trees; t < last * n_trees; ++t) {
      const Tree& tree = model->trees[t];
      const std::int32_t leaf = LeafOf(tree, x.data() + i * 6);
      for (std::int64_t k = 0; k < tree.n_values; ++k)
        raw[t % n_trees + k] += tree.has_vectors()
                                    ? tree.vectors[tree.nodes[leaf].leaf * tree.n_values + k]
                                    : tree.nodes[leaf].value;
      leaves.push_back(static_cast<double>(
          std::count_if(tree.nodes.begin(), tree.nodes.begin() + leaf,
                        [](const TreeNode& node) { return node.feature < 0; })));
    }
    expected.insert(expected.end(), raw.begin(), raw.end());
  }
  for (const int n_jobs : {1, 3}) {
    const TestContext run(n_jobs);
    for (const ForestOutput output : {ForestOutput::kRaw, ForestOutput::kLeaves}) {
      const ForestMap map(model, LossKind::kSquaredError, output, first, last);
      const std::vector<double>& truth = output == ForestOutput::kRaw ? expected : leaves;
      std::vector<double> out(truth.size());
      map.Apply(BlockOf(x, kRows, 6, DType::kFloat64), out.data(), run.ctx);
      CHECK(out == truth);
      std::fill(out.begin(), out.end(), 0.0);
      map.Apply(BlockOf(narrow, kRows, 6, DType::kFloat32), out.data(), run.ctx);
      CHECK(out == truth);
    }
  }
}

}  // namespace

TEST_CASE("prediction and leaves follow the trees as they are written, whatever their size") {
  for (const std::int64_t n_leaves : {1, 2, 31, 255, 256}) {
    CAPTURE(n_leaves);
    CheckMap(RandomModel(19, 1, n_leaves, 40), 0, 19, 40);  // bytes
  }
  CheckMap(RandomModel(9, 3, 20, 40), 0, 9, 40);
  CheckMap(RandomModel(9, 3, 20, 40), 4, 7, 40);
  CheckMap(RandomModel(5, 1, 20, 40), 2, 2, 40);
}

TEST_CASE("trees that do not fit in bytes give the same: too many leaves or thresholds") {
  CheckMap(RandomModel(19, 1, 700, 40), 0, 19, 40);
  CheckMap(RandomModel(150, 1, 40, 3000), 0, 150, 3000);
  CheckMap(RandomModel(7, 3, 600, 40), 2, 7, 40);
}

TEST_CASE("leaves that hold values of all outputs add to all of them, in bytes and walked") {
  CheckMap(RandomModel(19, 3, 31, 40, true), 0, 19, 40);
  CheckMap(RandomModel(9, 5, 20, 40, true), 4, 7, 40);
  CheckMap(RandomModel(7, 3, 600, 40, true), 2, 7, 40);
}
