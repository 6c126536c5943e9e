#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers clustering.
void ExportCluster(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
