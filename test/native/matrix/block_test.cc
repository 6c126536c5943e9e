#include "matrix/block.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/error.h"
#include "matrix/affine.h"
#include "matrix/moments.h"
#include "matrix/reblock.h"
#include "test_context.h"

using namespace treeline;

namespace {

/// A column of type T whose element i is i % 100, `stride` apart; every third row null if asked.
template <typename T>
struct Holder {
  std::vector<T> values;
  std::vector<std::uint8_t> validity;
  Column column;

  Holder(DType type, std::int64_t rows, std::int64_t stride, bool nulls)
      : values(static_cast<std::size_t>(rows * stride), T{77}),
        validity(static_cast<std::size_t>(rows / 8 + 2), 0) {
    for (std::int64_t i = 0; i < rows; ++i) {
      values[i * stride] = static_cast<T>(i % 100);
      const std::int64_t bit = i + 3;
      if (i % 3 != 0) validity[bit / 8] |= static_cast<std::uint8_t>(1 << (bit % 8));
    }
    column.values = values.data();
    column.stride = stride;
    column.type = type;
    if (nulls) {
      column.validity = validity.data();
      column.validity_offset = 3;
    }
  }
};

template <typename T>
void CheckType(DType type) {
  for (const std::int64_t stride : {1, 3}) {
    for (const bool nulls : {false, true}) {
      const Holder<T> holder(type, 200, stride, nulls);
      Block block;
      block.rows = 200;
      block.columns = {holder.column};
      const OwnedBlock copy = OwnedBlock::CopyOf(block);
      for (const Column& column : {holder.column, copy.block().columns[0]}) {
        for (const std::int64_t begin : {0, 1, 7, 8, 150}) {
          std::vector<double> wide(50);
          std::vector<float> narrow(50);
          ReadColumn(column, begin, 50, wide.data());
          ReadColumn(column, begin, 50, narrow.data());
          for (std::int64_t i = 0; i < 50; ++i) {
            const std::int64_t row = begin + i;
            if (nulls && row % 3 == 0) {
              CHECK(std::isnan(wide[i]));
              CHECK(std::isnan(narrow[i]));
            } else {
              CHECK(wide[i] == static_cast<double>(row % 100));
              CHECK(narrow[i] == static_cast<float>(row % 100));
            }
          }
        }
      }
    }
  }
}

/// A row-major block over `values`.
template <typename T>
Block RowMajor(const std::vector<T>& values, std::int64_t cols, std::int64_t stride,
               std::int64_t first, std::int64_t rows) {
  Block block;
  block.rows = rows;
  block.first_row = first;
  block.is_row_major = true;
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = values.data() + first * stride + j;
    column.stride = stride;
    column.type = sizeof(T) == 4 ? DType::kFloat32 : DType::kFloat64;
    block.columns.push_back(column);
  }
  return block;
}

template <typename T>
std::vector<T> Counted(std::int64_t size) {
  std::vector<T> values(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) values[i] = static_cast<T>(i % 100'003);
  return values;
}

}  // namespace

TEST_CASE("columns of every type read as doubles and floats, with nulls, strides and offsets") {
  CheckType<float>(DType::kFloat32);
  CheckType<double>(DType::kFloat64);
  CheckType<std::int8_t>(DType::kInt8);
  CheckType<std::int16_t>(DType::kInt16);
  CheckType<std::int32_t>(DType::kInt32);
  CheckType<std::int64_t>(DType::kInt64);
  CheckType<std::uint8_t>(DType::kUint8);
  CheckType<std::uint16_t>(DType::kUint16);
  CheckType<std::uint32_t>(DType::kUint32);
  CheckType<std::uint64_t>(DType::kUint64);
}

TEST_CASE("bit-packed booleans read as 0 and 1 from any bit on, in a copy too") {
  const std::vector<std::uint8_t> bits = {0b10110010, 0b01011101, 0b11100001, 0b00001111};
  for (const std::int64_t offset : {0, 1, 7, 8, 9}) {
    Column column;
    column.values = bits.data();
    column.type = DType::kBool;
    column.value_offset = offset;
    Block block;
    block.rows = 20;
    block.columns = {column};
    const OwnedBlock copy = OwnedBlock::CopyOf(block);
    for (const Column& read : {column, copy.block().columns[0]}) {
      std::vector<double> out(20);
      ReadColumn(read, 0, 20, out.data());
      for (std::int64_t i = 0; i < 20; ++i) {
        const std::int64_t bit = offset + i;
        CHECK(out[i] == ((bits[bit / 8] >> (bit % 8)) & 1));
      }
    }
  }
}

TEST_CASE("a copy of a row-major block stays row-major and outlives its source") {
  std::vector<double> values = Counted<double>(50 * 7);
  const OwnedBlock copy = OwnedBlock::CopyOf(RowMajor(values, 5, 7, 0, 50));
  std::vector<double> kept = values;
  std::fill(values.begin(), values.end(), -1);
  CHECK(copy.block().is_row_major);
  for (std::int64_t j = 0; j < 5; ++j) {
    std::vector<double> out(50);
    ReadColumn(copy.block().columns[j], 0, 50, out.data());
    for (std::int64_t i = 0; i < 50; ++i) CHECK(out[i] == kept[i * 7 + j]);
  }
}

TEST_CASE_TEMPLATE("slots hold every row in order, whatever the blocks", T, float, double) {
  constexpr std::int64_t kRows = 5000, kCols = 3;
  const std::vector<T> values = Counted<T>(kRows * kCols);
  for (const std::int64_t chunk : {1, 7, 1000, 1024, 1025, 5000}) {
    TestContext context(3);
    Reblocker<double> reblocker(kCols);
    std::int64_t seen = 0;
    const auto consume = [&](std::span<const Slot<double>> slots) {
      for (const Slot<double>& slot : slots) {
        CHECK(slot.index == seen / kSlotRows);
        for (std::int64_t i = 0; i < slot.rows; ++i) {
          for (std::int64_t j = 0; j < kCols; ++j)
            REQUIRE(slot.column(j)[i] == static_cast<double>(values[(seen + i) * kCols + j]));
        }
        seen += slot.rows;
      }
    };
    for (std::int64_t first = 0; first < kRows; first += chunk)
      reblocker.Push(RowMajor(values, kCols, kCols, first, std::min(chunk, kRows - first)),
                     context.ctx, consume);
    CHECK(reblocker.rows() == kRows);
    CHECK(seen == kRows / kSlotRows * kSlotRows);
    CHECK(reblocker.pending().rows == kRows % kSlotRows);
    reblocker.Flush(consume);
    CHECK(seen == kRows);
  }
}

TEST_CASE("a block of another width is refused") {
  const std::vector<double> values = Counted<double>(100);
  TestContext context(1);
  Reblocker<double> reblocker(3);
  CHECK_THROWS_AS(reblocker.Push(RowMajor(values, 2, 2, 0, 10), context.ctx, [](auto) {}), Error);
}

TEST_CASE("moments, weighted and not, are those of a naive sum and the same bits for any blocks") {
  constexpr std::int64_t kRows = 5000, kCols = 2;
  std::vector<double> values = Counted<double>(kRows * kCols);
  for (std::int64_t i = 0; i < kRows; i += 11) values[i * kCols + 1] = NAN;
  std::vector<double> weights(kRows);
  for (std::int64_t i = 0; i < kRows; ++i) weights[i] = static_cast<double>(i % 4) / 2;
  for (const bool weighted : {false, true}) {
    std::vector<Moments> first;
    for (const std::int64_t chunk : {1, 7, 1000, 5000}) {
      TestContext context(chunk == 7 ? 3 : 1);
      MomentsSink sink(kCols, weighted ? weights : std::vector<double>());
      for (std::int64_t row = 0; row < kRows; row += chunk)
        sink.Push(RowMajor(values, kCols, kCols, row, std::min(chunk, kRows - row)), context.ctx);
      const std::vector<Moments> result = sink.Result();
      if (first.empty()) first = result;
      for (std::int64_t j = 0; j < kCols; ++j) {
        CHECK(result[j].count == first[j].count);
        CHECK(result[j].mean == first[j].mean);
        CHECK(result[j].m2 == first[j].m2);
      }
    }
    for (std::int64_t j = 0; j < kCols; ++j) {
      long double total = 0, sum = 0, square = 0;
      for (std::int64_t i = 0; i < kRows; ++i) {
        const double x = values[i * kCols + j];
        if (std::isnan(x)) continue;
        total += weighted ? weights[i] : 1;
        sum += (weighted ? weights[i] : 1) * x;
      }
      for (std::int64_t i = 0; i < kRows; ++i) {
        const double x = values[i * kCols + j];
        if (!std::isnan(x))
          square += (weighted ? weights[i] : 1) * (x - sum / total) * (x - sum / total);
      }
      CHECK(first[j].count == doctest::Approx(static_cast<double>(total)));
      CHECK(first[j].mean == doctest::Approx(static_cast<double>(sum / total)).epsilon(1e-13));
      CHECK(first[j].m2 == doctest::Approx(static_cast<double>(square)).epsilon(1e-12));
    }
  }
}

TEST_CASE("infinities are refused by name where there are labels") {
  std::vector<double> values = Counted<double>(3000 * 2);
  values[2500 * 2 + 1] = -INFINITY;
  for (const std::int64_t chunk : {7, 3000}) {
    TestContext context(2);
    MomentsSink sink(2, {}, FeatureLabels("X", {"a", "b"}, 2));
    try {
      for (std::int64_t row = 0; row < 3000; row += chunk)
        sink.Push(RowMajor(values, 2, 2, row, std::min<std::int64_t>(chunk, 3000 - row)),
                  context.ctx);
      sink.Result();
      FAIL("expected an error");
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("X contains -Infinity in row 2500, column 1 (\"b\")") ==
            0);
    }
  }
}

TEST_CASE("an affine map goes there and back, in both float types, for any number of threads") {
  const std::vector<double> values = Counted<double>(9000 * 3);
  const std::vector<double> shift = {1, 50, -3}, scale = {2, 0.1, 7};
  const Block block = RowMajor(values, 3, 3, 0, 9000);
  for (const int jobs : {1, 3}) {
    TestContext context(jobs);
    std::vector<double> out(9000 * 3), back(9000 * 3);
    std::vector<float> narrow(9000 * 3);
    const AffineMap forward(shift, scale, AffineDirection::kForward);
    forward.Apply(block, out.data(), context.ctx);
    forward.Apply(block, narrow.data(), context.ctx);
    AffineMap(shift, scale, AffineDirection::kInverse)
        .Apply(RowMajor(out, 3, 3, 0, 9000), back.data(), context.ctx);
    for (std::size_t i = 0; i < values.size(); ++i) {
      REQUIRE(out[i] == (values[i] - shift[i % 3]) / scale[i % 3]);
      REQUIRE(narrow[i] == static_cast<float>(out[i]));
      REQUIRE(back[i] == doctest::Approx(values[i]));
    }
  }
}
