#pragma once

#include <cstdint>
#include <utility>

#include "core/cancel_token.h"
#include "core/progress.h"
#include "core/reducer.h"
#include "core/thread_pool.h"

namespace treeline {

/// Everything a computation needs besides its data: passed by const reference into every fit;
/// nothing is global.
struct Context {
  ThreadPool& pool;
  int n_jobs;
  const CancelToken& cancel;
  Progress& progress;
  Reducer& reducer;

  /// ThreadPool::ParallelFor with this context's n_jobs; a cancelled token stops it before the next
  /// task (throws Error{kAborted}).
  template <typename Body>
  void ParallelFor(std::int64_t n_tasks, Body&& body) const {
    cancel.ThrowIfCancelled();
    pool.ParallelFor(n_tasks, n_jobs, [&](std::int64_t task, int slot) {
      cancel.ThrowIfCancelled();
      body(task, slot);
    });
  }
};

}  // namespace treeline
