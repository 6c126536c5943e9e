#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers createRowPredictor and createShapMap.
void ExportBoostingExplain(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
