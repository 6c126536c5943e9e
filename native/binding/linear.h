#pragma once

#include <napi.h>

#include <memory>

#include "linear/glm_solve.h"
#include "linear/linear_store.h"
#include "linear/linear_table.h"
#include "matrix/segment_store.h"

namespace treeline::binding {

/// Registers createLinearSink, createSparseSink, fitLogistic, createLogisticMap.
void ExportLinear(Napi::Env env, Napi::Object exports);

/// The rows of a sink, dense or sparse; one of the two.
struct RowTable {
  std::shared_ptr<LinearStore> dense;
  std::shared_ptr<SparseStore> sparse;

  LinearTable table() const { return dense ? LinearTable(*dense) : LinearTable(*sparse); }
  /// To be read: sparse rows are filed by columns too, which is work for a job.
  LinearTable Finished(const Context& ctx) const {
    if (sparse) sparse->Finish(ctx);
    return table();
  }
  /// Frees the rows.
  void Release() {
    if (dense) *dense = LinearStore(FeatureLabels("", {}, 0));
    if (sparse) *sparse = SparseStore(FeatureLabels("", {}, 0));
  }
};

/// Takes the rows out of a sink of createLinearSink, whose last it files, or createSparseSink:
/// their memory is free when the fit that has them ends.
std::shared_ptr<RowTable> TakeTable(Napi::Env env, Napi::Value sink);

/// { memoryLimit, spillDirectory } (bytes; 0: no limit).
MemoryBudget BudgetOf(Napi::Value value);

/// The property `solver`: "newton-cholesky", anything else: L-BFGS.
GlmSolver SolverOf(Napi::Object options);

}  // namespace treeline::binding
