#include "linear/linear_store.h"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/random.h"
#include "test_context.h"

using namespace treeline;

namespace {

/// A view of row-major values.
template <typename T>
Block RowMajor(const std::vector<T>& values, std::int64_t cols, std::int64_t first,
               std::int64_t count) {
  Block block;
  block.rows = count;
  block.first_row = first;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = values.data() + first * cols + j;
    column.stride = cols;
    column.type = sizeof(T) == 4 ? DType::kFloat32 : DType::kFloat64;
    block.columns.push_back(column);
  }
  return block;
}

template <typename T>
LinearStore Filled(const std::vector<T>& values, std::int64_t cols, std::int64_t chunk, int jobs) {
  TestContext context(jobs);
  LinearStore store(FeatureLabels("X", {"a", "b", "c"}, cols));
  const std::int64_t rows = static_cast<std::int64_t>(values.size()) / cols;
  for (std::int64_t first = 0; first < rows; first += chunk)
    store.Push(RowMajor(values, cols, first, std::min(chunk, rows - first)), context.ctx);
  store.Finish();
  return store;
}

/// Element (row, column) as stored.
double At(const LinearStore& store, std::int64_t row, std::int64_t column) {
  const LinearStore::StoredSlot& slot = store.slots()[row / kSlotRows];
  return slot.At(row % kSlotRows, column, store.cols());
}

template <typename T>
std::vector<T> Table(std::int64_t rows, std::int64_t cols) {
  std::vector<T> values(static_cast<std::size_t>(rows * cols));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(RandomUniform(3, 0, i) * 10 + static_cast<double>(i % cols) * 100);
  return values;
}

}  // namespace

TEST_CASE_TEMPLATE("a store holds every value, whatever the chunks and threads", T, float, double) {
  for (const std::int64_t rows : {1, 63, 64, 65, 1023, 1024, 1025, 3000}) {
    const std::vector<T> values = Table<T>(rows, 3);
    const LinearStore whole = Filled(values, 3, rows, 1);
    for (const std::int64_t chunk : {std::int64_t{7}, std::int64_t{1000}, rows}) {
      const LinearStore store = Filled(values, 3, chunk, 3);
      REQUIRE(store.rows() == rows);
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < 3; ++j) CHECK(At(store, i, j) == values[i * 3 + j]);
      }
      for (std::int64_t j = 0; j < 3; ++j) {
        CHECK(store.moments()[j].mean == whole.moments()[j].mean);
        CHECK(store.moments()[j].m2 == whole.moments()[j].m2);
        CHECK(store.moments()[j].count == rows);
      }
    }
  }
}

TEST_CASE("float64 values that are float32 values are stored as such") {
  const std::vector<float> narrow = Table<float>(2500, 3);
  std::vector<double> values(narrow.begin(), narrow.end());
  const LinearStore exact = Filled(values, 3, 2500, 2);
  for (const auto& slot : exact.slots()) {
    CHECK(slot.narrow != nullptr);
    CHECK(slot.wide == nullptr);
  }
  values[1500 * 3 + 1] = 0.1;  // in the second of three slots
  const LinearStore store = Filled(values, 3, 2500, 2);
  CHECK(store.slots()[0].wide == nullptr);
  CHECK(store.slots()[1].narrow == nullptr);
  CHECK(store.slots()[2].wide == nullptr);
  CHECK(At(store, 1500, 1) == 0.1);
}

TEST_CASE("float32 and the same numbers in float64 have the same moments") {
  const std::vector<float> narrow = Table<float>(2500, 3);
  const std::vector<double> wide(narrow.begin(), narrow.end());
  const LinearStore a = Filled(narrow, 3, 2500, 1);
  const LinearStore b = Filled(wide, 3, 99, 1);
  for (std::int64_t j = 0; j < 3; ++j) {
    CHECK(a.moments()[j].mean == b.moments()[j].mean);
    CHECK(a.moments()[j].m2 == b.moments()[j].m2);
  }
}

TEST_CASE("the first value that is not finite is refused by row and column") {
  for (const std::int64_t chunk : {1, 7, 1000, 3000}) {
    std::vector<double> values = Table<double>(3000, 3);
    values[2047 * 3 + 2] = INFINITY;
    values[2047 * 3 + 1] = NAN;
    values[2999 * 3] = NAN;
    try {
      Filled(values, 3, chunk, 2);
      FAIL("expected an error");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kInvalidData);
      CHECK(std::string(error.what()).find("X contains NaN in row 2047, column 1 (\"b\")") == 0);
    }
  }
}

TEST_CASE("moments are those of a naive sum, for columns far from zero too") {
  std::vector<double> values = Table<double>(3000, 3);
  for (std::size_t i = 0; i < values.size(); i += 3) values[i] += 1e9;
  const LinearStore store = Filled(values, 3, 500, 1);
  for (std::int64_t j = 0; j < 3; ++j) {
    long double sum = 0, square = 0;
    for (std::size_t i = j; i < values.size(); i += 3) sum += values[i];
    const long double mean = sum / 3000;
    for (std::size_t i = j; i < values.size(); i += 3)
      square += (values[i] - mean) * (values[i] - mean);
    CHECK(store.moments()[j].mean == doctest::Approx(static_cast<double>(mean)).epsilon(1e-15));
    CHECK(store.moments()[j].m2 == doctest::Approx(static_cast<double>(square)).epsilon(1e-7));
  }
}
