#include <cstdint>
#include <string_view>

#include "simd/kernels.h"
#include "simd/target_region.h"

#if TREELINE_X86
#include <immintrin.h>

TREELINE_BEGIN_TARGET("avx,avx2,fma,bmi,bmi2,popcnt,lzcnt,f16c")
namespace treeline::simd::avx2 {

#define TREELINE_TARGET_AVX2 1
#include "simd/kernels-inl.h"

}  // namespace treeline::simd::avx2
TREELINE_END_TARGET

namespace treeline::simd {
extern const Kernels kAvx2Kernels;
constinit const Kernels kAvx2Kernels = avx2::MakeKernels("avx2");
}  // namespace treeline::simd

#endif  // TREELINE_X86
