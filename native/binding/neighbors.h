#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers createNeighborStore, finishNeighbors, createNeighborsMap, nearestOfOwn, withinRadius,
/// createImputeMap.
void ExportNeighbors(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
