#pragma once

#include <cstdint>

namespace treeline {

/// Told by a job how far it is. Called from the job's runner thread only; throttling is the
/// receiver's business.
class Progress {
 public:
  virtual ~Progress() = default;
  /// `done` of `total` units (trees, iterations, rows); `score` is the current objective value, NaN
  /// where there is none.
  virtual void Report(std::int64_t done, std::int64_t total, double score) = 0;
};

class NoProgress final : public Progress {
 public:
  void Report(std::int64_t, std::int64_t, double) override {}
};

}  // namespace treeline
