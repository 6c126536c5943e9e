#include "matrix/tsqr.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "matrix/projector.h"
#include "test_context.h"

using namespace treeline;

namespace {

std::vector<double> Draw(std::int64_t n, std::uint64_t stream, double offset = 0) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = offset + RandomUniform(6, stream, i) - 0.5;
  return values;
}

Block RowsOf(const std::vector<double>& values, std::int64_t first, std::int64_t rows,
             std::int64_t cols) {
  Block block;
  block.rows = rows;
  block.first_row = first;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = values.data() + first * cols + j;
    column.stride = cols;
    block.columns.push_back(column);
  }
  return block;
}

void Pour(Sink& sink, const std::vector<double>& x, std::int64_t rows, std::int64_t cols,
          std::int64_t chunk, const Context& ctx) {
  for (std::int64_t row = 0; row < rows; row += chunk)
    sink.Push(RowsOf(x, row, std::min(chunk, rows - row), cols), ctx);
}

/// Largest difference of R^T R from A^T A.
double GramError(const UpperFactor& r, const std::vector<double>& a, std::int64_t rows) {
  double most = 0;
  for (std::int64_t i = 0; i < r.cols; ++i) {
    for (std::int64_t j = 0; j < r.cols; ++j) {
      long double sum = 0;
      for (std::int64_t k = 0; k < rows; ++k)
        sum += static_cast<long double>(a[k * r.cols + i]) * a[k * r.cols + j];
      for (std::int64_t k = 0; k < r.height; ++k)
        sum -= static_cast<long double>(r.values[k * r.cols + i]) * r.values[k * r.cols + j];
      most = std::max(most, static_cast<double>(std::abs(sum)));
    }
  }
  return most;
}

UpperFactor FactorOf(const std::vector<double>& x, std::int64_t rows, std::int64_t cols,
                     std::int64_t chunk, int n_jobs, bool intercept) {
  const TestContext test(n_jobs);
  TsqrSink sink(FeatureLabels("test", {}, cols), intercept, {});
  Pour(sink, x, rows, cols, chunk, test.ctx);
  return sink.Result(test.ctx);
}

/// (x - shift) W, naively.
std::vector<double> Projected(const std::vector<double>& x, const std::vector<double>& shift,
                              const std::vector<double>& w, std::int64_t rows, std::int64_t cols,
                              std::int64_t outputs) {
  std::vector<double> out(static_cast<std::size_t>(rows * outputs));
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t k = 0; k < outputs; ++k) {
      long double sum = 0;
      for (std::int64_t j = 0; j < cols; ++j)
        sum += (static_cast<long double>(x[i * cols + j]) - shift[j]) * w[j * outputs + k];
      out[i * outputs + k] = static_cast<double>(sum);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("TSQR: R^T R is X^T X for tall, square and wide tables; the same bits by any chunks") {
  for (const std::int64_t cols : {1, 3, 20}) {
    for (const std::int64_t rows : {1, 2, 20, 1025, 4000}) {
      const std::vector<double> x = Draw(rows * cols, 1);
      const UpperFactor r = FactorOf(x, rows, cols, rows, 1, false);
      CHECK(r.height == std::min(rows, cols));
      CHECK(GramError(r, x, rows) < 1e-12 * static_cast<double>(rows));
      for (std::int64_t i = 0; i < r.height; ++i) CHECK(r.values[i * cols + i] >= 0);
      for (const std::int64_t chunk : {7, 1000}) {
        if (rows / chunk < 600) CHECK(FactorOf(x, rows, cols, chunk, 3, false).values == r.values);
      }
    }
  }
}

TEST_CASE("TSQR with an intercept holds the factor of the centred table, means far from zero too") {
  const std::vector<double> x = Draw(3000 * 4, 2, 1e6);
  const UpperFactor r = FactorOf(x, 3000, 4, 512, 2, true);
  std::vector<double> centred = x;
  for (std::int64_t j = 0; j < 4; ++j) {
    long double mean = 0;
    for (std::int64_t i = 0; i < 3000; ++i) mean += x[i * 4 + j] / 3000.0L;
    for (std::int64_t i = 0; i < 3000; ++i)
      centred[i * 4 + j] = static_cast<double>(x[i * 4 + j] - mean);
    CHECK(r.values[j + 1] / std::sqrt(3000.0) == doctest::Approx(static_cast<double>(mean)));
  }
  UpperFactor inner{4, 4, {}};
  for (std::int64_t i = 1; i < 5; ++i) {
    for (std::int64_t j = 1; j < 5; ++j) inner.values.push_back(r.values[i * 5 + j]);
  }
  CHECK(GramError(inner, centred, 3000) < 1e-7);
}

TEST_CASE("TSQR keeps the digits that X^T X loses") {
  // Two nearly equal columns: R's last pivot is 1e-9, its square far below rounding.
  std::vector<double> x = Draw(2000 * 2, 3);
  for (std::int64_t i = 0; i < 2000; ++i) x[i * 2 + 1] = x[i * 2] + (i == 7 ? 1e-9 : 0);
  const UpperFactor r = FactorOf(x, 2000, 2, 2000, 1, false);
  CHECK(r.values[3] == doctest::Approx(1e-9).epsilon(1e-3));
}

TEST_CASE(
    "a projection is its naive twin, whatever the rows around; not finite is refused by place") {
  const TestContext test(2);
  for (const std::int64_t cols : {1, 30, 300}) {
    for (const std::int64_t outputs : {1, 5, 17}) {
      const std::vector<double> x = Draw(530 * cols, 4);
      const std::vector<double> w = Draw(cols * outputs, 5);
      const std::vector<double> shift = Draw(cols, 6);
      const ProjectionMap map(FeatureLabels("test", {}, cols), w, shift, Draw(outputs, 7));
      std::vector<double> out(static_cast<std::size_t>(530 * outputs));
      map.Apply(RowsOf(x, 0, 530, cols), out.data(), test.ctx);
      const std::vector<double> expected = Projected(x, shift, w, 530, cols, outputs);
      const std::vector<double> offset = Draw(outputs, 7);
      for (std::size_t i = 0; i < out.size(); ++i)
        CHECK(out[i] == doctest::Approx(expected[i] + offset[i % offset.size()]).epsilon(1e-12));
      std::vector<double> one(static_cast<std::size_t>(outputs));
      map.Apply(RowsOf(x, 529, 1, cols), one.data(), test.ctx);
      CHECK(std::equal(one.begin(), one.end(), out.end() - outputs));
      std::vector<double> bad = x;
      bad[400 * cols] = std::nan("");
      CHECK_THROWS_WITH_AS(map.Apply(RowsOf(bad, 0, 530, cols), out.data(), test.ctx),
                           doctest::Contains("row 400, column 0"), Error);
    }
  }
}

TEST_CASE(
    "a subspace step and a projected TSQR are their naive twins, the same bits by any chunks") {
  constexpr std::int64_t kCols = 21;
  constexpr std::int64_t kOutputs = 5;
  const std::vector<double> x = Draw(2500 * kCols, 8, 3);
  const std::vector<double> w = Draw(kCols * kOutputs, 9);
  const std::vector<double> shift(kCols, 3.0);
  const std::vector<double> p = Projected(x, shift, w, 2500, kCols, kOutputs);
  std::vector<double> first;
  std::vector<double> factor;
  for (const std::int64_t chunk : {2500, 11}) {
    const TestContext test(chunk == 11 ? 3 : 1);
    const FeatureLabels labels("test", {}, kCols);
    SubspaceSink sink(labels, Projector(w, shift, kOutputs));
    Pour(sink, x, 2500, kCols, chunk, test.ctx);
    const std::vector<double> z = sink.Result(test.ctx);
    TsqrSink tsqr(labels, false, Projector(w, shift, kOutputs));
    Pour(tsqr, x, 2500, kCols, chunk, test.ctx);
    const UpperFactor r = tsqr.Result(test.ctx);
    CHECK(GramError(r, p, 2500) < 1e-10);
    if (first.empty()) {
      first = z;
      factor = r.values;
    }
    CHECK(z == first);
    CHECK(r.values == factor);
    for (std::int64_t j = 0; j < kCols; ++j) {
      for (std::int64_t k = 0; k < kOutputs; ++k) {
        long double sum = 0;
        for (std::int64_t i = 0; i < 2500; ++i)
          sum += (static_cast<long double>(x[i * kCols + j]) - 3) * p[i * kOutputs + k];
        CHECK(std::abs(z[j * kOutputs + k] - static_cast<double>(sum)) < 1e-9);
      }
    }
  }
}
