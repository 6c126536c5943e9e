#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <type_traits>

namespace treeline {

/// All threads of the native code. Two kinds: *runners*, one per job, which keep a job off the
/// JavaScript thread and out of libuv's four workers; and *workers*, which help any thread that
/// calls ParallelFor.
///
/// Tasks of a ParallelFor are claimed one by one from a shared counter, so a busy neighbour process
/// costs its share and no more. Idle workers spin shortly (a boosting fit forks thousands of times
/// a second), then sleep.
class ThreadPool {
 public:
  /// The pool of this process: created on first use, never destroyed (its threads may outlive
  /// static destructors).
  static ThreadPool& Shared();

  ThreadPool();
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Calls body(task, slot) for every task in [0, n_tasks) on the calling thread and at most n_jobs
  /// - 1 workers; returns when all have returned. `slot` is in [0, n_jobs) and differs between
  /// threads that run at the same time: an index for scratch memory. The first exception stops the
  /// claiming of further tasks and is rethrown here. May be nested.
  template <typename Body>
  void ParallelFor(std::int64_t n_tasks, int n_jobs, Body&& body) {
    using Plain = std::remove_reference_t<Body>;
    if (n_jobs <= 1 || n_tasks <= 1) {
      for (std::int64_t task = 0; task < n_tasks; ++task) body(task, 0);
      return;
    }
    Run(n_tasks, n_jobs, const_cast<void*>(static_cast<const void*>(&body)),
        [](void* context, std::int64_t task, int slot) {
          (*static_cast<Plain*>(context))(task, slot);
        });
  }

  /// Runs `work`, which must not throw, on a runner thread. Up to 64 run at once; further ones wait
  /// for a runner to be free, so work must never wait for other work given to StartRunner. Throws
  /// std::system_error if not a single thread can be had.
  void StartRunner(std::function<void()> work);

  /// Number of threads the hardware runs at once; at least 1.
  static int HardwareThreads() noexcept;

 private:
  using Invoke = void (*)(void* context, std::int64_t task, int slot);
  struct Region;

  void Run(std::int64_t n_tasks, int n_jobs, void* context, Invoke invoke);
  void GrowWorkers(int n_workers);
  void WorkerLoop();
  Region* JoinAny(int* slot);
  void Leave(Region* region);
  void RunnerLoop();

  std::mutex mutex_;
  std::condition_variable work_available_;
  std::condition_variable region_left_;
  std::list<Region*> regions_;           // guarded by mutex_; newest first
  std::atomic<std::uint64_t> epoch_{0};  // changes whenever regions_ gains an entry
  int n_workers_ = 0;                    // guarded by mutex_
  int n_sleeping_ = 0;                   // guarded by mutex_
  bool stopping_ = false;                // guarded by mutex_

  std::condition_variable runner_wake_;
  std::deque<std::function<void()>> runner_queue_;  // guarded by mutex_; oldest first
  int n_idle_runners_ = 0;                          // guarded by mutex_

  struct Threads;
  std::unique_ptr<Threads> threads_;  // guarded by mutex_
};

}  // namespace treeline
