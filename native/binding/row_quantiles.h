#pragma once

#include <napi.h>

namespace treeline::binding {

/// Quantiles of rows.
void ExportRowQuantiles(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
