#pragma once

#include <napi.h>

#include <memory>

#include "linear/glm_solve.h"
#include "linear/linear_store.h"
#include "matrix/segment_store.h"

namespace treeline::binding {

/// Registers createLinearSink, fitLogistic, createLogisticMap.
void ExportLinear(Napi::Env env, Napi::Object exports);

/// Takes the rows out of a linear sink and files the last of them: their memory is free when the
/// fit that has them ends.
std::shared_ptr<LinearStore> TakeStore(Napi::Env env, Napi::Value sink);

/// { memoryLimit, spillDirectory } (bytes; 0: no limit).
MemoryBudget BudgetOf(Napi::Value value);

/// The property `solver`: "newton-cholesky", anything else: L-BFGS.
GlmSolver SolverOf(Napi::Object options);

}  // namespace treeline::binding
