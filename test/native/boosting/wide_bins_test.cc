#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "../test_context.h"
#include "boosting/booster.h"
#include "boosting/forest_map.h"
#include "boosting/model_io.h"
#include "core/random.h"

using namespace treeline;
using namespace treeline::boosting;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

/// A row-major table: a continuous column, one of few values, a continuous one with missing values,
/// one of many categories; the target depends on all of them.
struct Table {
  static constexpr std::int64_t kCols = 4;
  std::int64_t rows;
  std::vector<double> x, y;

  explicit Table(std::int64_t n) : rows(n) {
    for (std::int64_t i = 0; i < n; ++i) {
      const auto row = static_cast<std::uint64_t>(i);
      const auto draw = [&](std::uint64_t j) { return RandomUniform(5, j, row); };
      const double category = std::floor(900 * draw(3) * draw(4));
      x.insert(x.end(), {draw(0), std::floor(9 * draw(1)), draw(5) < 0.1 ? kNaN : 100 * draw(2),
                         draw(6) < 0.05 ? kNaN : category});
      const double sum = std::sin(20 * draw(0)) + draw(1) + (draw(5) < 0.1 ? 1 : draw(2)) +
                         std::fmod(category, 7) / 3;
      y.push_back(std::floor(6 * (1 + sum)));
    }
  }
  Block Rows(std::int64_t begin, std::int64_t count) const {
    Block block;
    block.rows = count;
    block.first_row = begin;
    for (std::int64_t j = 0; j < kCols; ++j) {
      Column column;
      column.values = x.data() + begin * kCols + j;
      column.stride = kCols;
      block.columns.push_back(column);
    }
    block.is_row_major = true;
    return block;
  }
};

struct How {
  BinningParams binning;
  std::int64_t block_rows = 1'000'000;
  int n_jobs = 1;
};

void PushAll(Sink& sink, const Table& table, const How& how, const Context& ctx) {
  for (std::int64_t begin = 0; begin < table.rows; begin += how.block_rows)
    sink.Push(table.Rows(begin, std::min(how.block_rows, table.rows - begin)), ctx);
}

std::pair<Model, FitState> Fit(const Table& table, const BoosterParams& params, const How& how,
                               const std::vector<std::uint8_t>& row_use = {}) {
  const TestContext test(how.n_jobs);
  SketchSink sketch({Table::kCols, table.rows, 5, row_use, {}, {0, 0, 0, 1}});
  PushAll(sketch, table, how, test.ctx);
  const auto bins = MakeBinningSink(sketch, how.binning,
                                    FindAllCategories(sketch, how.binning.max_bins), test.ctx);
  PushAll(*bins, table, how, test.ctx);
  bins->Finish();
  std::pair<Model, FitState> fitted;
  Boost(params, {*bins, table.y, {}, {}}, fitted.first, fitted.second, test.ctx);
  return fitted;
}

BinningParams Wide(bool compact = false, std::int64_t memory_limit = 0) {
  BinningParams binning;
  binning.max_bins = kMostBins;
  binning.compact = compact;
  binning.memory_limit = memory_limit;
  return binning;
}

/// Where a row goes in a node, told from values alone.
bool GoesLeft(const Model& model, const Tree& tree, const TreeNode& node, const double* row) {
  const double x = row[node.feature];
  if (std::isnan(x)) return node.missing_left;
  if (node.set < 0) return x <= node.threshold;
  const std::vector<double>& codes = model.categories[node.feature].codes;
  const auto at = std::find(codes.begin(), codes.end(), x);
  return at == codes.end() ? node.missing_left
                           : HasBin(&tree.sets[node.set], static_cast<int>(at - codes.begin()));
}

double Predict(const Model& model, const double* row) {
  double sum = model.baseline[0];
  for (const Tree& tree : model.trees) {
    const TreeNode* node = &tree.nodes[0];
    while (node->feature >= 0)
      node = &tree.nodes[GoesLeft(model, tree, *node, row) ? node->left : node->right];
    sum += node->value;
  }
  return sum;
}

/// The best gain of any cut of a numerical column, by sorting: missing values on either side.
double BestCut(const Table& table, const std::vector<std::int64_t>& rows,
               const std::vector<double>& g, std::int64_t feature, std::int64_t min_rows) {
  std::vector<std::pair<double, double>> sorted;
  double missing_sum = 0, total = 0, n_missing = 0;
  for (const std::int64_t row : rows) {
    const double x = table.x[row * Table::kCols + feature];
    total += g[row];
    if (std::isnan(x)) missing_sum += g[row], n_missing += 1;
    if (!std::isnan(x)) sorted.emplace_back(x, g[row]);
  }
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(rows.size());
  double best = 0, sum = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    sum += sorted[i].second;
    if (i + 1 < sorted.size() && sorted[i].first == sorted[i + 1].first) continue;
    for (const bool missing_left : {false, true}) {
      const double left = sum + (missing_left ? missing_sum : 0);
      const double n_left = static_cast<double>(i + 1) + (missing_left ? n_missing : 0);
      if (std::min(n_left, n - n_left) < static_cast<double>(min_rows)) continue;
      best = std::max(best, left * left / n_left + (total - left) * (total - left) / (n - n_left) -
                                total * total / n);
    }
  }
  return best;
}

}  // namespace

TEST_CASE("a word says how many thresholds are below a value, or which category it is") {
  std::vector<double> thresholds, codes;
  for (int i = 0; i < 1000; ++i) thresholds.push_back(0.25 * i - 100);
  for (int i = 0; i < 700; ++i) codes.push_back(3.0 * i);
  thresholds.push_back(kInf);
  const BinMapper mapper({thresholds, {}, {}, {1, 2}},
                         {{}, {true, false, codes}, {true, true, codes}, {}});
  CHECK(mapper.is_wide(0));
  CHECK(mapper.is_wide(1));
  CHECK(!mapper.is_wide(3));
  std::vector<double> values = {kNaN, kInf, -kInf, 0.0, -0.0, 5e-324, 1e300, -1e300, 1, 2, 3};
  for (int i = -500; i < 3000; ++i) values.push_back(i * 0.125);
  for (std::int64_t f = 0; f < 4; ++f) {
    for (const std::int64_t n : {0, 1, 2, 15, 16, 17, 31, 33, 3511}) {
      std::vector<std::uint16_t> bins(static_cast<std::size_t>(n) + 1, 7), float_bins = bins;
      const std::vector<float> floats(values.begin(), values.end());
      mapper.Bin(f, values.data(), n, bins.data());
      mapper.Bin(f, floats.data(), n, float_bins.data());
      const auto expect = [&](double x) {
        if (std::isnan(x)) return MissingBin(mapper.n_bins(f));
        const std::vector<double> three = {1, 2};
        const std::vector<double>& bounds = f == 0 ? thresholds : f == 3 ? three : codes;
        const auto below = static_cast<int>(
            std::count_if(bounds.begin(), bounds.end(), [&](double t) { return t < x; }));
        const bool is_code = std::find(codes.begin(), codes.end(), x) != codes.end();
        if (f == 0 || f == 3 || is_code) return below;
        return f == 1 ? MissingBin(700) : 700;
      };
      for (std::int64_t i = 0; i < n; ++i) {
        REQUIRE(bins[i] == expect(values[i]));
        REQUIRE(float_bins[i] == expect(static_cast<double>(floats[i])));
      }
      CHECK(bins[n] == 7);
    }
  }
}

TEST_CASE("ranges of bins are marked as a naive loop marks them, on every instruction set") {
  for (const simd::Kernels* kernels : simd::Supported()) {
    for (const std::int64_t n : {0, 1, 7, 8, 31, 32, 33, 63, 64, 65, 129}) {
      std::vector<std::uint16_t> bins(static_cast<std::size_t>(n));
      for (std::size_t i = 0; i < bins.size(); ++i)
        bins[i] = static_cast<std::uint16_t>(RandomBits(1, 2, i) % 3 == 0 ? 65'535 - i : 40 * i);
      for (const int first : {1, 40, 1000, 65'500, 65'535}) {
        for (const int count : {0, 1, 36, 65'536 - first}) {
          if (first + count > 65'536) continue;
          std::vector<std::uint8_t> marks(static_cast<std::size_t>(n) + 1, 9);
          kernels->partition.mark_range(bins.data(), n, static_cast<std::uint16_t>(first),
                                        static_cast<std::uint16_t>(count), marks.data());
          for (std::int64_t i = 0; i < n; ++i)
            CHECK(marks[i] == (bins[i] >= first && bins[i] < first + count ? 1 : 0));
          CHECK(marks[n] == 9);
        }
      }
    }
  }
}

TEST_CASE("the best split over many bins is the naive search's, on every instruction set") {
  for (std::uint64_t seed = 0; seed < 24; ++seed) {
    simd::SplitQuery query{};
    query.n_bins = 250 + static_cast<int>(RandomBits(seed, 0, 0) % (seed < 12 ? 20 : 3000));
    query.has_missing = seed % 2 == 0;
    query.missing_bin = MissingBin(query.n_bins);
    query.gradient_unit = query.hessian_unit = 1;
    query.regularization = 1e-15;
    query.min_hessian = 4;
    query.min_rows = 5;
    std::vector<std::int64_t> histogram(static_cast<std::size_t>(query.missing_bin + 1)), counts;
    for (std::size_t b = 0; b < histogram.size(); ++b) {
      const auto bin = static_cast<int>(b);
      const bool exists = bin < query.n_bins || (bin == query.missing_bin && query.has_missing);
      const auto g = exists ? static_cast<std::int64_t>(RandomBits(seed, 1, b) % 9) - 4 : 0;
      const auto h = exists ? static_cast<std::int64_t>(RandomBits(seed, 2, b) % 5) : 0;
      histogram[b] = g * (std::int64_t{1} << 32) + h;
      counts.push_back(h);
      query.gradient += static_cast<double>(g);
      query.hessian += static_cast<double>(h);
      query.n_rows += h;
    }
    for (const bool with_counts : {false, true}) {
      simd::FeatureSplit expected{0, -1, false};
      for (const bool missing_left : {false, true}) {
        if (missing_left && !query.has_missing) continue;
        std::int64_t sum = missing_left ? histogram[query.missing_bin] : 0;
        std::int64_t n = missing_left ? counts[query.missing_bin] : 0;
        for (int b = 0; b < query.n_bins - (query.has_missing && !missing_left ? 0 : 1); ++b) {
          sum += histogram[b];
          n += counts[b];
          const auto g = static_cast<double>(sum >> 32);
          const auto h = static_cast<double>(sum & 0xffffffff);
          const double g_right = query.gradient - g;
          const double h_right = query.hessian - h;
          if (h < 4 || h_right < 4 || (with_counts && (n < 5 || query.n_rows - n < 5))) continue;
          const double gain = g * g / (h + query.regularization) +
                              g_right * g_right / (h_right + query.regularization);
          const bool ties = missing_left && expected.missing_left && gain == expected.gain;
          if (gain > expected.gain || ties) expected = {gain, b, missing_left};
        }
      }
      for (const simd::Kernels* kernels : simd::Supported()) {
        const auto found =
            kernels->splits.find(histogram.data(), with_counts ? counts.data() : nullptr, query);
        CHECK(found.bin == expected.bin);
        CHECK(found.gain == expected.gain);
        CHECK(found.missing_left == expected.missing_left);
      }
    }
  }
}

TEST_CASE("with a bin a value every split is the best there is") {
  const Table table(3'000);
  BoosterParams params;
  params.loss.kind = LossKind::kSquaredError;
  params.max_iter = 1;
  params.grower.learning_rate = 1;
  const Model model = Fit(table, params, {Wide()}).first;
  const Tree& tree = model.trees[0];
  CHECK(tree.nodes.size() == 61);
  std::vector<double> g;
  for (const double y : table.y) g.push_back(model.baseline[0] - y);
  std::vector<std::vector<std::int64_t>> rows(tree.nodes.size());
  for (std::int64_t i = 0; i < table.rows; ++i) rows[0].push_back(i);
  int n_cuts = 0;
  for (std::size_t k = 0; k < tree.nodes.size(); ++k) {
    const TreeNode& node = tree.nodes[k];
    CHECK(node.count == static_cast<std::int64_t>(rows[k].size()));
    if (node.feature < 0) continue;
    for (const std::int64_t row : rows[k]) {
      const bool left = GoesLeft(model, tree, node, &table.x[row * Table::kCols]);
      rows[left ? node.left : node.right].push_back(row);
    }
    double best = 0;
    for (const std::int64_t feature : {0, 1, 2})
      best = std::max(best, BestCut(table, rows[k], g, feature, params.grower.min_samples_leaf));
    CHECK(node.gain > best * (1 - 1e-3));  // gradients are rounded to 16 bits
    if (node.feature == 3) continue;
    ++n_cuts;
    CHECK(node.gain < best * (1 + 1e-3));
  }
  CHECK(n_cuts > 5);
}

TEST_CASE("trees of many bins are the same, bit for bit, however bins are kept and shared out") {
  const Table table(20'000);
  std::vector<std::uint8_t> row_use(static_cast<std::size_t>(table.rows));
  for (std::size_t i = 0; i < row_use.size(); ++i)
    row_use[i] = static_cast<std::uint8_t>(RandomBits(8, 8, i) % 10 == 0);
  BoosterParams params;
  params.loss.kind = LossKind::kPoisson;
  params.max_iter = 4;
  params.early_stopping = true;
  const auto [model, state] = Fit(table, params, {Wide()}, row_use);
  const auto expected = WriteModel(model, state);
  CHECK(std::any_of(model.trees.begin(), model.trees.end(),
                    [](const Tree& tree) { return !tree.sets.empty(); }));
  for (const bool compact : {false, true}) {
    for (const std::int64_t memory_limit : {0, 1}) {
      for (const int n_jobs : {1, 3}) {
        CAPTURE(compact);
        CAPTURE(memory_limit);
        CAPTURE(n_jobs);
        const auto [again, its_state] =
            Fit(table, params, {Wide(compact, memory_limit), 999, n_jobs}, row_use);
        CHECK(WriteModel(again, its_state) == expected);
      }
    }
  }
  Model read;
  FitState read_state;
  ReadModel(expected, read, read_state);
  CHECK(WriteModel(read, read_state) == expected);
  Model broken = model;
  broken.trees[0].sets.resize(broken.trees[0].sets.size() - 1);
  CHECK_THROWS_AS(ReadModel(WriteModel(broken, {}), read, read_state), Error);
}

TEST_CASE("predictions with many categories follow the trees, and training does") {
  const Table table(4'000);
  BoosterParams params;
  params.max_iter = 5;
  const auto model = std::make_shared<Model>(Fit(table, params, {Wide()}).first);
  CHECK(IsWide(model->categories[3].n_bins()));
  Table rows = table;
  for (std::int64_t i = 0; i < 50; ++i) rows.x[i * Table::kCols + 3] = 1e6 + static_cast<double>(i);
  for (std::int64_t i = 50; i < 60; ++i) rows.x[i * Table::kCols + 3] = i % 2 == 0 ? kInf : -1;
  const ForestMap map(model, LossKind::kSquaredError, ForestOutput::kRaw, 0, 5);
  std::vector<double> out(static_cast<std::size_t>(rows.rows));
  map.Apply(rows.Rows(0, rows.rows), out.data(), TestContext(2).ctx);
  for (std::int64_t i = 0; i < rows.rows; ++i)
    REQUIRE(out[i] == Predict(*model, rows.x.data() + i * Table::kCols));
}
