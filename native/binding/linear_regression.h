#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers fitGlm.
void ExportLinearRegression(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
