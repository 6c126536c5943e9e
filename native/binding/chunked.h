#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers the functions of chunked matrices: stores and passes over them.
void ExportChunked(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
