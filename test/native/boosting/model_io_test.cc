#include "boosting/model_io.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <vector>

#include "boosting/forest_map.h"
#include "core/error.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

/// Two trees of two splits, on features 0 and 2 of 3.
Model SmallModel(std::int64_t n_outputs, bool has_vector_leaves) {
  Model model;
  model.n_features = 3;
  model.n_outputs = n_outputs;
  model.has_vector_leaves = has_vector_leaves;
  model.baseline.assign(static_cast<std::size_t>(n_outputs), 0.5);
  for (int t = 0; t < 2; ++t) {
    Tree tree;
    tree.n_values = has_vector_leaves ? n_outputs : 1;
    tree.nodes.resize(5);
    tree.nodes[0] = {0, 1, 2};
    tree.nodes[2] = {2, 3, 4};
    for (TreeNode& node : tree.nodes) node.value = 0.25 * t;
    tree.NumberLeaves();
    for (std::size_t i = 0; i < tree.vectors.size(); ++i)
      tree.vectors[i] = static_cast<double>(i) - 2;
    model.trees.push_back(tree);
  }
  return model;
}

Model VectorModel() { return SmallModel(3, true); }

/// The second tree stays constant.
Model LinearModel() {
  Model model = SmallModel(1, false);
  model.has_linear_leaves = true;
  model.trees[0].linear = {{1, {0}, {2}}, {}, {-1, {0, 2}, {0.5, 4}}};
  return model;
}

bool IsRefused(const Model& model) {
  Model read;
  FitState state;
  try {
    ReadModel(WriteModel(model, {}), read, state);
  } catch (const Error& error) {
    return error.code() == ErrorCode::kInvalidData;
  }
  return false;
}

bool IsRefused(Model model, const std::function<void(Model&)>& damage) {
  damage(model);
  return IsRefused(model);
}

}  // namespace

TEST_CASE("models of vector and of linear leaves are read as they were written") {
  for (const Model& model : {VectorModel(), LinearModel()}) {
    const std::vector<std::uint8_t> bytes = WriteModel(model, {});
    Model read;
    FitState state;
    ReadModel(bytes, read, state);
    CHECK(read.has_vector_leaves == model.has_vector_leaves);
    CHECK(read.has_linear_leaves == model.has_linear_leaves);
    CHECK(read.trees[0].vectors == model.trees[0].vectors);
    CHECK(read.trees[0].linear.size() == model.trees[0].linear.size());
    CHECK(WriteModel(read, state) == bytes);
  }
}

TEST_CASE("leaves that do not belong to their tree are refused") {
  CHECK(IsRefused(VectorModel(), [](Model& m) { m.trees[1].vectors.pop_back(); }));
  CHECK(IsRefused(VectorModel(), [](Model& m) { m.trees[0].vectors.push_back(1); }));
  CHECK(IsRefused(VectorModel(), [](Model& m) { m.has_vector_leaves = false; }));
  CHECK(IsRefused(VectorModel(), [](Model& m) { m.baseline = {0}; }));
  CHECK(IsRefused(LinearModel(), [](Model& m) { m.trees[0].linear.pop_back(); }));
  CHECK(IsRefused(LinearModel(), [](Model& m) { m.trees[0].linear[0].slopes.pop_back(); }));
  for (const std::int32_t feature : {-1, 1, 3})
    CHECK(IsRefused(LinearModel(), [&](Model& m) { m.trees[0].linear[2].features[1] = feature; }));
}

TEST_CASE("damaged bytes of vector and of linear leaves are refused, or are a forest") {
  for (const Model& model : {VectorModel(), LinearModel()}) {
    const std::vector<std::uint8_t> bytes = WriteModel(model, {});
    Model read;
    FitState state;
    for (std::size_t n = 0; n < bytes.size(); ++n)
      CHECK_THROWS_AS(ReadModel(std::span(bytes).first(n), read, state), Error);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::vector<std::uint8_t> damaged = bytes;
      damaged[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      try {
        ReadModel(damaged, read, state);
        if (read.n_features != model.n_features) continue;  // a table may well have more columns
        const ForestMap map(std::make_shared<Model>(read), LossKind::kSquaredError,
                            ForestOutput::kRaw, 0, read.n_iterations());
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::kInvalidData);
      }
    }
  }
}
