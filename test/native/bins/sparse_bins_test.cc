#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "../test_context.h"
#include "bins/binning_sink.h"
#include "core/error.h"
#include "core/random.h"
#include "forest/bin_table.h"
#include "matrix/sparse_block.h"

using namespace treeline;

namespace {

constexpr std::int64_t kCols = 12;

/// A table that is mostly zeros: few values, many values of one sign or of both, NaN, a column of
/// zeros only and one without any; a zero that is stored.
struct Table {
  explicit Table(std::int64_t n) : rows(n), dense(static_cast<std::size_t>(n * kCols)) {
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = 0; j < kCols; ++j) {
        const auto key = static_cast<std::uint64_t>(i * kCols + j);
        const double u = RandomUniform(3, 0, key), v = RandomUniform(3, 1, key);
        double x = 0;
        if (j == 1 || (j > 1 && u < 0.2)) x = v;
        if (j == 3 && x != 0) x = std::floor(4 * v);  // zeros that are stored
        if (j == 4) x *= -1;
        if (j >= 5 && x != 0) x = v - 0.3;
        if (j == 6 && u < 0.05) x = std::numeric_limits<double>::quiet_NaN();
        if (j == 7) x = std::floor(u * 5);  // categories
        dense[key] = x;
      }
    }
  }

  Block BlockOf(std::int64_t first, std::int64_t n) const {
    Block block;
    block.rows = n;
    block.first_row = first;
    for (std::int64_t j = 0; j < kCols; ++j) {
      Column column;
      column.values = dense.data() + first * kCols + j;
      column.stride = kCols;
      block.columns.push_back(column);
    }
    block.is_row_major = true;
    return block;
  }

  SparseCopy RowsOf(std::int64_t first, std::int64_t n) const {
    SparseCopy out;
    out.first_row = first;
    out.cols = kCols;
    out.starts.push_back(0);
    for (std::int64_t i = first; i < first + n; ++i) {
      for (std::int64_t j = 0; j < kCols; ++j) {
        const double x = dense[i * kCols + j];
        if (x == 0 && j != 3) continue;
        out.columns.push_back(static_cast<std::int32_t>(j));
        out.values.push_back(x);
      }
      out.starts.push_back(static_cast<std::int64_t>(out.values.size()));
    }
    return out;
  }

  /// Pushes all rows, in blocks of `step`.
  void Push(Sink& sink, bool is_sparse, std::int64_t step, const Context& ctx) const {
    for (std::int64_t first = 0; first < rows; first += step) {
      const std::int64_t n = std::min(step, rows - first);
      if (is_sparse) {
        sink.PushEntries(SparseBlock(RowsOf(first, n)), ctx);
      } else {
        sink.Push(BlockOf(first, n), ctx);
      }
    }
  }

  std::int64_t rows;
  std::vector<double> dense;
};

void CheckSameStore(const BinnedStore& a, const BinnedStore& b) {
  REQUIRE(a.rows() == b.rows());
  for (std::int64_t c = 0; c < a.n_chunks(); ++c) {
    for (std::int64_t f = 0; f < a.n_features(); ++f) {
      if (a.layout().feature(f).is_wide) {
        CHECK(std::equal(a.words(c, f), a.words(c, f) + a.chunk_rows(c), b.words(c, f)));
        continue;
      }
      const std::uint8_t* x = a.bins(c, f, nullptr, 0, nullptr);
      CHECK(std::equal(x, x + a.chunk_rows(c), b.bins(c, f, nullptr, 0, nullptr)));
    }
  }
}

}  // namespace

TEST_CASE("sparse rows have the thresholds and the bins of the dense rows, bit for bit") {
  const Table table(5000);
  std::vector<double> weights;
  std::vector<std::uint8_t> use, categorical(kCols);
  categorical[7] = 1;
  for (std::int64_t i = 0; i < table.rows; ++i) {
    weights.push_back(std::floor(4 * RandomUniform(9, 0, static_cast<std::uint64_t>(i))) / 3 + .1);
    use.push_back(static_cast<std::uint8_t>(i % 7 == 0 ? 1 : i % 11 == 0 ? 2 : 0));
  }
  for (const bool has_weights : {false, true}) {
    for (const int max_bins : {3, 255, 1000}) {
      for (const std::int64_t sample : {std::int64_t{700}, std::int64_t{200'000}}) {
        std::shared_ptr<BinningSink> sinks[2];
        std::vector<std::vector<double>> thresholds[2];
        for (const bool is_sparse : {false, true}) {
          const TestContext test(is_sparse ? 3 : 1);
          SketchSink sketch({kCols, table.rows, 1, use,
                             has_weights ? weights : std::vector<double>{}, categorical, sample});
          table.Push(sketch, is_sparse, is_sparse ? 999 : 5000, test.ctx);
          thresholds[is_sparse] = FindAllThresholds(sketch, max_bins, test.ctx);
          BinningParams params;
          params.max_bins = max_bins;
          sinks[is_sparse] =
              MakeBinningSink(sketch, params, FindAllCategories(sketch, max_bins), test.ctx);
          table.Push(*sinks[is_sparse], is_sparse, is_sparse ? 1777 : 5000, test.ctx);
          sinks[is_sparse]->Finish();
        }
        CHECK(thresholds[0] == thresholds[1]);
        CHECK(thresholds[0][1].size() ==
              (max_bins == 1000 && sample < 1000 ? thresholds[0][1].size() : max_bins - 1));
        CHECK(sinks[0]->mapper().categories()[7].codes == sinks[1]->mapper().categories()[7].codes);
        for (std::int64_t f = 0; f < kCols; ++f)
          CHECK(sinks[0]->has_missing(f) == sinks[1]->has_missing(f));
        CheckSameStore(sinks[0]->train(), sinks[1]->train());
        CheckSameStore(sinks[0]->validation(), sinks[1]->validation());
      }
    }
  }
}

TEST_CASE("a forest's bins of sparse rows are those of the dense rows") {
  const Table table(3000);
  for (const int max_bins : {4, 255, 5000}) {
    std::shared_ptr<const forest::BinTable> tables[2];
    for (const bool is_sparse : {false, true}) {
      const TestContext test(2);
      SketchSink sketch({kCols, table.rows, 1, {}, {}, {}});
      table.Push(sketch, is_sparse, 1000, test.ctx);
      const auto sink = forest::MakeBinTableSink(sketch, max_bins, {"X", {}, kCols}, test.ctx);
      table.Push(*sink, is_sparse, 700, test.ctx);
      tables[is_sparse] = sink->table();
    }
    for (std::int64_t f = 0; f < kCols; ++f) {
      REQUIRE(tables[0]->n_bins(f) == tables[1]->n_bins(f));
      CHECK(tables[0]->has_missing(f) == tables[1]->has_missing(f));
      for (int bin = 0; bin < tables[0]->n_bins(f); ++bin) {
        CHECK(tables[0]->lowest(f, bin) == tables[1]->lowest(f, bin));
        CHECK(tables[0]->highest(f, bin) == tables[1]->highest(f, bin));
      }
      for (std::int64_t i = 0; i < table.rows; ++i)
        REQUIRE(tables[0]->BinOf(f, i) == tables[1]->BinOf(f, i));
    }
  }
}

TEST_CASE("a sketch of sparse rows holds and reads what is stored") {
  constexpr std::int64_t kRows = 20'000, kWide = 3000;
  SparseCopy rows;
  rows.cols = kWide;
  rows.starts.push_back(0);
  for (std::int64_t i = 0; i < kRows; ++i) {
    rows.columns.push_back(static_cast<std::int32_t>(i * 7 % kWide));
    rows.values.push_back(static_cast<double>(i % 13 + 1));
    rows.starts.push_back(i + 1);
  }
  const TestContext test(2);
  SketchSink sketch({kWide, kRows, 1, {}, {}, {}});
  sketch.PushEntries(SparseBlock(rows), test.ctx);
  CHECK(sketch.trace().values_read == kRows);
  CHECK(sketch.bytes() < 16 * kRows + 64 * kWide);  // the dense sample: 480 MB
  const auto bins = MakeBinningSink(sketch, {}, {}, test.ctx);
  bins->PushEntries(SparseBlock(rows), test.ctx);
  CHECK(bins->trace().values_read == 2 * kRows);
}

TEST_CASE("sparse rows that are out of order or out of range are refused") {
  const auto refused = [](std::vector<std::int64_t> starts, std::vector<std::int32_t> columns) {
    SparseCopy rows;
    rows.cols = 3;
    rows.starts = std::move(starts);
    rows.columns = std::move(columns);
    rows.values.assign(rows.columns.size(), 1.0);
    CHECK_THROWS_AS(SparseBlock{rows}, Error);
  };
  refused({0, 2}, {1, 1});
  refused({0, 2}, {2, 1});
  refused({0, 1}, {3});
  refused({0, 1}, {-1});
  refused({0, 2, 1}, {0, 1});
  refused({0, 3}, {0, 1});
  refused({-1, 2}, {0, 1});
}
