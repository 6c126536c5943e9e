#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers thresholdCurve.
void ExportRanking(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
