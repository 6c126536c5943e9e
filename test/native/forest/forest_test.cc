#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "core/random.h"
#include "forest/bin_table.h"
#include "forest/criterion.h"
#include "forest/forest_fit.h"
#include "forest/forest_map.h"
#include "forest/median_sides.h"
#include "forest/pruning.h"
#include "test_context.h"

namespace treeline::forest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// A row-major table and what is to be learned from it.
struct Made {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> x;
  TreeProblem problem;

  double at(std::int64_t row, std::int64_t col) const { return x[row * cols + col]; }
  Block block(std::int64_t begin, std::int64_t count) const {
    Block block;
    block.rows = count;
    block.first_row = begin;
    block.is_row_major = true;
    for (std::int64_t j = 0; j < cols; ++j) {
      Column column;
      column.values = x.data() + begin * cols + j;
      column.stride = cols;
      block.columns.push_back(column);
    }
    return block;
  }
};

/// Columns of few and of many values, some missing if asked for. Few rows are of the last class.
Made Make(std::int64_t rows, std::int64_t n_classes, bool has_missing, bool is_weighted) {
  Made made;
  made.rows = rows;
  made.cols = 4;
  made.problem.n_classes = n_classes;
  for (std::int64_t i = 0; i < rows; ++i) {
    double sum = 0;
    for (std::int64_t j = 0; j < made.cols; ++j) {
      const double u = RandomUniform(7, static_cast<std::uint64_t>(j), i);
      double value = j == 0 ? std::floor(5 * u) : j == 1 ? 3 * u - 1 : u * u;
      sum += value;
      if (has_missing && RandomUniform(8, static_cast<std::uint64_t>(j), i) < 0.1) value = kNaN;
      made.x.push_back(value);
    }
    const double noise = RandomUniform(9, 0, i);
    if (n_classes > 0) {
      const double at = (sum + noise) / 8;
      made.problem.codes.push_back(static_cast<std::int32_t>(
          std::min<double>(static_cast<double>(n_classes) - 1,
                           std::floor(at * at * static_cast<double>(n_classes)))));
    } else {
      made.problem.targets.push_back(sum + noise);
    }
    if (is_weighted) made.problem.weights.push_back(0.25 + RandomUniform(10, 0, i));
  }
  return made;
}

std::shared_ptr<const BinTable> Binned(const Made& made, int max_bins, std::int64_t chunk,
                                       const Context& ctx) {
  SketchParams params;
  params.n_features = made.cols;
  params.n_rows = made.rows;
  SketchSink sketch(params);
  for (std::int64_t i = 0; i < made.rows; i += chunk)
    sketch.Push(made.block(i, std::min(chunk, made.rows - i)), ctx);
  const auto sink = MakeBinTableSink(sketch, max_bins, FeatureLabels("X", {}, made.cols), ctx);
  for (std::int64_t i = 0; i < made.rows; i += chunk)
    sink->Push(made.block(i, std::min(chunk, made.rows - i)), ctx);
  return sink->table();
}

/// Sums and impurity of some rows, by definition.
struct Naive {
  const Made& made;
  const TreeParams& params;

  double WeightOf(std::int64_t row) const {
    return made.problem.weights.empty() ? 1 : made.problem.weights[row];
  }
  double Weight(const std::vector<std::int64_t>& rows) const {
    double weight = 0;
    for (const std::int64_t row : rows) weight += WeightOf(row);
    return weight;
  }
  /// scikit-learn's weighted median: the middle of two where half the weight is at or below one.
  double Median(const std::vector<std::int64_t>& rows) const {
    std::vector<std::pair<double, double>> targets;
    for (const std::int64_t row : rows)
      targets.emplace_back(made.problem.targets[row], WeightOf(row));
    std::sort(targets.begin(), targets.end());
    double below = 0;
    for (std::size_t i = 0; i + 1 < targets.size(); ++i) {
      below += targets[i].second;
      if (2 * below == Weight(rows)) return (targets[i].first + targets[i + 1].first) / 2;
      if (2 * below > Weight(rows)) return targets[i].first;
    }
    return targets.back().first;
  }
  std::vector<double> Values(const std::vector<std::int64_t>& rows) const {
    if (params.criterion == Criterion::kAbsoluteError) return {Median(rows)};
    std::vector<double> values(static_cast<std::size_t>(made.problem.n_values()));
    for (const std::int64_t row : rows) {
      if (made.problem.n_classes > 0) {
        values[made.problem.codes[row]] += WeightOf(row);
      } else {
        values[0] += WeightOf(row) * made.problem.targets[row];
      }
    }
    for (double& value : values) value /= Weight(rows);
    return values;
  }
  double Impurity(const std::vector<std::int64_t>& rows) const {
    const std::vector<double> values = Values(rows);
    double sum = 0;
    if (params.criterion == Criterion::kGini) {
      for (const double p : values) sum += p * (1 - p);
      return sum;
    }
    if (params.criterion == Criterion::kEntropy) {
      for (const double p : values) sum -= p > 0 ? p * std::log2(p) : 0;
      return sum;
    }
    for (const std::int64_t row : rows) {
      const double y = made.problem.targets[row];
      const double loss =
          params.criterion == Criterion::kPoisson ? (y > 0 ? y * std::log(y / values[0]) : 0)
          : params.criterion == Criterion::kAbsoluteError ? std::abs(y - values[0])
                                                          : (y - values[0]) * (y - values[0]);
      sum += WeightOf(row) * loss;
    }
    return sum / Weight(rows);
  }
  /// The weighted impurity that a split takes away.
  double Gain(const std::vector<std::int64_t>& rows, const std::vector<std::int64_t>& left,
              const std::vector<std::int64_t>& right) const {
    return Weight(rows) * Impurity(rows) - Weight(left) * Impurity(left) -
           Weight(right) * Impurity(right);
  }
};

using Rows = std::vector<std::int64_t>;

void Deal(const Made& made, const Rows& rows, std::int64_t feature, double threshold,
          bool missing_left, Rows& left, Rows& right) {
  left.clear();
  right.clear();
  for (const std::int64_t row : rows) {
    const double x = made.at(row, feature);
    (x <= threshold || (std::isnan(x) && missing_left) ? left : right).push_back(row);
  }
}

/// The best gain of any threshold between two values of a feature, by trying all.
double BestGain(const Naive& naive, const Rows& rows) {
  double best = 0;
  Rows left, right;
  for (std::int64_t f = 0; f < naive.made.cols; ++f) {
    std::vector<double> values;
    for (const std::int64_t row : rows) {
      if (!std::isnan(naive.made.at(row, f))) values.push_back(naive.made.at(row, f));
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    for (const double threshold : values) {
      for (const bool missing_left : {false, true}) {
        Deal(naive.made, rows, f, threshold, missing_left, left, right);
        const auto least = static_cast<std::size_t>(naive.params.min_samples_leaf);
        if (left.size() < std::max<std::size_t>(1, least) ||
            right.size() < std::max<std::size_t>(1, least))
          continue;
        best = std::max(best, naive.Gain(rows, left, right));
      }
    }
  }
  return best;
}

/// Every node of a tree is what its rows say, and every split is as good as the best.
void CheckNode(const Naive& naive, const TreeNodes& tree, std::int32_t node, const Rows& rows,
               std::size_t most_tried) {
  CHECK(tree.n_rows[node] == static_cast<double>(rows.size()));
  CHECK(tree.weight[node] == doctest::Approx(naive.Weight(rows)).epsilon(1e-12));
  CHECK(std::abs(tree.impurity[node] - naive.Impurity(rows)) < 1e-10);
  const std::vector<double> values = naive.Values(rows);
  for (std::size_t k = 0; k < values.size(); ++k)
    CHECK(tree.values[node * values.size() + k] == doctest::Approx(values[k]).epsilon(1e-12));
  if (tree.left[node] == kLeafChild) {
    if (rows.size() <= most_tried && tree.impurity[node] > 1e-9 &&
        naive.params.max_leaf_nodes == 0 &&
        static_cast<std::int64_t>(rows.size()) >= 2 * naive.params.min_samples_leaf)
      CHECK(BestGain(naive, rows) < 1e-9);
    return;
  }
  Rows left, right;
  Deal(naive.made, rows, tree.feature[node], tree.threshold[node], tree.missing_left[node] != 0,
       left, right);
  if (rows.size() <= most_tried)
    CHECK(std::abs(naive.Gain(rows, left, right) - BestGain(naive, rows)) < 1e-8);
  CheckNode(naive, tree, tree.left[node], left, most_tried);
  CheckNode(naive, tree, tree.right[node], right, most_tried);
}

Rows AllRows(std::int64_t n) {
  Rows rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), 0);
  return rows;
}

ForestParams OneTree(Criterion criterion, std::int64_t n_features) {
  ForestParams params;
  params.tree.criterion = criterion;
  params.tree.max_features = n_features;
  return params;
}

TEST_CASE("every split of a tree is the best there is, every node what its rows say") {
  const TestContext test(2);
  struct Case {
    std::int64_t n_classes;
    Criterion criterion;
  };
  for (const Case c : {Case{2, Criterion::kGini}, Case{3, Criterion::kGini},
                       Case{2, Criterion::kEntropy}, Case{0, Criterion::kSquaredError},
                       Case{0, Criterion::kPoisson}, Case{0, Criterion::kAbsoluteError}}) {
    for (const bool has_missing : {false, true}) {
      for (const bool is_weighted : {false, true}) {
        for (const std::int64_t least : {1, 4}) {
          Made made = Make(150, c.n_classes, has_missing, is_weighted);
          for (double& y : made.problem.targets) y += 2;  // Poisson
          const auto table = Binned(made, 65'535, 40, test.ctx);
          ForestParams params = OneTree(c.criterion, made.cols);
          params.tree.min_samples_leaf = least;
          const Forest forest = FitForest(*table, made.problem, params, test.ctx);
          CheckNode({made, params.tree}, forest.nodes, 0, AllRows(made.rows), 150);
        }
      }
    }
  }
}

TEST_CASE("the median tree tells the median and the errors of the rows so far") {
  constexpr std::int64_t kMost = 33;
  for (std::int64_t n = 1; n <= kMost; ++n) {
    for (const double center : {0.0, 3.0}) {
      Made made;
      TreeParams params;
      params.criterion = Criterion::kAbsoluteError;
      std::vector<double> sorted;
      std::vector<std::pair<double, std::int64_t>> by_target;
      for (std::int64_t i = 0; i < n; ++i) {
        made.problem.targets.push_back(std::floor(9 * RandomUniform(1, n, i)));
        made.problem.weights.push_back(0.5 + std::floor(3 * RandomUniform(2, n, i)) / 2);
        by_target.emplace_back(made.problem.targets.back(), i);
      }
      std::sort(by_target.begin(), by_target.end());
      for (const auto& [target, row] : by_target) sorted.push_back(target);
      MedianTree tree;
      tree.Reset(sorted, center);
      Rows rows;
      const Naive naive{made, params};
      for (std::int64_t i = 0; i < n; ++i) {
        const std::int64_t rank = (37 * i + 3) % n;  // each once: 37 is a prime above n
        tree.Add(rank, made.problem.weights[by_target[rank].second]);
        rows.push_back(by_target[rank].second);
        const MedianTree::Median median = tree.Find();
        CHECK(median.value == naive.Median(rows));
        CHECK(median.error == doctest::Approx(naive.Weight(rows) * naive.Impurity(rows)));
      }
    }
  }
}

TEST_CASE("histograms kept and subtracted give the tree that histograms made anew give") {
  const TestContext one(1), four(4);
  const Made made = Make(12'000, 2, true, false);
  // Weights of 1, given: the sums are made anew in every node, of the same numbers.
  Made weighted = made;
  weighted.problem.weights.assign(static_cast<std::size_t>(made.rows), 1.5);
  const auto table = Binned(made, 255, 5'000, one.ctx);
  const ForestParams params = OneTree(Criterion::kGini, made.cols);
  const Forest kept = FitForest(*table, made.problem, params, one.ctx);
  const Forest shared = FitForest(*table, made.problem, params, four.ctx);
  const Forest anew = FitForest(*table, weighted.problem, params, one.ctx);
  CHECK(kept.nodes.feature.size() > 1'000);
  CHECK(kept.nodes.feature == shared.nodes.feature);
  CHECK(kept.nodes.threshold == shared.nodes.threshold);
  CHECK(kept.nodes.values == shared.nodes.values);
  // Ties of gains round differently with weights: the larger nodes at the top have none.
  for (std::int32_t node = 0; node < 12; ++node) {
    CHECK(kept.nodes.feature[node] == anew.nodes.feature[node]);
    CHECK(kept.nodes.threshold[node] == anew.nodes.threshold[node]);
  }
  CheckNode({made, params.tree}, kept.nodes, 0, AllRows(made.rows), 0);  // bins are quantiles
}

TEST_CASE("a forest is the same for any number of threads and any chunks") {
  const TestContext one(1), three(3);
  for (const std::int64_t n_classes : {0, 2}) {
    const Made made = Make(700, n_classes, true, true);
    ForestParams params =
        OneTree(n_classes > 0 ? Criterion::kGini : Criterion::kSquaredError, made.cols);
    params.tree.max_features = n_classes > 0 ? 2 : made.cols;
    params.tree.shuffle_features = true;
    params.sampling = {11, true, made.rows, false};
    params.n_trees = 7;
    const auto whole = Binned(made, 40, 700, one.ctx);
    const auto pieces = Binned(made, 40, 33, three.ctx);
    const Forest a = FitForest(*whole, made.problem, params, one.ctx);
    const Forest b = FitForest(*pieces, made.problem, params, three.ctx);
    CHECK(a.first_node == b.first_node);
    CHECK(a.nodes.threshold == b.nodes.threshold);
    CHECK(a.nodes.values == b.nodes.values);
    // Trees 3 … 6 are those of a fit that goes on.
    params.first_tree = 3;
    params.n_trees = 4;
    const Forest rest = FitForest(*whole, made.problem, params, one.ctx);
    CHECK(std::equal(rest.nodes.threshold.begin(), rest.nodes.threshold.end(),
                     a.nodes.threshold.begin() + a.first_node[3]));
  }
}

TEST_CASE("a map walks to the leaves that the training rows are in") {
  const TestContext test(2);
  const Made made = Make(500, 3, true, false);
  const auto table = Binned(made, 30, 500, test.ctx);
  ForestParams params = OneTree(Criterion::kGini, made.cols);
  params.sampling = {5, true, made.rows, false};
  params.n_trees = 5;
  const Forest forest = FitForest(*table, made.problem, params, test.ctx);
  const ForestMap leaves(forest, ForestOutput::kLeaves, FeatureLabels("X", {}, made.cols));
  const ForestMap means(forest, ForestOutput::kMean, FeatureLabels("X", {}, made.cols));
  std::vector<double> ends(static_cast<std::size_t>(made.rows * 5)), values(1500);
  leaves.Apply(made.block(0, made.rows), ends.data(), test.ctx);
  means.Apply(made.block(0, made.rows), values.data(), test.ctx);
  for (std::int64_t row = 0; row < made.rows; ++row) {
    std::vector<double> sums(3);
    for (std::int64_t t = 0; t < 5; ++t) {
      const std::int64_t first = forest.first_node[t];
      std::int64_t at = 0;
      while (forest.nodes.left[first + at] != kLeafChild) {
        const double x = made.at(row, forest.nodes.feature[first + at]);
        const bool left = std::isnan(x) ? forest.nodes.missing_left[first + at] != 0
                                        : x <= forest.nodes.threshold[first + at];
        at = left ? forest.nodes.left[first + at] : forest.nodes.right[first + at];
      }
      CHECK(ends[row * 5 + t] == static_cast<double>(at));
      for (std::int64_t k = 0; k < 3; ++k) sums[k] += forest.nodes.values[(first + at) * 3 + k];
    }
    for (std::int64_t k = 0; k < 3; ++k) CHECK(values[row * 3 + k] == sums[k] / 5);
  }
}

TEST_CASE("out-of-bag predictions are the means of the trees that did not draw a row") {
  const TestContext test(2);
  const Made made = Make(300, 2, false, false);
  const auto table = Binned(made, 255, 300, test.ctx);
  ForestParams params = OneTree(Criterion::kGini, made.cols);
  params.sampling = {3, true, made.rows, false};
  params.n_trees = 6;
  const Forest forest = FitForest(*table, made.problem, params, test.ctx);
  const RowDrawer drawer(made.problem, params.sampling);
  const OutOfBag result = PredictOutOfBag(forest, *table, drawer, test.ctx);
  for (std::int64_t row = 0; row < made.rows; ++row) {
    double sum = 0;
    int n = 0;
    for (std::int64_t t = 0; t < 6; ++t) {
      if (drawer.Counts(t)[row] > 0) continue;
      Forest tree;
      tree.n_features = made.cols;
      tree.n_values = 2;
      const auto slice = [&](auto& to, const auto& from, std::int64_t width) {
        to.assign(from.begin() + forest.first_node[t] * width,
                  from.begin() + forest.first_node[t + 1] * width);
      };
      slice(tree.nodes.feature, forest.nodes.feature, 1);
      slice(tree.nodes.threshold, forest.nodes.threshold, 1);
      slice(tree.nodes.left, forest.nodes.left, 1);
      slice(tree.nodes.right, forest.nodes.right, 1);
      slice(tree.nodes.missing_left, forest.nodes.missing_left, 1);
      slice(tree.nodes.values, forest.nodes.values, 2);
      tree.first_node = {0, static_cast<std::int64_t>(tree.nodes.feature.size())};
      double values[2];
      ForestMap(tree, ForestOutput::kMean, FeatureLabels("X", {}, made.cols))
          .Apply(made.block(row, 1), values, test.ctx);
      sum += values[0];
      ++n;
    }
    CHECK(result.n_trees[row] == n);
    if (n > 0) CHECK(result.values[2 * row] == doctest::Approx(sum / n).epsilon(1e-12));
    if (n == 0) CHECK(std::isnan(result.values[2 * row]));
  }
}

TEST_CASE("rows are drawn in proportion to their weights, never those that weigh nothing") {
  TreeProblem problem;
  problem.n_classes = 2;
  problem.codes = {0, 1, 1, 0};
  problem.weights = {1, 0, 3, 4};
  problem.class_weights = {1, 2};
  const RowDrawer drawer(problem, {1, true, 140'000, false});
  const std::vector<std::int32_t> counts = drawer.Counts(0);
  const double expected[] = {1, 0, 6, 4};
  for (std::size_t row = 0; row < 4; ++row)
    CHECK(counts[row] / 140'000.0 == doctest::Approx(expected[row] / 11).epsilon(0.02));
  CHECK(counts[1] == 0);
  CHECK(drawer.Counts(0) == counts);
  CHECK(drawer.Counts(1) != counts);
}

TEST_CASE("trees that point outside themselves are refused") {
  Forest forest;
  forest.n_features = 1;
  forest.first_node = {0, 3};
  forest.nodes.feature = {0, -2, -2};
  forest.nodes.threshold = {0, -2, -2};
  forest.nodes.left = {1, -1, -1};
  forest.nodes.right = {2, -1, -1};
  forest.nodes.missing_left = {0, 0, 0};
  forest.nodes.values = {0, 1, 2};
  forest.Check();
  for (const std::int32_t bad : {0, 3, -7}) {
    Forest damaged = forest;
    damaged.nodes.right[0] = bad;
    CHECK_THROWS(damaged.Check());
  }
  Forest damaged = forest;
  damaged.nodes.feature[0] = 1;
  CHECK_THROWS(damaged.Check());
  damaged = forest;
  damaged.first_node = {0, 2};
  CHECK_THROWS(damaged.Check());
}

TEST_CASE("pruning cuts the branches whose impurity per leaf is least") {
  const TestContext test(1);
  const Made made = Make(200, 2, false, false);
  const auto table = Binned(made, 255, 200, test.ctx);
  const Forest forest =
      FitForest(*table, made.problem, OneTree(Criterion::kGini, made.cols), test.ctx);
  const PruningPath path = PruningPathOf(forest.nodes);
  CHECK(path.alphas.front() == 0);
  CHECK(std::is_sorted(path.alphas.begin(), path.alphas.end(),
                       [](double a, double b) { return a < b - 1e-12; }));
  CHECK(path.impurities.back() == doctest::Approx(forest.nodes.impurity[0]));
  for (std::size_t i = 0; i < path.alphas.size(); ++i) {
    const TreeNodes pruned = Pruned(forest.nodes, 2, path.alphas[i]);
    double impurity = 0;
    for (std::int32_t node = 0; node < pruned.size(); ++node) {
      if (pruned.left[node] == kLeafChild)
        impurity += pruned.impurity[node] * pruned.weight[node] / 200;
    }
    // Equal alphas are cut together.
    std::size_t last = i;
    while (last + 1 < path.alphas.size() && path.alphas[last + 1] <= path.alphas[i]) ++last;
    CHECK(impurity == doctest::Approx(path.impurities[last]).epsilon(1e-9));
  }
}

}  // namespace
}  // namespace treeline::forest
