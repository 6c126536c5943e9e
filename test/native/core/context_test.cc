#include "core/context.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <thread>

using treeline::CancelToken;
using treeline::Context;
using treeline::Error;
using treeline::LocalReducer;
using treeline::NoProgress;
using treeline::ThreadPool;

namespace {

struct Fixture {
  ThreadPool pool;
  CancelToken cancel;
  NoProgress progress;
  LocalReducer reducer;
  Context With(int n_jobs) { return {pool, n_jobs, cancel, progress, reducer}; }
};

}  // namespace

TEST_CASE("a context's ParallelFor runs every task with slots below n_jobs") {
  Fixture fixture;
  for (const int n_jobs : {1, 2, 5}) {
    std::atomic<std::int64_t> sum{0};
    std::atomic<bool> slots_fit{true};
    fixture.With(n_jobs).ParallelFor(101, [&](std::int64_t task, int slot) {
      sum.fetch_add(task);
      if (slot < 0 || slot >= n_jobs) slots_fit = false;
    });
    CHECK(sum.load() == 5050);
    CHECK(slots_fit.load());
  }
}

TEST_CASE(
    "a cancelled context starts nothing; one cancelled in the middle starts no further task") {
  Fixture fixture;
  std::atomic<int> count{0};
  for (const int n_jobs : {1, 4}) {
    count = 0;
    CancelToken token;
    const Context ctx{fixture.pool, n_jobs, token, fixture.progress, fixture.reducer};
    const auto body = [&](std::int64_t task, int) {
      count.fetch_add(1);
      if (task == 10) token.Cancel();
      // Whoever is ahead waits: how soon the tenth task gets its turn is up to the system.
      while (task > 10 && !token.cancelled()) std::this_thread::yield();
    };
    CHECK_THROWS_AS(ctx.ParallelFor(100000, body), Error);
    CHECK(count.load() < 100000);
    count = 0;
    CHECK_THROWS_AS(ctx.ParallelFor(1, body), Error);
    CHECK(count.load() == 0);
  }
}
