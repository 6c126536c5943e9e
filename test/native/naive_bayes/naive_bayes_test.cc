#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "naive_bayes/bayes_map.h"
#include "naive_bayes/category_counts.h"
#include "naive_bayes/class_moments.h"
#include "naive_bayes/class_sums.h"
#include "test_context.h"

using namespace treeline;

namespace {

constexpr std::int64_t kCols = 3;
constexpr std::int64_t kClasses = 4;

struct Table {
  std::vector<double> values;  // row-major
  std::vector<std::int32_t> codes;
  std::vector<double> weights;
  std::int64_t rows() const { return static_cast<std::int64_t>(codes.size()); }
};

/// Small whole numbers, so that sums of them are exact; class 3 has no rows.
Table Draw(std::int64_t rows) {
  Table table;
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < kCols; ++j)
      table.values.push_back(static_cast<double>(RandomBits(1, j, i) % 7));
    table.codes.push_back(static_cast<std::int32_t>(RandomBits(2, 0, i) % 3));
    table.weights.push_back(static_cast<double>(RandomBits(3, 0, i) % 4));
  }
  return table;
}

Block BlockOf(const Table& table, std::int64_t begin, std::int64_t rows) {
  Block block;
  block.rows = rows;
  block.first_row = begin;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < kCols; ++j) {
    Column column;
    column.values = table.values.data() + begin * kCols + j;
    column.stride = kCols;
    block.columns.push_back(column);
  }
  return block;
}

template <typename S>
void PushAll(S& sink, const Table& table, std::int64_t chunk, const Context& ctx) {
  for (std::int64_t row = 0; row < table.rows(); row += chunk)
    sink.Push(BlockOf(table, row, std::min(chunk, table.rows() - row)), ctx);
  sink.Finish(ctx);
}

FeatureLabels Labels() { return {"X", {}, kCols}; }

ClassRows RowsOf(const Table& table, bool weighted) {
  return {kClasses, table.codes, weighted ? table.weights : std::vector<double>()};
}

}  // namespace

TEST_CASE("class moments equal the naive twin, the same bits for any chunks and threads") {
  for (const std::int64_t rows : {1, 2, 17, 1023, 1024, 1025, 2500}) {
    const Table table = Draw(rows);
    for (const bool weighted : {false, true}) {
      std::vector<Moments> first;
      for (const auto& [chunk, threads] :
           {std::pair{rows, 1}, {rows, 4}, {std::int64_t{1}, 1}, {std::int64_t{700}, 3}}) {
        TestContext test(threads);
        ClassMomentsSink sink(Labels(), RowsOf(table, weighted));
        PushAll(sink, table, chunk, test.ctx);
        if (first.empty()) first = sink.weighted();
        for (std::size_t i = 0; i < first.size(); ++i) {
          CHECK(sink.weighted()[i].mean == first[i].mean);
          CHECK(sink.weighted()[i].m2 == first[i].m2);
        }
      }
      for (std::int64_t k = 0; k < kClasses; ++k) {
        for (std::int64_t j = 0; j < kCols; ++j) {
          long double count = 0, sum = 0, m2 = 0;
          for (int pass = 0; pass < 2; ++pass) {
            for (std::int64_t i = 0; i < rows; ++i) {
              if (table.codes[i] != k) continue;
              const long double w = weighted ? table.weights[i] : 1;
              const long double x = table.values[i * kCols + j];
              if (pass == 0) {
                count += w;
                sum += w * x;
              } else if (count > 0) {
                m2 += w * (x - sum / count) * (x - sum / count);
              }
            }
          }
          const Moments& moments = first[k * kCols + j];
          CHECK(moments.count == static_cast<double>(count));
          CHECK(moments.mean == doctest::Approx(count > 0 ? static_cast<double>(sum / count) : 0));
          CHECK(moments.m2 == doctest::Approx(static_cast<double>(m2)));
        }
      }
    }
  }
}

TEST_CASE("class sums equal the naive twin, plain, weighted and of values made 0 or 1") {
  for (const std::int64_t rows : {1, 9, 1024, 2049}) {
    const Table table = Draw(rows);
    for (const bool weighted : {false, true}) {
      for (const bool binary : {false, true}) {
        std::vector<double> sums(kClasses * kCols), weight(kClasses);
        for (std::int64_t i = 0; i < rows; ++i) {
          const double w = weighted ? table.weights[i] : 1;
          weight[table.codes[i]] += w;
          for (std::int64_t j = 0; j < kCols; ++j) {
            const double x = table.values[i * kCols + j];
            sums[table.codes[i] * kCols + j] += w * (binary ? (x > 2 ? 1.0 : 0.0) : x);
          }
        }
        for (const std::int64_t chunk : {rows, std::int64_t{5}}) {
          TestContext test(3);
          ClassSumsSink sink(Labels(), RowsOf(table, weighted),
                             binary ? std::optional<double>(2) : std::nullopt);
          PushAll(sink, table, chunk, test.ctx);
          CHECK(sink.sums() == sums);
          CHECK(sink.class_weight() == weight);
        }
      }
    }
  }
}

TEST_CASE("category counts equal the naive twin") {
  const Table table = Draw(3000);
  TestContext test(2);
  CategoryCountsSink sink(Labels(), RowsOf(table, true));
  PushAll(sink, table, 1111, test.ctx);
  for (std::int64_t j = 0; j < kCols; ++j) {
    std::vector<double> counts(7 * kClasses);
    for (std::int64_t i = 0; i < table.rows(); ++i) {
      const auto category = static_cast<std::int64_t>(table.values[i * kCols + j]);
      counts[category * kClasses + table.codes[i]] += table.weights[i];
    }
    CHECK(sink.counts()[j] == counts);
  }
}

TEST_CASE("naive Bayes sinks refuse what they cannot use, by its place, and rows beyond y") {
  Table table = Draw(1500);
  TestContext test(4);
  const auto message = [&](auto&& sink) -> std::string {
    try {
      PushAll(sink, table, 400, test.ctx);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const auto contains = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  table.values[1400 * kCols + 2] = std::nan("");
  CHECK(contains(message(ClassMomentsSink(Labels(), RowsOf(table, false))),
                 "NaN in row 1400, column 2"));
  CHECK(contains(message(ClassSumsSink(Labels(), RowsOf(table, false), 0.5)),
                 "NaN in row 1400, column 2"));
  CHECK(contains(message(CategoryCountsSink(Labels(), RowsOf(table, false))),
                 "NaN in row 1400, column 2"));
  table.values[1400 * kCols + 2] = -1;
  CHECK(contains(message(ClassSumsSink(Labels(), RowsOf(table, false), {})),
                 "negative value in row 1400, column 2"));
  CHECK(message(ClassSumsSink(Labels(), RowsOf(table, false), 0.5)) == "no error");
  table.values[1400 * kCols + 2] = 1e300;
  CHECK(contains(message(ClassMomentsSink(Labels(), RowsOf(table, false))),
                 "too large to square in column 2"));
  ClassRows few = RowsOf(table, false);
  few.codes.resize(100);
  CHECK(contains(message(ClassMomentsSink(Labels(), few)),
                 "more rows than y has values, which are 100"));
}

TEST_CASE("a Gaussian map says log prior + log density, and a row no class explains is like all") {
  BayesModel model;
  model.intercept = {-0.5, -1.5};
  model.centre = {0, 0, 0, 1, 1, 1};
  model.scale = {0.5, 0.5, 0.5, 2, 2, 2};
  const Table table = Draw(300);
  TestContext test(2);
  std::vector<double> joint(600), probability(600), code(300);
  BayesMap(Labels(), model, BayesOutput::kJoint)
      .Apply(BlockOf(table, 0, 300), joint.data(), test.ctx);
  BayesMap(Labels(), model, BayesOutput::kProbability)
      .Apply(BlockOf(table, 0, 300), probability.data(), test.ctx);
  BayesMap(Labels(), model, BayesOutput::kClass)
      .Apply(BlockOf(table, 0, 300), code.data(), test.ctx);
  for (std::int64_t i = 0; i < 300; ++i) {
    double score[2];
    for (std::int64_t k = 0; k < 2; ++k) {
      score[k] = model.intercept[k];
      for (std::int64_t j = 0; j < kCols; ++j)
        score[k] -= model.scale[k * kCols + j] *
                    std::pow(table.values[i * kCols + j] - static_cast<double>(k), 2);
      CHECK(joint[i * 2 + k] == doctest::Approx(score[k]));
    }
    CHECK(probability[i * 2] == doctest::Approx(1 / (1 + std::exp(score[1] - score[0]))));
    CHECK(code[i] == (score[1] > score[0] ? 1 : 0));
  }
  Table far = Draw(1);
  far.values[0] = 1e200;
  std::vector<double> two(2);
  BayesMap(Labels(), model, BayesOutput::kProbability)
      .Apply(BlockOf(far, 0, 1), two.data(), test.ctx);
  CHECK(two[0] == 0.5);
}
