#pragma once

#include <napi.h>

#include <memory>

#include "boosting/tree.h"
#include "loss/pointwise.h"

namespace treeline::binding {

/// Registers createSketchSink, createBinningSink, createRawSink, boostingModel, boostingNodes,
/// boostingResponse, createForestMap, serializeBoosting and deserializeBoosting.
void ExportBoosting(Napi::Env env, Napi::Object exports);

/// The model behind a boosting model handle; throws a TypeError for anything else.
std::shared_ptr<const boosting::Model> BoostingModelOf(Napi::Value value);

/// The loss of a BoostingLoss of src/native/addon-boosting.ts; throws a TypeError.
LossKind BoostingLossOf(Napi::Value value);

}  // namespace treeline::binding
