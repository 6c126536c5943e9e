#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace treeline::simd {

/// Loops over slots of columns (matrix/reblock.h) for moments.
struct MomentKernels {
  /// Count, mean and sum of squared deviations of the values that are not NaN. Two passes over a
  /// slot in cache; sums in eight lanes, merged in a fixed order, so that every instruction set
  /// prints the same bits.
  void (*column_moments)(const double* values, std::int64_t n, std::int64_t* count, double* mean,
                         double* m2) noexcept;
};

/// One instruction set's kernels. Rooms add their family as one struct here and one *-inl.h file
/// beside this one.
struct Kernels {
  std::string_view isa;
  MomentKernels moments;
};

/// The kernels this process uses: the best the processor has, or what TREELINE_ISA names
/// (baseline, avx2, avx512, neon; a name this processor does not run is ignored, see simdInfo()).
const Kernels& Active() noexcept;

/// Every set this processor can run, worst first: for tests, which try them all.
std::vector<const Kernels*> Supported();

}  // namespace treeline::simd
