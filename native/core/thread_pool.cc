#include "core/thread_pool.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace treeline {

namespace {

constexpr int kMaxWorkers = 255;
constexpr int kMaxRunners = 64;
constexpr int kSpinRounds = 200;  // about 50 microseconds with the yields

}  // namespace

/// One ParallelFor call. Lives on the caller's stack; workers touch it only between JoinAny and
/// Leave.
struct ThreadPool::Region {
  std::int64_t n_tasks;
  int max_helpers;
  void* context;
  Invoke invoke;
  std::atomic<std::int64_t> next{0};
  std::atomic<int> active_helpers{0};
  int joined = 0;  // guarded by the pool's mutex
  std::atomic<bool> failed{false};
  std::exception_ptr error;  // written by the thread that set `failed`, read after all have left

  bool HasTasks() const noexcept {
    return next.load(std::memory_order_relaxed) < n_tasks &&
           !failed.load(std::memory_order_relaxed);
  }

  void Work(int slot) noexcept {
    while (!failed.load(std::memory_order_relaxed)) {
      const std::int64_t task = next.fetch_add(1, std::memory_order_relaxed);
      if (task >= n_tasks) return;
      try {
        invoke(context, task, slot);
      } catch (...) {
        if (!failed.exchange(true)) error = std::current_exception();
      }
    }
  }
};

struct ThreadPool::Threads {
  std::vector<std::thread> workers;
  std::vector<std::thread> runners;
};

ThreadPool& ThreadPool::Shared() {
  static ThreadPool* pool = new ThreadPool();
  return *pool;
}

int ThreadPool::HardwareThreads() noexcept {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

ThreadPool::ThreadPool() : threads_(std::make_unique<Threads>()) {}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    epoch_.fetch_add(1);
  }
  work_available_.notify_all();
  runner_wake_.notify_all();
  for (std::thread& thread : threads_->runners) thread.join();
  for (std::thread& thread : threads_->workers) thread.join();
}

void ThreadPool::Run(std::int64_t n_tasks, int n_jobs, void* context, Invoke invoke) {
  const int helpers =
      static_cast<int>(std::min<std::int64_t>({n_jobs - 1, n_tasks - 1, kMaxWorkers}));
  Region region{};
  region.n_tasks = n_tasks;
  region.max_helpers = helpers;
  region.context = context;
  region.invoke = invoke;
  int to_wake = 0;
  std::list<Region*>::iterator place;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    GrowWorkers(helpers);
    regions_.push_front(&region);
    place = regions_.begin();
    epoch_.fetch_add(1, std::memory_order_release);
    to_wake = std::min(n_sleeping_, helpers);
  }
  for (int i = 0; i < to_wake; ++i) work_available_.notify_one();

  region.Work(0);

  {
    std::lock_guard<std::mutex> lock(mutex_);
    regions_.erase(place);  // from here on nobody joins
  }
  for (int round = 0; round < kSpinRounds; ++round) {
    if (region.active_helpers.load(std::memory_order_acquire) == 0) break;
    std::this_thread::yield();
  }
  if (region.active_helpers.load(std::memory_order_acquire) != 0) {
    std::unique_lock<std::mutex> lock(mutex_);
    region_left_.wait(lock,
                      [&] { return region.active_helpers.load(std::memory_order_acquire) == 0; });
  }
  if (region.error) std::rethrow_exception(region.error);
}

/// Called with mutex_ held. A system that gives no more threads means fewer helpers, not an error.
void ThreadPool::GrowWorkers(int n_workers) {
  try {
    while (n_workers_ < n_workers) {
      threads_->workers.emplace_back([this] { WorkerLoop(); });
      ++n_workers_;
    }
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch)
  }
}

/// A region with unclaimed tasks and room for one more helper, or nullptr. Newest first: inner
/// loops before outer ones.
ThreadPool::Region* ThreadPool::JoinAny(int* slot) {
  for (Region* region : regions_) {
    if (region->joined < region->max_helpers && region->HasTasks()) {
      *slot = ++region->joined;
      region->active_helpers.fetch_add(1, std::memory_order_relaxed);
      return region;
    }
  }
  return nullptr;
}

void ThreadPool::Leave(Region* region) {
  // The decrement is the last touch of the region: its owner may return at once.
  if (region->active_helpers.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
    }  // an owner that is about to wait must not miss this
    region_left_.notify_all();
  }
}

void ThreadPool::WorkerLoop() {
  for (;;) {
    Region* region = nullptr;
    int slot = 0;
    std::uint64_t seen = 0;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) return;
      region = JoinAny(&slot);
      seen = epoch_.load(std::memory_order_relaxed);
    }
    if (region != nullptr) {
      region->Work(slot);
      Leave(region);
      continue;
    }
    bool news = false;
    for (int round = 0; round < kSpinRounds && !news; ++round) {
      std::this_thread::yield();
      news = epoch_.load(std::memory_order_acquire) != seen;
    }
    if (news) continue;
    std::unique_lock<std::mutex> lock(mutex_);
    ++n_sleeping_;
    work_available_.wait(
        lock, [&] { return stopping_ || epoch_.load(std::memory_order_relaxed) != seen; });
    --n_sleeping_;
  }
}

void ThreadPool::StartRunner(std::function<void()> work) {
  std::lock_guard<std::mutex> lock(mutex_);
  runner_queue_.push_back(std::move(work));
  std::vector<std::thread>& runners = threads_->runners;
  const bool all_busy = runner_queue_.size() > static_cast<std::size_t>(n_idle_runners_);
  if (all_busy && runners.size() < kMaxRunners) {
    try {
      runners.emplace_back([this] { RunnerLoop(); });
    } catch (const std::system_error&) {
      if (runners.empty()) {
        runner_queue_.pop_back();
        throw;
      }
    }
  }
  runner_wake_.notify_one();
}

void ThreadPool::RunnerLoop() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    ++n_idle_runners_;
    runner_wake_.wait(lock, [&] { return stopping_ || !runner_queue_.empty(); });
    --n_idle_runners_;
    if (runner_queue_.empty()) return;
    std::function<void()> work = std::move(runner_queue_.front());
    runner_queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what the work held is released before the runner counts as idle
    lock.lock();
  }
}

}  // namespace treeline
