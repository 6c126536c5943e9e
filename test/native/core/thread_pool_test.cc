#include "core/thread_pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
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
    while (done.load() < 6 * 50 * 16) std::this_thread::yield();
  }
  CHECK(done.load() == 6 * 50 * 16);
}

TEST_CASE("more work than there may be runners waits its turn, and all of it is done") {
  std::atomic<int> done{0};
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  {
    ThreadPool pool;
    for (int i = 0; i < 300; ++i) {
      pool.StartRunner([&] {
        const int now = inside.fetch_add(1) + 1;
        int seen = most.load();
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        inside.fetch_sub(1);
        done.fetch_add(1);
      });
    }
  }  // the destructor waits for what was accepted
  CHECK(done.load() == 300);
  CHECK(most.load() <= 64);
}

TEST_CASE("a runner lets go of what its work held") {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watched = held;
  {
    ThreadPool pool;
    pool.StartRunner([held = std::move(held)] {});
  }
  CHECK(watched.expired());
}

TEST_CASE("exceptions thrown by many tasks at once reach the caller as one of them") {
  ThreadPool pool;
  for (int round = 0; round < 200; ++round) {
    CHECK_THROWS_AS(
        pool.ParallelFor(
            64, 4, [](std::int64_t task, int) { throw std::out_of_range(std::to_string(task)); }),
        std::out_of_range);
  }
}

TEST_CASE("loops started by several threads at once do not mix") {
  ThreadPool pool;
  std::atomic<bool> right{true};
  std::atomic<int> left{4};
  for (int runner = 0; runner < 4; ++runner) {
    pool.StartRunner([&, runner] {
      std::vector<std::int64_t> values(257);
      for (int round = 0; round < 200; ++round) {
        pool.ParallelFor(257, 3,
                         [&](std::int64_t task, int) { values[task] = task * runner + round; });
        for (std::int64_t i = 0; i < 257; ++i) {
          if (values[i] != i * runner + round) right = false;
        }
      }
      left.fetch_sub(1);
    });
  }
  while (left.load() > 0) std::this_thread::yield();
  CHECK(right.load());
}
