// The kernels of one instruction set: included by each target_*.cc inside its region and namespace.

// clang-format off: math first, the others use it
#include "simd/math-inl.h"
#include "simd/linear-inl.h"
#include "simd/moments-inl.h"
// clang-format on

static consteval Kernels MakeKernels(std::string_view isa) {
  Kernels kernels{};
  kernels.isa = isa;
  kernels.math = {ExpBlock,      LogBlock,      SigmoidBlock,
                  Log1pExpBlock, ExpFloatBlock, SigmoidFloatBlock};
  kernels.moments = {ColumnMoments};
  kernels.linear = {
      CentreColumns<float>, CentreColumns<double>, AddMargins,   AddProducts, ScaleRows,
      BinomialLoss,         MultinomialLoss,       Sigmoids,     LogSigmoids, Softmax,
      ScanColumn<float>,    ScanColumn<double>,    NarrowExactly};
  return kernels;
}
