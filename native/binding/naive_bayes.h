#pragma once

#include <napi.h>

namespace treeline::binding {

/// Registers the sinks and the map of naive Bayes models.
void ExportNaiveBayes(Napi::Env env, Napi::Object exports);

}  // namespace treeline::binding
