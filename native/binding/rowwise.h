#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers the models that learn row by row: the store of rows, stochastic gradient descent, and
/// the map of linear one-against-all models.
void ExportRowwise(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
