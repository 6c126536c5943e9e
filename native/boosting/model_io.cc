#include "boosting/model_io.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <type_traits>

#include "core/error.h"

namespace treeline::boosting {

namespace {

constexpr std::uint32_t kMagic = 0x42475454;  // "TTGB"
// Older ones are read: 1 had no categories, 2 no vector leaves.
constexpr std::uint32_t kVersion = 3;
constexpr std::uint64_t kVectorLeaves = 1;  // flags
constexpr std::uint64_t kLinearLeaves = 2;

[[noreturn]] void Refuse(const std::string& why) {
  throw Error(ErrorCode::kInvalidData,
              "this is no boosting model of this version of treeline: " + why);
}

class Writer {
 public:
  void Word(std::uint64_t word, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_.push_back(static_cast<std::uint8_t>(word >> (8 * i)));
  }
  void Int(std::int64_t x) { Word(static_cast<std::uint64_t>(x), 8); }
  void Double(double x) { Word(std::bit_cast<std::uint64_t>(x), 8); }
  void Doubles(const std::vector<double>& values) {
    Int(static_cast<std::int64_t>(values.size()));
    for (const double x : values) Double(x);
  }
  std::vector<std::uint8_t> Take() { return std::move(bytes_); }

 private:
  std::vector<std::uint8_t> bytes_;
};

class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint64_t Word(int bytes) {
    if (bytes_.size() - at_ < static_cast<std::size_t>(bytes)) Refuse("it is truncated");
    std::uint64_t word = 0;
    for (int i = 0; i < bytes; ++i) word |= static_cast<std::uint64_t>(bytes_[at_++]) << (8 * i);
    return word;
  }
  std::int64_t Int() { return static_cast<std::int64_t>(Word(8)); }
  double Double() { return std::bit_cast<double>(Word(8)); }
  /// A number of things that take at least `bytes` bytes each.
  std::int64_t Count(int bytes) {
    const std::int64_t count = Int();
    if (count < 0 || count > static_cast<std::int64_t>(bytes_.size() - at_) / bytes)
      Refuse("it is damaged");
    return count;
  }
  std::vector<double> Doubles() {
    std::vector<double> values(static_cast<std::size_t>(Count(8)));
    for (double& x : values) x = Double();
    return values;
  }
  bool at_end() const noexcept { return at_ == bytes_.size(); }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

constexpr int kNodeBytes = 4 + 4 + 4 + 1 + 8 * 4;  // at least: from version 2 on 4 more

void WriteNode(const TreeNode& node, Writer& writer) {
  writer.Word(static_cast<std::uint32_t>(node.feature), 4);
  writer.Word(static_cast<std::uint32_t>(node.left), 4);
  writer.Word(static_cast<std::uint32_t>(node.right), 4);
  writer.Word(node.missing_left ? 1 : 0, 1);
  writer.Word(static_cast<std::uint32_t>(node.set), 4);
  writer.Double(node.threshold);
  writer.Double(node.value);
  writer.Double(node.gain);
  writer.Int(node.count);
}

TreeNode ReadNode(Reader& reader, std::uint32_t version) {
  TreeNode node;
  node.feature = static_cast<std::int32_t>(reader.Word(4));
  node.left = static_cast<std::int32_t>(reader.Word(4));
  node.right = static_cast<std::int32_t>(reader.Word(4));
  node.missing_left = reader.Word(1) != 0;
  if (version > 1) node.set = static_cast<std::int32_t>(reader.Word(4));
  node.threshold = reader.Double();
  node.value = reader.Double();
  node.gain = reader.Double();
  node.count = reader.Int();
  return node;
}

void WriteSet(const simd::BinSet& set, Writer& writer) {
  for (const std::uint8_t byte : set.bytes) writer.Word(byte, 1);
}

simd::BinSet ReadSet(Reader& reader) {
  simd::BinSet set;
  for (std::uint8_t& byte : set.bytes) byte = static_cast<std::uint8_t>(reader.Word(1));
  return set;
}

void WriteCategories(const std::vector<Categories>& categories, Writer& writer) {
  writer.Int(static_cast<std::int64_t>(categories.size()));
  for (const Categories& feature : categories) {
    writer.Word((feature.is_categorical ? 1 : 0) | (feature.has_rare ? 2 : 0), 1);
    writer.Doubles(feature.codes);
  }
}

std::vector<Categories> ReadCategories(Reader& reader, std::int64_t n_features) {
  std::vector<Categories> categories(static_cast<std::size_t>(reader.Count(9)));
  if (!categories.empty() && static_cast<std::int64_t>(categories.size()) != n_features)
    Refuse("it is damaged");
  for (Categories& feature : categories) {
    const std::uint64_t flags = reader.Word(1);
    feature.is_categorical = (flags & 1) != 0;
    feature.has_rare = (flags & 2) != 0;
    feature.codes = reader.Doubles();
    const auto is_above = [](double a, double b) { return !(a < b); };
    if (feature.n_bins() > kMostBins ||
        std::adjacent_find(feature.codes.begin(), feature.codes.end(), is_above) !=
            feature.codes.end()) {
      Refuse("categories out of order");
    }
  }
  return categories;
}

bool IsCategorical(const Model& model, std::int32_t feature) {
  return !model.categories.empty() && model.categories[feature].is_categorical;
}

/// Features exist, thresholds are numbers, splits on categories have a set, every node but the root
/// has one parent, which comes before it.
void CheckTree(const Tree& tree, const Model& model) {
  const auto n_nodes = static_cast<std::int32_t>(tree.nodes.size());
  if (n_nodes == 0) Refuse("a tree without nodes");
  std::vector<bool> has_parent(tree.nodes.size());
  for (std::int32_t i = 0; i < n_nodes; ++i) {
    const TreeNode& node = tree.nodes[i];
    if (i > 0 && !has_parent[i]) Refuse("a node without a parent");
    if (node.feature < 0) continue;
    if (node.feature >= model.n_features || std::isnan(node.threshold))
      Refuse("a split on a feature that does not exist");
    const bool is_categorical = IsCategorical(model, node.feature);
    const std::int64_t end_of_set =
        is_categorical ? std::int64_t{node.set} + SetParts(model.categories[node.feature].n_bins())
                       : 0;
    if (end_of_set > static_cast<std::int64_t>(tree.sets.size()) ||
        (node.set >= 0) != is_categorical) {
      Refuse("a split on categories that do not exist");
    }
    for (const std::int32_t child : {node.left, node.right}) {
      if (child <= i || child >= n_nodes || has_parent[child]) Refuse("a tree with a loop");
      has_parent[child] = true;
    }
  }
}

void WriteLinear(const std::vector<LinearLeaf>& leaves, Writer& writer) {
  writer.Int(static_cast<std::int64_t>(leaves.size()));
  for (const LinearLeaf& leaf : leaves) {
    writer.Double(leaf.constant);
    writer.Int(static_cast<std::int64_t>(leaf.features.size()));
    for (const std::int32_t feature : leaf.features)
      writer.Word(static_cast<std::uint32_t>(feature), 4);
    writer.Doubles(leaf.slopes);
  }
}

std::vector<LinearLeaf> ReadLinear(Reader& reader) {
  std::vector<LinearLeaf> leaves(static_cast<std::size_t>(reader.Count(24)));
  for (LinearLeaf& leaf : leaves) {
    leaf.constant = reader.Double();
    leaf.features.resize(static_cast<std::size_t>(reader.Count(4)));
    for (std::int32_t& feature : leaf.features) feature = static_cast<std::int32_t>(reader.Word(4));
    leaf.slopes = reader.Doubles();
  }
  return leaves;
}

/// Slopes belong to numerical features that the tree splits on: those a predictor reads.
void CheckLinear(const Tree& tree, const Model& model) {
  if (tree.linear.empty()) return;
  std::vector<bool> is_split(static_cast<std::size_t>(model.n_features));
  for (const TreeNode& node : tree.nodes) {
    if (node.feature >= 0 && node.set < 0) is_split[node.feature] = true;
  }
  const bool fits =
      static_cast<std::int64_t>(tree.linear.size()) == tree.n_leaves() && !tree.has_vectors() &&
      std::all_of(tree.linear.begin(), tree.linear.end(), [&](const LinearLeaf& leaf) {
        return leaf.features.size() == leaf.slopes.size() &&
               std::all_of(leaf.features.begin(), leaf.features.end(), [&](std::int32_t feature) {
                 return feature >= 0 && feature < model.n_features && is_split[feature];
               });
      });
  if (!fits) Refuse("a regression that does not belong to its leaf");
}

}  // namespace

std::vector<std::uint8_t> WriteModel(const Model& model, const FitState& state) {
  Writer writer;
  writer.Word(kMagic, 4);
  writer.Word(kVersion, 4);
  writer.Int(model.n_features);
  writer.Doubles(model.baseline);
  writer.Word(
      (model.has_vector_leaves ? kVectorLeaves : 0) | (model.has_linear_leaves ? kLinearLeaves : 0),
      1);
  WriteCategories(model.categories, writer);
  writer.Int(static_cast<std::int64_t>(model.trees.size()));
  for (const Tree& tree : model.trees) {
    writer.Int(static_cast<std::int64_t>(tree.nodes.size()));
    for (const TreeNode& node : tree.nodes) WriteNode(node, writer);
    writer.Int(static_cast<std::int64_t>(tree.sets.size()));
    for (const simd::BinSet& set : tree.sets) WriteSet(set, writer);
    writer.Doubles(tree.vectors);
    if (model.has_linear_leaves) WriteLinear(tree.linear, writer);
  }
  writer.Doubles(state.train_score);
  writer.Doubles(state.validation_score);
  writer.Int(static_cast<std::int64_t>(state.exponents.size()));
  for (const GradientExponents& exponents : state.exponents) {
    writer.Int(exponents.gradient);
    writer.Int(exponents.hessian);
  }
  return writer.Take();
}

void ReadModel(std::span<const std::uint8_t> bytes, Model& model, FitState& state) {
  Reader reader(bytes);
  if (reader.Word(4) != kMagic) Refuse("it starts otherwise");
  const auto version = static_cast<std::uint32_t>(reader.Word(4));
  if (version < 1 || version > kVersion) Refuse("it is of another version");
  model.n_features = reader.Int();
  model.baseline = reader.Doubles();
  model.n_outputs = static_cast<std::int64_t>(model.baseline.size());
  if (model.n_outputs < 1 || model.n_features < 1 || model.n_features > 0x7fffffff)
    Refuse("it is damaged");
  const std::uint64_t flags = version > 2 ? reader.Word(1) : 0;
  model.has_vector_leaves = (flags & kVectorLeaves) != 0;
  model.has_linear_leaves = (flags & kLinearLeaves) != 0;
  if (flags > kLinearLeaves || (model.has_vector_leaves && model.n_outputs < 2))
    Refuse("it is damaged");
  model.categories.clear();
  if (version > 1) model.categories = ReadCategories(reader, model.n_features);
  const std::int64_t n_trees = reader.Count(8);
  if (n_trees % model.trees_per_iteration() != 0) Refuse("it is damaged");
  model.trees.assign(static_cast<std::size_t>(n_trees), {});
  for (Tree& tree : model.trees) {
    const std::int64_t n_nodes = reader.Count(kNodeBytes);
    for (std::int64_t i = 0; i < n_nodes; ++i) tree.nodes.push_back(ReadNode(reader, version));
    const std::int64_t n_sets = version > 1 ? reader.Count(sizeof(simd::BinSet)) : 0;
    for (std::int64_t i = 0; i < n_sets; ++i) tree.sets.push_back(ReadSet(reader));
    CheckTree(tree, model);
    tree.n_values = model.has_vector_leaves ? model.n_outputs : 1;
    if (version > 2) tree.vectors = reader.Doubles();
    const std::int64_t n_vector_values = tree.has_vectors() ? tree.n_leaves() * tree.n_values : 0;
    if (static_cast<std::int64_t>(tree.vectors.size()) != n_vector_values) Refuse("it is damaged");
    if (model.has_linear_leaves) tree.linear = ReadLinear(reader);
    CheckLinear(tree, model);
    tree.NumberLeaves();
  }
  state.train_score = reader.Doubles();
  state.validation_score = reader.Doubles();
  state.exponents.assign(static_cast<std::size_t>(reader.Count(16)), {});
  for (GradientExponents& exponents : state.exponents) {
    exponents.gradient = static_cast<int>(reader.Int());
    exponents.hessian = static_cast<int>(reader.Int());
  }
  const bool fits = state.exponents.empty() ||
                    static_cast<std::int64_t>(state.exponents.size()) == model.n_outputs;
  if (!reader.at_end() || !fits) Refuse("it is damaged");
}

}  // namespace treeline::boosting
