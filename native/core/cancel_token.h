#pragma once

#include <atomic>

#include "core/error.h"

namespace treeline {

/// Set once by the JavaScript thread (AbortSignal, environment clean-up), polled by the threads of
/// a job.
class CancelToken {
 public:
  void Cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

  /// Throws Error{kAborted} after Cancel().
  void ThrowIfCancelled() const {
    if (cancelled()) throw Error(ErrorCode::kAborted, "The operation was aborted");
  }

 private:
  std::atomic<bool> cancelled_{false};
};

}  // namespace treeline
