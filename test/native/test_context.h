#pragma once

#include "core/context.h"

namespace treeline {

/// A Context of a number of threads, with its own cancel token, for tests.
class TestContext {
 public:
  explicit TestContext(int n_jobs)
      : ctx{ThreadPool::Shared(), n_jobs, cancel, progress_, reducer_} {}

  CancelToken cancel;

 private:
  NoProgress progress_;
  LocalReducer reducer_;

 public:
  const Context ctx;
};

}  // namespace treeline
