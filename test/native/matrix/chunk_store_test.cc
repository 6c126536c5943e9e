#include "matrix/chunk_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/error.h"
#include "matrix/slot_window.h"
#include "test_context.h"

using namespace treeline;

namespace {

/// Element (i, j) of the matrix of these tests, exact in float32.
double Element(std::int64_t i, std::int64_t j) { return static_cast<double>(i * 3 + j); }

/// Rows [begin, begin + rows) as a row-major block over `memory`.
Block Rows(std::vector<double>& memory, std::int64_t begin, std::int64_t rows, std::int64_t cols) {
  memory.resize(static_cast<std::size_t>(rows * cols));
  Block block;
  block.rows = rows;
  block.first_row = begin;
  block.is_row_major = true;
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < cols; ++j) memory[i * cols + j] = Element(begin + i, j);
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.values = memory.data() + j;
    column.stride = cols;
    block.columns.push_back(column);
  }
  return block;
}

template <typename Target>
void PushAll(Target& target, std::int64_t rows, std::int64_t cols, std::int64_t step, int n_jobs) {
  TestContext context(n_jobs);
  std::vector<double> memory;
  for (std::int64_t row = 0; row < rows; row += step)
    target.Push(Rows(memory, row, std::min(step, rows - row), cols), context.ctx);
}

void CheckColumn(const SlotSource& source, std::int64_t column, std::int64_t row,
                 std::int64_t count) {
  std::vector<double> scratch(kSlotRows);
  const auto cursor = source.Open();
  const double* const values = ReadSlotColumn(source, *cursor, column, row, count, scratch.data());
  for (std::int64_t i = 0; i < count; ++i) REQUIRE(values[i] == Element(row + i, column));
}

}  // namespace

TEST_CASE("a chunk store gives back every row, from memory and from the spill file") {
  constexpr std::int64_t kRows = 10'500, kCols = 3;
  for (const DType type : {DType::kFloat32, DType::kFloat64}) {
    for (const std::size_t budget : {std::size_t{0}, std::size_t{120'000}, ~std::size_t{0}}) {
      for (const std::int64_t step : {700, 1024, 10'500}) {
        ChunkStoreOptions options;
        options.cols = kCols;
        options.type = type;
        options.chunk_slots = 2;
        options.memory_bytes = budget;
        ChunkStore store(options);
        PushAll(store, kRows, kCols, step, step == 700 ? 3 : 1);
        store.Finish();
        CHECK(store.rows() == kRows);
        CHECK(store.bytes() <= budget);
        CHECK((store.spilled_bytes() == 0) == (budget == ~std::size_t{0}));
        TestContext context(3);
        context.ctx.ParallelFor(kCols, [&](std::int64_t j, int) {
          for (const std::int64_t row : {0, 1000, 1024, 2047, 2048, 4090, 9476}) {
            for (const std::int64_t count : {0, 1, 5, 1024}) CheckColumn(store, j, row, count);
          }
          CheckColumn(store, j, kRows - 260, 260);
        });
      }
    }
  }
}

TEST_CASE("a chunk store of no rows can be finished and read") {
  ChunkStoreOptions options;
  options.cols = 2;
  ChunkStore store(options);
  store.Finish();
  CHECK(store.rows() == 0);
  CheckColumn(store, 1, 0, 0);
}

TEST_CASE("a block of another width is refused by stores and windows") {
  ChunkStoreOptions options;
  options.cols = 2;
  ChunkStore store(options);
  SlotWindow window(2, DType::kFloat64);
  TestContext context(1);
  std::vector<double> memory;
  const Block block = Rows(memory, 0, 10, 3);
  CHECK_THROWS_AS(store.Push(block, context.ctx), Error);
  CHECK_THROWS_AS(window.Push(block, context.ctx), Error);
}

TEST_CASE("a window keeps the rows that are not dropped, and reuses the memory of those that are") {
  constexpr std::int64_t kCols = 2, kStep = 700;
  SlotWindow window(kCols, DType::kFloat32);
  TestContext context(2);
  std::vector<double> memory;
  std::size_t most = 0;
  for (std::int64_t row = 0; row < 100 * kStep; row += kStep) {
    window.Push(Rows(memory, row, kStep, kCols), context.ctx);
    const std::int64_t needed = std::max<std::int64_t>(0, row - 300);
    window.DropBefore(needed);
    CHECK(window.first_row() <= needed);
    CHECK(needed - window.first_row() < kSlotRows);
    CheckColumn(window, 1, needed, std::min(kSlotRows, window.rows() - needed));
    most = std::max(most, window.bytes());
  }
  CHECK(most <= 4 * kSlotRows * kCols * sizeof(float));
}
