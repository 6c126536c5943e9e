#include "core/thread_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

using treeline::ThreadPool;

TEST_CASE("ParallelFor runs every task exactly once, for any number of jobs") {
  ThreadPool pool;
  for (int n_jobs : {1, 2, 3, 8}) {
    for (int n_tasks : {0, 1, 2, 7, 1000}) {
      std::vector<std::atomic<int>> counts(static_cast<std::size_t>(n_tasks));
      pool.ParallelFor(n_tasks, n_jobs, [&](std::int64_t task, int) { counts[task].fetch_add(1); });
      for (const auto& count : counts) CHECK(count.load() == 1);
    }
  }
}

TEST_CASE("slots of threads that run at the same time differ and stay below n_jobs") {
  ThreadPool pool;
  constexpr int kJobs = 4;
  std::vector<std::atomic<int>> inside(kJobs);
  std::atomic<bool> shared{false};
  pool.ParallelFor(2000, kJobs, [&](std::int64_t, int slot) {
    REQUIRE(slot >= 0);
    REQUIRE(slot < kJobs);
    if (inside[slot].fetch_add(1) != 0) shared = true;
    inside[slot].fetch_sub(1);
  });
  CHECK(!shared.load());
}

TEST_CASE("an exception in a task reaches the caller and the pool goes on working") {
  ThreadPool pool;
  for (int n_jobs : {1, 4}) {
    CHECK_THROWS_AS(pool.ParallelFor(100, n_jobs,
                                     [](std::int64_t task, int) {
                                       if (task == 37) throw std::runtime_error("37");
                                     }),
                    std::runtime_error);
    std::atomic<int> count{0};
    pool.ParallelFor(100, n_jobs, [&](std::int64_t, int) { count.fetch_add(1); });
    CHECK(count.load() == 100);
  }
}

TEST_CASE("ParallelFor may be nested") {
  ThreadPool pool;
  std::atomic<int> count{0};
  pool.ParallelFor(8, 4, [&](std::int64_t, int) {
    pool.ParallelFor(8, 4, [&](std::int64_t, int) { count.fetch_add(1); });
  });
  CHECK(count.load() == 64);
}

TEST_CASE("runners run at the same time as each other and share the workers") {
  std::atomic<int> done{0};
  {
    ThreadPool pool;
    for (int runner = 0; runner < 6; ++runner) {
      pool.StartRunner([&] {
        for (int round = 0; round < 50; ++round) {
          pool.ParallelFor(16, 3, [&](std::int64_t, int) { done.fetch_add(1); });
        }
      });
    }
    while (done.load() < 6 * 50 * 16) {
    }
  }
  CHECK(done.load() == 6 * 50 * 16);
}
