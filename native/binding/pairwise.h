#pragma once

#include <napi.h>

namespace treeline::binding {

/// Distances and similarities between rows.
void ExportPairwise(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
