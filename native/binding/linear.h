#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers createLinearSink, fitLogistic, createLogisticMap.
void ExportLinear(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
