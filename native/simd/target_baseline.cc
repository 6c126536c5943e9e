#include <cstdint>
#include <string_view>

#include "simd/kernels.h"
#include "simd/target_region.h"

#if TREELINE_X86
#include <emmintrin.h>  // SSE2 is part of every x86-64
#endif

namespace treeline::simd::baseline {

#include "simd/kernels-inl.h"

}  // namespace treeline::simd::baseline

namespace treeline::simd {
extern const Kernels kBaselineKernels;
constinit const Kernels kBaselineKernels = baseline::MakeKernels("baseline");
}  // namespace treeline::simd
