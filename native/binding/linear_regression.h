#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers fitGlm, fitLeastSquares, fitSparseLeastSquares, fitRidgeCv, fitElasticNet,
/// fitElasticNetCv.
void ExportLinearRegression(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
