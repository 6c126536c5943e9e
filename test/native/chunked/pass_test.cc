#include "chunked/pass.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "chunked/statistics.h"
#include "chunked/writers.h"
#include "core/error.h"
#include "matrix/chunk_store.h"
#include "simd/kernels.h"
#include "test_context.h"

using namespace treeline;

namespace {

constexpr std::int64_t kRows = 5000;

/// Column-major block over one column of doubles.
Block BlockOf(const double* values, std::int64_t rows) {
  Block block;
  block.rows = rows;
  Column column;
  column.values = values;
  block.columns = {column};
  return block;
}

std::vector<double> Values() {
  std::vector<double> values(kRows);
  for (std::int64_t i = 0; i < kRows; ++i)
    values[i] = i % 13 == 0 ? NAN : std::sin(static_cast<double>(i)) * 1e3;
  return values;
}

std::shared_ptr<ChunkStore> StoreOf(const std::vector<double>& values, std::size_t budget) {
  ChunkStoreOptions options;
  options.cols = 1;
  options.chunk_slots = 2;
  options.memory_bytes = budget;
  auto store = std::make_shared<ChunkStore>(options);
  TestContext context(1);
  store->Push(BlockOf(values.data(), static_cast<std::int64_t>(values.size())), context.ctx);
  store->Finish();
  return store;
}

/// sqrt(x[i + shift] * 2 + x[i]) as output 0.
Tape Formula(std::int64_t shift) {
  const auto unary = [](simd::TapeUnary op) { return kTapeUnary + static_cast<std::int32_t>(op); };
  const auto binary = [](simd::TapeBinary op) {
    return kTapeBinary + static_cast<std::int32_t>(op);
  };
  Tape tape;
  tape.reads = {{0, shift}, {0, 0}};
  tape.constants = {2};
  tape.n_registers = 2;
  tape.code = {{kTapeLoad, 0, 0, 0, 0},
               {binary(simd::TapeBinary::kMultiply), 0, 0, -1, 0},
               {kTapeLoad, 1, 1, 0, 0},
               {binary(simd::TapeBinary::kAdd), 0, 0, 1, 0},
               {unary(simd::TapeUnary::kSqrt), 0, 0, 0, 0},
               {kTapeEmit, 0, 0, 0, 0}};
  return tape;
}

double Expected(const std::vector<double>& x, std::int64_t i, std::int64_t shift) {
  return std::sqrt(x[i + shift] * 2 + x[i]);
}

PassPlan PlanOf(std::shared_ptr<SlotSource> source, const std::shared_ptr<SlotConsumer>& consumer,
                std::vector<PassPiece> pieces) {
  PassPlan plan;
  plan.sources = {std::move(source)};
  plan.pieces = std::move(pieces);
  plan.n_outputs = 1;
  plan.consumers = {{consumer, {0}}};
  return plan;
}

}  // namespace

TEST_CASE("a pass computes every row, over stores, spilled stores and streams, in pieces") {
  const std::vector<double> x = Values();
  constexpr std::int64_t kShift = 700, kResult = kRows - kShift;
  std::vector<double> expected(kResult);
  for (std::int64_t i = 0; i < kResult; ++i)
    expected[i] = i < 1500 ? Expected(x, i, kShift) : Expected(x, i, 3);
  for (const int n_jobs : {1, 3}) {
    for (const int kind : {0, 1, 2}) {
      TestContext context(n_jobs);
      std::vector<double> out(kResult, -1);
      auto writer = std::make_shared<ArrayWriter>(1);
      writer->SetTarget({out.data(), DType::kFloat64, 0, kResult});
      auto window = std::make_shared<SlotWindow>(1, DType::kFloat64);
      std::shared_ptr<SlotSource> source = window;
      if (kind < 2) source = StoreOf(x, kind == 0 ? ~std::size_t{0} : 0);
      Pass pass(PlanOf(source, writer, {{1500, Formula(kShift)}, {kResult, Formula(3)}}));
      for (std::int64_t row = 0; kind == 2 && row < kRows; row += 999) {
        window->Push(BlockOf(x.data() + row, std::min<std::int64_t>(999, kRows - row)),
                     context.ctx);
        pass.Advance(kResult, context.ctx);
      }
      pass.Advance(kResult, context.ctx);
      CHECK(pass.done() == kResult);
      for (std::int64_t i = 0; i < kResult; ++i) {
        REQUIRE((out[i] == expected[i] || (std::isnan(out[i]) && std::isnan(expected[i]))));
      }
      if (kind == 2) CHECK(window->bytes() <= 6 * kSlotRows * sizeof(double));
    }
  }
}

TEST_CASE("reductions are those of naive loops and the same bits for any number of threads") {
  const std::vector<double> x = Values();
  Tape tape;
  tape.reads = {{0, 0}};
  tape.n_registers = 1;
  tape.code = {{kTapeLoad, 0, 0, 0, 0}, {kTapeEmit, 0, 0, 0, 0}};
  long double sum = 0, square = 0;
  double count = 0, least = 1e9, least_row = -1;
  for (std::int64_t i = 0; i < kRows; ++i) {
    if (std::isnan(x[i])) continue;
    sum += x[i];
    count += 1;
    if (x[i] < least) {
      least = x[i];
      least_row = static_cast<double>(i);
    }
  }
  for (std::int64_t i = 0; i < kRows; ++i)
    if (!std::isnan(x[i])) square += (x[i] - sum / count) * (x[i] - sum / count);
  std::vector<std::vector<double>> first;
  for (const int n_jobs : {1, 2, 5}) {
    TestContext context(n_jobs);
    PassPlan plan = PlanOf(StoreOf(x, 0), std::make_shared<SumReduction>(1), {{kRows, tape}});
    auto moments = std::make_shared<MomentsReduction>(1);
    auto extremes = std::make_shared<ExtremesReduction>(1);
    auto total = std::dynamic_pointer_cast<Reduction>(plan.consumers[0].consumer);
    plan.consumers.push_back({moments, {0}});
    plan.consumers.push_back({extremes, {0}});
    Pass pass(std::move(plan));
    pass.Advance(kRows, context.ctx);
    CHECK(total->Result()[0][0] == doctest::Approx(static_cast<double>(sum)).epsilon(1e-12));
    CHECK(total->Result()[1][0] == count);
    CHECK(moments->Result()[0][0] == count);
    CHECK(moments->Result()[2][0] == doctest::Approx(static_cast<double>(square)).epsilon(1e-12));
    const auto found = extremes->Result();
    CHECK(found[0][0] == least);
    CHECK(found[1][0] == least_row);
    CHECK(found[4][0] == 0);  // the first NaN
    CHECK(found[5][0] == count);
    std::vector<std::vector<double>> all = total->Result();
    for (const auto& numbers : moments->Result()) all.push_back(numbers);
    if (first.empty()) first = all;
    CHECK(all == first);
  }
}

TEST_CASE("a cancelled pass stops before its end") {
  const std::vector<double> x = Values();
  TestContext context(2);
  context.cancel.Cancel();
  Pass pass(PlanOf(StoreOf(x, 0), std::make_shared<SumReduction>(1), {{kRows - 3, Formula(3)}}));
  CHECK_THROWS_AS(pass.Advance(kRows, context.ctx), Error);
  CHECK(pass.done() == 0);
}

TEST_CASE("a tape that names what is not there is refused before anything is read") {
  const std::vector<double> x = Values();
  const auto refused = [&](auto&& spoil) {
    Tape tape = Formula(3);
    spoil(tape);
    auto consumer = std::make_shared<SumReduction>(1);
    CHECK_THROWS_AS(Pass(PlanOf(StoreOf(x, 0), consumer, {{kRows - 3, tape}})), Error);
  };
  refused([](Tape& tape) { tape.code[0].b = 1; });        // a column
  refused([](Tape& tape) { tape.code[0].a = 2; });        // a read
  refused([](Tape& tape) { tape.code[1].b = -2; });       // a constant
  refused([](Tape& tape) { tape.code[3].b = 2; });        // a register
  refused([](Tape& tape) { tape.code[3].code = 1000; });  // an operation
  refused([](Tape& tape) { tape.code[5].b = 1; });        // an output
  refused([](Tape& tape) { tape.reads[0].source = 1; });
  refused([](Tape& tape) { tape.reads[0].shift = 4; });  // past the last row
  refused([](Tape& tape) { tape.reads[0].shift = -1; });
}
