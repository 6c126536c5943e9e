#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers createSketchSink, createBinningSink, fitBoosting, boostingModel,
/// boostingProbabilities, createForestMap, serializeBoosting and deserializeBoosting.
void ExportBoosting(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
