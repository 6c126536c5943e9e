#include "bins/categories.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "../test_context.h"
#include "bins/bin_mapper.h"
#include "boosting/forest_map.h"
#include "boosting/model_io.h"
#include "core/error.h"
#include "core/random.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// Naive twin of BinMapper::Bin for a categorical feature.
int BinOf(const Categories& categories, double x) {
  if (std::isnan(x)) return simd::kMissingBin;
  for (std::size_t b = 0; b < categories.codes.size(); ++b) {
    if (categories.codes[b] == x) return static_cast<int>(b);
  }
  return categories.has_rare ? static_cast<int>(categories.codes.size()) : simd::kMissingBin;
}

/// A forest whose trees split feature 0 by sets, feature 1 by thresholds.
Model MixedModel(std::size_t n_nodes) {
  Model model;
  model.n_features = 2;
  model.baseline = {0.5};
  model.categories.resize(2);
  model.categories[0] = {true, true, {0, 3, 4, 70, 1e9}};
  for (std::uint64_t t = 0; t < 9; ++t) {
    Tree tree;
    tree.nodes.resize(1);
    for (std::size_t i = 0; tree.nodes.size() + 2 <= n_nodes; ++i) {
      TreeNode& node = tree.nodes[i];
      const std::uint64_t word = RandomBits(t, 1, i);
      node.feature = static_cast<std::int32_t>(word & 1);
      node.missing_left = (word & 2) != 0;
      if (node.feature == 0) {
        simd::BinSet set;
        for (int b = 0; b < 6; ++b) {
          if ((word >> (8 + b) & 1) != 0) set.Add(b);
        }
        if (node.missing_left) set.Add(simd::kMissingBin);
        node.set = static_cast<std::int32_t>(tree.sets.size());
        tree.sets.push_back(set);
      } else {
        node.threshold = std::floor(8 * RandomUniform(t, 2, i));
      }
      node.left = static_cast<std::int32_t>(tree.nodes.size());
      node.right = node.left + 1;
      tree.nodes.resize(tree.nodes.size() + 2);
    }
    for (std::size_t i = 0; i < tree.nodes.size(); ++i)
      tree.nodes[i].value = RandomUniform(t, 3, i);
    model.trees.push_back(tree);
  }
  return model;
}

double Walk(const Model& model, const double* row) {
  double sum = model.baseline[0];
  for (const Tree& tree : model.trees) {
    const TreeNode* node = &tree.nodes[0];
    while (node->feature >= 0) {
      const double x = row[node->feature];
      bool left = std::isnan(x) ? node->missing_left : x <= node->threshold;
      if (node->set >= 0) left = tree.sets[node->set].Has(BinOf(model.categories[0], x));
      node = &tree.nodes[left ? node->left : node->right];
    }
    sum += node->value;
  }
  return sum;
}

}  // namespace

TEST_CASE("the bin of a category is its place among the codes, whatever the type of the values") {
  std::vector<double> many;
  for (int i = 0; i < 255; ++i) many.push_back(3.0 * i);
  std::vector<Categories> features = {
      {true, false, {}},
      {true, false, {7}},
      {true, true, {0, 1, 2, 5, 16'777'217, 1e15}},
      {true, false, many},
      {true, true, std::vector<double>(many.begin(), many.end() - 1)},
  };
  const BinMapper mapper(std::vector<std::vector<double>>(features.size()), features);
  std::vector<double> values = {kNaN, -1, 0.5, 16'777'216, 16'777'217, 1e15, 1e300, kInf, -kInf};
  for (int i = 0; i < 800; ++i) values.push_back(i);
  const auto n = static_cast<std::int64_t>(values.size());
  const std::vector<float> floats(values.begin(), values.end());
  std::vector<std::uint8_t> bins(values.size());
  for (std::size_t f = 0; f < features.size(); ++f) {
    const auto feature = static_cast<std::int64_t>(f);
    CHECK(mapper.is_categorical(feature));
    CHECK(mapper.n_bins(feature) == features[f].n_bins());
    mapper.Bin(feature, values.data(), n, bins.data());
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(bins[i] == BinOf(features[f], values[i]));
    mapper.Bin(feature, floats.data(), n, bins.data());
    for (std::size_t i = 0; i < values.size(); ++i)
      CHECK(bins[i] == BinOf(features[f], static_cast<double>(floats[i])));
  }
}

TEST_CASE("a forest with splits on categories predicts what a walk finds, compiled or not") {
  for (const std::size_t n_nodes : {1, 3, 61, 4001}) {  // 4001: too many to compile
    const auto model = std::make_shared<Model>(MixedModel(n_nodes));
    std::vector<double> x;
    for (const double code : {0.0, 3.0, 4.0, 70.0, 1e9, 2.0, -1.0, kNaN, kInf}) {
      for (int i = -1; i < 9; ++i) x.insert(x.end(), {code, i < 0 ? kNaN : i});
    }
    Block block;
    block.rows = static_cast<std::int64_t>(x.size()) / 2;
    for (int j = 0; j < 2; ++j) {
      Column column;
      column.values = x.data() + j;
      column.stride = 2;
      block.columns.push_back(column);
    }
    const ForestMap map(model, LossKind::kSquaredError, ForestOutput::kRaw, 0, 9);
    std::vector<double> out(static_cast<std::size_t>(block.rows));
    const TestContext test(2);
    map.Apply(block, out.data(), test.ctx);
    for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == Walk(*model, x.data() + 2 * i));
  }
}

TEST_CASE("a model with categories comes back from its bytes, and damage is refused") {
  const Model model = MixedModel(31);
  const auto bytes = WriteModel(model, {});
  Model read;
  FitState state;
  ReadModel(bytes, read, state);
  CHECK(WriteModel(read, state) == bytes);
  CHECK(read.categories[0].codes == model.categories[0].codes);
  CHECK(read.trees[3].sets == model.trees[3].sets);
  Model broken = model;
  broken.trees[0].nodes[0] = {0, 1, 2, false, 999};
  CHECK_THROWS_AS(ReadModel(WriteModel(broken, {}), read, state), Error);
  broken = model;
  broken.categories[0].codes = {2, 1};
  CHECK_THROWS_AS(ReadModel(WriteModel(broken, {}), read, state), Error);
  broken = model;
  broken.categories.clear();
  CHECK_THROWS_AS(ReadModel(WriteModel(broken, {}), read, state), Error);
}

TEST_CASE("models saved before there were categories still load") {
  std::vector<std::uint8_t> bytes;
  const auto word = [&](std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  const auto real = [&](double value) { word(std::bit_cast<std::uint64_t>(value), 8); };
  const auto node = [&](std::int32_t feature, double threshold, double value) {
    const bool is_leaf = feature < 0;
    word(static_cast<std::uint32_t>(feature), 4);
    word(static_cast<std::uint32_t>(is_leaf ? -1 : 1), 4);
    word(static_cast<std::uint32_t>(is_leaf ? -1 : 2), 4);
    word(is_leaf ? 0 : 1, 1);
    for (const double x : {threshold, value, 0.25}) real(x);
    word(8, 8);
  };
  word(0x42475454, 4);
  word(1, 4);
  word(3, 8);  // features
  word(1, 8);  // baseline
  real(0.125);
  word(1, 8);  // trees
  word(3, 8);  // nodes
  node(2, 1.5, 0);
  node(-1, 0, 10);
  node(-1, 0, 20);
  word(0, 8);  // scores
  word(0, 8);
  word(0, 8);  // exponents
  Model model;
  FitState state;
  ReadModel(bytes, model, state);
  CHECK(model.n_features == 3);
  CHECK(model.categories.empty());
  CHECK(model.trees[0].nodes[0].threshold == 1.5);
  CHECK(model.trees[0].nodes[0].missing_left);
  CHECK(model.trees[0].nodes[0].set == -1);
  CHECK(model.trees[0].nodes[2].value == 20);
}

TEST_CASE("categories are the codes seen, the rarest of too many share a bin") {
  CategoryCounter counter;
  for (int code = 0; code < 300; ++code) counter.Add(1000.0 * code, code < 40 ? 1 : 2);
  const Categories all = counter.Finish(300);
  CHECK(all.codes.size() == 300);
  CHECK(!all.has_rare);
  CHECK(!counter.HasOthers(all));
  counter.Add(7, 0);  // a row without weight
  CHECK(counter.HasOthers(all));
  CHECK(counter.Finish(301).codes[1] == 7);
  const Categories some = counter.Finish(255);
  CHECK(some.has_rare);
  CHECK(!counter.HasOthers(some));
  CHECK(some.n_bins() == 255);
  CHECK(some.unknown_bin() == 254);
  CHECK(some.codes.size() == 254);
  CHECK(some.codes.front() == 40'000);  // 260 codes have two rows: the lower ones have a bin
  CHECK(some.codes.back() == 293'000);
  CHECK(std::is_sorted(some.codes.begin(), some.codes.end()));
  const Categories two = counter.Finish(2);
  CHECK(two.codes == std::vector<double>{40'000});
  CHECK(CategoryCounter().Finish(255).codes.empty());
  CHECK(CategoryCounter().Finish(255).n_bins() == 1);
  for (const double code : {0.0, 1.0, 9007199254740992.0}) CHECK(CategoryCounter::IsCode(code));
  for (const double code : {-1.0, 0.5, 1e16, kNaN, kInf, -kInf})
    CHECK(!CategoryCounter::IsCode(code));
}
