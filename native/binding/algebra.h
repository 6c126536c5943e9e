#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers matrix products, decompositions and the sinks they are made from.
void ExportAlgebra(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
