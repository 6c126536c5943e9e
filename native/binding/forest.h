#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers trees and forests: tables of bins, fits, maps, pruning and isolation trees.
void ExportForest(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
