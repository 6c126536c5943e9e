#include <cstdlib>

#include "simd/kernels.h"
#include "simd/target_region.h"

namespace treeline::simd {

extern const Kernels kBaselineKernels;
#if TREELINE_X86
extern const Kernels kAvx2Kernels;
extern const Kernels kAvx512Kernels;
#endif
#if TREELINE_ARM64
extern const Kernels kNeonKernels;
#endif

std::vector<const Kernels*> Supported() {
  std::vector<const Kernels*> sets = {&kBaselineKernels};
#if TREELINE_X86
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                    __builtin_cpu_supports("bmi2");
  if (avx2) sets.push_back(&kAvx2Kernels);
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2");
  if (avx512) sets.push_back(&kAvx512Kernels);
#endif
#if TREELINE_ARM64
  sets.push_back(&kNeonKernels);
#endif
  return sets;
}

namespace {

const Kernels* Choose() {
  const std::vector<const Kernels*> sets = Supported();
  const char* wanted =
      std::getenv("TREELINE_ISA");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  if (wanted == nullptr) return sets.back();
  for (const Kernels* set : sets) {
    if (set->isa == wanted) return set;
  }
  return sets.back();
}

}  // namespace

const Kernels& Active() noexcept {
  static const Kernels* const chosen = Choose();
  return *chosen;
}

}  // namespace treeline::simd
