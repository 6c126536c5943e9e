#include <cstdint>
#include <string_view>

#include "simd/kernels.h"
#include "simd/target_region.h"

#if TREELINE_ARM64
#include <arm_neon.h>

namespace treeline::simd::neon {

#define TREELINE_TARGET_NEON 1
#include "simd/kernels-inl.h"

}  // namespace treeline::simd::neon

namespace treeline::simd {
extern const Kernels kNeonKernels;
constinit const Kernels kNeonKernels = neon::MakeKernels("neon");
}  // namespace treeline::simd

#endif  // TREELINE_ARM64
