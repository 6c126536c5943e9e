#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "simd/boosting_kernels.h"
#include "simd/cluster_kernels.h"
#include "simd/gemm_kernels.h"
#include "simd/linear_kernels.h"
#include "simd/loss_kernels.h"
#include "simd/neighbor_kernels.h"
#include "simd/pairwise_kernels.h"
#include "simd/row_kernels.h"
#include "simd/shap_kernels.h"
#include "simd/tape_kernels.h"
#include "simd/vector_kernels.h"

namespace treeline::simd {

/// Elementary functions over arrays: out[i] = f(x[i]); out may be x. The same bits on every
/// instruction set, within 2 units in the last place of the true value. Kernels of other families
/// use the scalar forms in math-inl.h.
struct MathKernels {
  void (*exp)(const double* x, std::int64_t n, double* out) noexcept;
  void (*log)(const double* x, std::int64_t n, double* out) noexcept;
  /// 1 / (1 + e^-x)
  void (*sigmoid)(const double* x, std::int64_t n, double* out) noexcept;
  /// ln(1 + e^x)
  void (*log1p_exp)(const double* x, std::int64_t n, double* out) noexcept;
  void (*exp_float)(const float* x, std::int64_t n, float* out) noexcept;
  void (*sigmoid_float)(const float* x, std::int64_t n, float* out) noexcept;
};

/// Loops over slots of columns (matrix/reblock.h) for moments.
struct MomentKernels {
  /// Count, mean and sum of squared deviations of the values that are not NaN. Two passes over a
  /// slot in cache; sums in eight lanes, merged in a fixed order, so that every instruction set
  /// prints the same bits.
  void (*column_moments)(const double* values, std::int64_t n, std::int64_t* count, double* mean,
                         double* m2) noexcept;
  /// The same with a non-negative weight per value; `total` is the sum of the weights.
  void (*weighted_moments)(const double* values, const double* weights, std::int64_t n,
                           double* total, double* mean, double* m2) noexcept;
};

/// One instruction set's kernels. Rooms add their family as one struct here and one *-inl.h file
/// beside this one.
struct Kernels {
  std::string_view isa;
  MathKernels math;
  MomentKernels moments;
  TapeKernels tape;
  LossKernels losses;
  RowKernels rows;
  LinearKernels linear;
  GlmKernels glm;
  GemmKernels gemm;
  VectorKernels vectors;
  ClusterKernels clusters;
  PairwiseKernels pairwise;
  NeighborKernels neighbors;
  BinningKernels binning;
  PartitionKernels partition;
  GradientKernels gradients;
  HistogramKernels histograms;
  SplitKernels splits;
  PredictKernels predict;
  ShapKernels shap;
};

/// The kernels this process uses: the best the processor has, or what TREELINE_ISA names
/// (baseline, avx2, avx512, neon; a name this processor does not run is ignored, see simdInfo()).
const Kernels& Active() noexcept;

/// Every set this processor can run, worst first: for tests, which try them all.
std::vector<const Kernels*> Supported();

}  // namespace treeline::simd
