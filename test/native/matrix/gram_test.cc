#include "matrix/gram.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "test_context.h"

using namespace treeline;

namespace {

template <typename T>
Block BlockOf(const std::vector<T>& values, std::int64_t first, std::int64_t rows,
              std::int64_t cols, bool row_major, std::int64_t total) {
  Block block;
  block.rows = rows;
  block.first_row = first;
  block.is_row_major = row_major;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.type = sizeof(T) == 4 ? DType::kFloat32 : DType::kFloat64;
    column.values = values.data() + (row_major ? first * cols + j : j * total + first);
    column.stride = row_major ? cols : 1;
    block.columns.push_back(column);
  }
  return block;
}

template <typename T>
std::vector<T> Draw(std::int64_t n, double offset) {
  std::vector<T> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(offset + RandomUniform(4, 0, i));
  return values;
}

template <typename T>
Gram GramOf(const std::vector<T>& values, std::int64_t rows, std::int64_t cols, std::int64_t chunk,
            bool row_major, int n_jobs, GramShift shift) {
  const TestContext test(n_jobs);
  GramSink sink(FeatureLabels("test", {}, cols), shift);
  for (std::int64_t row = 0; row < rows; row += chunk)
    sink.Push(BlockOf(values, row, std::min(chunk, rows - row), cols, row_major, rows), test.ctx);
  CHECK(sink.rows() == rows);
  return sink.Result(test.ctx);
}

}  // namespace

TEST_CASE("Gram matrices equal their naive twin and do not depend on chunks, layout or threads") {
  for (const std::int64_t cols : {1, 7, 16, 33}) {
    for (const std::int64_t rows : {1, 5, 1023, 1024, 2600}) {
      CAPTURE(cols);
      CAPTURE(rows);
      const std::vector<float> narrow = Draw<float>(rows * cols, 0);
      const std::vector<double> x(narrow.begin(), narrow.end());
      std::vector<double> turned(x.size());
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < cols; ++j) turned[j * rows + i] = x[i * cols + j];
      }
      const Gram gram = GramOf(x, rows, cols, rows, true, 1, GramShift::kNone);
      CHECK(gram.rows == rows);
      for (std::int64_t i = 0; i < cols; ++i) {
        for (std::int64_t j = 0; j < cols; ++j) {
          long double exact = 0;
          for (std::int64_t k = 0; k < rows; ++k)
            exact += static_cast<long double>(x[k * cols + i]) * x[k * cols + j];
          CHECK(gram.products[i * cols + j] ==
                doctest::Approx(static_cast<double>(exact)).epsilon(1e-13));
        }
      }
      for (const std::int64_t chunk : {rows, std::int64_t{7}, std::int64_t{1000}}) {
        for (const int n_jobs : {1, 3}) {
          for (const GramShift shift : {GramShift::kNone, GramShift::kNearMean}) {
            const Gram first = GramOf(x, rows, cols, rows, true, 1, shift);
            const Gram same = GramOf(turned, rows, cols, chunk, false, n_jobs, shift);
            CHECK(same.products == first.products);
            CHECK(same.sums == first.sums);
            const Gram widened = GramOf(narrow, rows, cols, chunk, true, n_jobs, shift);
            CHECK(widened.products == first.products);
            CHECK(widened.shift == first.shift);
          }
        }
      }
    }
  }
}

TEST_CASE("a mean far from zero costs the covariance no digits") {
  const std::vector<double> x = Draw<double>(3000 * 2, 1e8);
  const Gram gram = GramOf(x, 3000, 2, 100, true, 1, GramShift::kNearMean);
  const std::vector<double> mean = gram.Mean();
  const std::vector<double> covariance = gram.Covariance(2999);
  long double sums[2] = {};
  for (std::size_t i = 0; i < x.size(); ++i) sums[i % 2] += x[i] / 3000.0L;
  long double products[3] = {};
  for (std::size_t i = 0; i < x.size(); i += 2) {
    const long double a = x[i] - sums[0];
    const long double b = x[i + 1] - sums[1];
    products[0] += a * a / 2999;
    products[1] += a * b / 2999;
    products[2] += b * b / 2999;
  }
  CHECK(mean[0] == doctest::Approx(static_cast<double>(sums[0])).epsilon(1e-15));
  CHECK(covariance[0] == doctest::Approx(static_cast<double>(products[0])).epsilon(1e-12));
  CHECK(covariance[1] == doctest::Approx(static_cast<double>(products[1])).epsilon(1e-10));
  CHECK(covariance[2] == covariance[1]);
  CHECK(covariance[3] == doctest::Approx(static_cast<double>(products[2])).epsilon(1e-12));
}

TEST_CASE(
    "values that are not finite are refused by their place, squares that overflow by column") {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), 1e200}) {
    for (const GramShift shift : {GramShift::kNone, GramShift::kNearMean}) {
      std::vector<double> x = Draw<double>(2000 * 3, 0);
      x[1500 * 3 + 2] = bad;
      std::string message;
      try {
        GramOf(x, 2000, 3, 600, true, 1, shift);
      } catch (const Error& error) {
        message = error.what();
      }
      if (bad == 1e200) {
        CHECK(message == "test has values too large to square in column 2: scale it down first");
      } else {
        CHECK(message.find("in row 1500, column 2") != std::string::npos);
      }
    }
  }
}

TEST_CASE("no rows and no columns give empty sums") {
  const TestContext test(1);
  GramSink none(FeatureLabels("test", {}, 2), GramShift::kNearMean);
  CHECK(none.Result(test.ctx).products == std::vector<double>(4, 0.0));
  GramSink empty(FeatureLabels("test", {}, 0), GramShift::kNearMean);
  CHECK(empty.Result(test.ctx).products.empty());
}
