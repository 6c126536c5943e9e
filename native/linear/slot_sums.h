#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/context.h"
#include "simd/kernels.h"

namespace treeline {

/// Sums over the slots of a table, each in kLinearLanes lanes, formed by groups of consecutive
/// slots and merged in order: neither threads nor the chunks the data came in change a bit.
/// `add(slot, scratch, lanes)` adds slot 0 … n_slots - 1 to n_sums * kLinearLanes numbers; Scratch
/// is what one thread works with.
template <typename Scratch, typename Add>
std::vector<double> SumSlots(std::int64_t n_slots, std::int64_t n_sums, const Context& ctx,
                             Add&& add) {
  constexpr std::int64_t kLanes = simd::kLinearLanes;
  // Partial sums kept at a time: at most this many groups and about this many numbers.
  constexpr std::int64_t kMaxGroups = 256;
  constexpr std::int64_t kMaxPartials = 1 << 22;
  const std::int64_t max_groups = std::clamp<std::int64_t>(kMaxPartials / n_sums, 8, kMaxGroups);
  const std::int64_t group = std::max<std::int64_t>(1, (n_slots + max_groups - 1) / max_groups);
  const std::int64_t n_groups = (n_slots + group - 1) / group;
  struct Thread {
    Scratch scratch;
    std::vector<double> lanes;
  };
  std::vector<double> partials(static_cast<std::size_t>(n_groups * n_sums));
  std::vector<Thread> threads(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor(n_groups, [&](std::int64_t g, int index) {
    Thread& thread = threads[index];
    thread.lanes.assign(static_cast<std::size_t>(n_sums * kLanes), 0.0);
    const std::int64_t end = std::min(n_slots, (g + 1) * group);
    for (std::int64_t s = g * group; s < end; ++s) add(s, thread.scratch, thread.lanes.data());
    for (std::int64_t i = 0; i < n_sums; ++i) {
      const double* l = thread.lanes.data() + i * kLanes;
      partials[g * n_sums + i] = ((l[0] + l[1]) + (l[2] + l[3])) + ((l[4] + l[5]) + (l[6] + l[7]));
    }
  });
  std::vector<double> total(static_cast<std::size_t>(n_sums));
  for (std::int64_t g = 0; g < n_groups; ++g) {
    for (std::int64_t i = 0; i < n_sums; ++i) total[i] += partials[g * n_sums + i];
  }
  return total;
}

}  // namespace treeline
