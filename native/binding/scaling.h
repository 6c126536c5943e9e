#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers createMomentsSink, momentsResult, createAffineMap.
void ExportScaling(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
