#include <cstdint>
#include <string_view>

#include "simd/kernels.h"
#include "simd/target_region.h"

#if TREELINE_X86
#include <immintrin.h>

// GCC vectorises with 256-bit registers unless told otherwise; to clang it is a flag, not a target
// feature.
#if defined(__clang__)
#define TREELINE_WIDE ""
#else
#define TREELINE_WIDE ",prefer-vector-width=512"
#endif
TREELINE_BEGIN_TARGET(
    "avx,avx2,fma,bmi,bmi2,popcnt,lzcnt,f16c,avx512f,avx512bw,avx512cd,avx512dq,avx512vl,"
    "avx512vbmi,"
    "avx512vbmi2" TREELINE_WIDE)
namespace treeline::simd::avx512 {

#define TREELINE_TARGET_AVX512 1
#include "simd/kernels-inl.h"

}  // namespace treeline::simd::avx512
TREELINE_END_TARGET

namespace treeline::simd {
extern const Kernels kAvx512Kernels;
constinit const Kernels kAvx512Kernels = avx512::MakeKernels("avx512");
}  // namespace treeline::simd

#endif  // TREELINE_X86
