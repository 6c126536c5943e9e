#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace treeline {

/// What a fit spends its time on.
enum class Stage : std::uint8_t {
  kSketch,     // the sample and its quantiles
  kBin,        // values to bins
  kGradient,   // gradients and hessians, rounded
  kHistogram,  // sums over rows
  kPartition,  // rows to children
  kSplit,      // sums over threads, subtraction, search for the best splits
  kScore,      // raw predictions of the rows, and losses of early stopping
};
inline constexpr int kStages = 7;

/// Times and sizes of one fit. Written by the job's own thread only: loops over rows are timed from
/// outside.
struct FitTrace {
  std::array<std::int64_t, kStages> nanoseconds{};
  std::int64_t histogram_updates = 0;  // rows × stored columns that a tree looks at
  std::int64_t values_read = 0;        // for the sample and for the bins
  std::int64_t trees = 0;
  std::int64_t rows = 0;
  std::int64_t features = 0;
  std::int64_t stored_columns = 0;  // that histograms are made of: features, less what is bundled
  std::int64_t spilled_bytes = 0;   // of bins in a file
  std::size_t peak_bytes = 0;       // of the fit's native memory

  void SeePeak(std::size_t bytes) noexcept { peak_bytes = std::max(peak_bytes, bytes); }
};

/// Adds the time from its construction to its end to a stage.
class StageTimer {
 public:
  StageTimer(FitTrace& trace, Stage stage) noexcept
      : nanoseconds_(trace.nanoseconds[static_cast<std::size_t>(stage)]), start_(Clock::now()) {}
  ~StageTimer() {
    nanoseconds_ +=
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start_).count();
  }
  StageTimer(const StageTimer&) = delete;
  StageTimer& operator=(const StageTimer&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  std::int64_t& nanoseconds_;
  Clock::time_point start_;
};

/// The time of work that several threads do side by side, each with a trace of its own.
class StageClock {
 public:
  /// Adds the time since construction to `total`, shared out over stages as the threads' times are,
  /// and their counts.
  void ShareOut(const std::vector<const FitTrace*>& traces, FitTrace& total) const {
    const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start_);
    std::array<std::int64_t, kStages> sums{};
    std::int64_t all = 0;
    for (const FitTrace* trace : traces) {
      for (std::size_t stage = 0; stage < kStages; ++stage) {
        sums[stage] += trace->nanoseconds[stage];
        all += trace->nanoseconds[stage];
      }
      total.histogram_updates += trace->histogram_updates;
    }
    const double share =
        static_cast<double>(passed.count()) / static_cast<double>(std::max<std::int64_t>(1, all));
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      total.nanoseconds[stage] +=
          static_cast<std::int64_t>(static_cast<double>(sums[stage]) * share);
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

}  // namespace treeline
