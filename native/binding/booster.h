#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers createWatchedSink, releaseBins, createBooster and what runs, asks and finishes one.
void ExportBooster(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
