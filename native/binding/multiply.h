#pragma once

#include <napi.h>

namespace treeline::binding {

/// Products of two matrices in memory.
void ExportMultiply(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
