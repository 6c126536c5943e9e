#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers splitRows.
void ExportSplit(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
