#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers thresholdCurve and discountedGains.
void ExportRanking(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
