// The kernels of one instruction set: included by each target_*.cc inside its region and namespace.

// clang-format off: math, bytes, losses and gemm first, the others use them
#include "simd/math-inl.h"
#include "simd/bytes-inl.h"
#include "simd/loss-inl.h"
#include "simd/gemm-inl.h"
#include "simd/binning-inl.h"
#include "simd/bucket-inl.h"
#include "simd/cluster-inl.h"
#include "simd/gradient-inl.h"
#include "simd/histogram-inl.h"
#include "simd/linear-inl.h"
#include "simd/glm-inl.h"
#include "simd/moments-inl.h"
#include "simd/neighbors-inl.h"
#include "simd/pairwise-inl.h"
#include "simd/tape-inl.h"
#include "simd/predict-inl.h"
#include "simd/row-inl.h"
#include "simd/shap-inl.h"
#include "simd/split-inl.h"
#include "simd/vector-inl.h"
// clang-format on

static consteval Kernels MakeKernels(std::string_view isa) {
  Kernels kernels{};
  kernels.isa = isa;
  kernels.math = {ExpBlock,      LogBlock,      SigmoidBlock,
                  Log1pExpBlock, ExpFloatBlock, SigmoidFloatBlock};
  kernels.moments = {ColumnMoments, WeightedMoments};
  kernels.tape = MakeTapeKernels();
  kernels.rows = {
      RowSum,      RowDot<double>,       RowDot<float>, RowAddScaled<double>, RowAddScaled<float>,
      RowIsFinite, SubtractScaledSquares};
  kernels.linear = {
      CentreColumns<float>, CentreColumns<double>, AddMargins,   AddProducts, ScaleRows,
      BinomialLoss,         MultinomialLoss,       Sigmoids,     LogSigmoids, Softmax,
      ScanColumn<float>,    ScanColumn<double>,    NarrowExactly};
  kernels.glm = {PointRows<SquaredErrorLoss>, PointRows<PoissonLoss>,
                 PointRows<GammaLoss>,        TweedieLogRows,
                 TweedieIdentityRows,         HuberRows};
  kernels.gemm = MakeGemmKernels();
  kernels.vectors = {VectorDot, VectorAxpy, VectorRotate};
  kernels.clusters = {Nearest};
  kernels.pairwise = {AbsoluteDistances};
  kernels.neighbors = {FindNear, BoxSquares};
  kernels.binning = {BinFloats, BinDoubles};
  kernels.partition = {SplitBitmap, SplitList, ExpandBitmap, MarkRange};
  kernels.losses = MakeLossKernels(PointLosses{});
  kernels.gradients = MakeGradientKernels(PointLosses{});
  kernels.histograms = MakeHistogramKernels();
  kernels.splits = {FindFeatureSplit, ChildValue, ChildGain};
  kernels.predict = {FindLeaves,          AddLeafValues,        ShiftBins,
                     BinByBuckets<float>, BinByBuckets<double>, FindBuckets<float>,
                     FindBuckets<double>, TransposeFloats};
  kernels.shap = {MarkInterval, AddShapValues, AddShapInteractions};
  return kernels;
}
