#include <napi.h>

#include <string>

#include "binding/algebra.h"
#include "binding/booster.h"
#include "binding/boosting.h"
#include "binding/boosting_explain.h"
#include "binding/chunked.h"
#include "binding/cluster.h"
#include "binding/forest.h"
#include "binding/job.h"
#include "binding/linear.h"
#include "binding/linear_regression.h"
#include "binding/multiply.h"
#include "binding/naive_bayes.h"
#include "binding/neighbors.h"
#include "binding/pairwise.h"
#include "binding/ranking.h"
#include "binding/row_quantiles.h"
#include "binding/rowwise.h"
#include "binding/scaling.h"
#include "binding/split.h"
#include "binding/table.h"
#include "core/large_blocks.h"
#include "core/thread_pool.h"
#include "simd/kernels.h"

namespace treeline::binding {

namespace {

/// simdInfo(): { active, supported }
Napi::Value SimdInfo(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object result = Napi::Object::New(env);
  result.Set("active", std::string(simd::Active().isa));
  Napi::Array supported = Napi::Array::New(env);
  for (const simd::Kernels* kernels : simd::Supported())
    supported.Set(supported.Length(), std::string(kernels->isa));
  result.Set("supported", supported);
  return result;
}

}  // namespace

// One Export… a noun; tools/check-seam compares what they register with src/native/addon*.ts.
Napi::Object Init(Napi::Env env, Napi::Object exports) {
  ReturnLargeBlocks();
  SetUpJobs(env);
  exports.Set("simdInfo", Napi::Function::New(env, SimdInfo));
  ExportJobs(env, exports);
  ExportTables(env, exports);
  ExportScaling(env, exports);
  ExportRanking(env, exports);
  ExportLinear(env, exports);
  ExportLinearRegression(env, exports);
  ExportNaiveBayes(env, exports);
  ExportNeighbors(env, exports);
  ExportForest(env, exports);
  ExportRowwise(env, exports);
  ExportSplit(env, exports);
  ExportBoosting(env, exports);
  ExportAlgebra(env, exports);
  ExportMultiply(env, exports);
  ExportCluster(env, exports);
  ExportPairwise(env, exports);
  ExportRowQuantiles(env, exports);
  ExportBoostingExplain(env, exports);
  ExportChunked(env, exports);
  ExportBooster(env, exports);
  return exports;
}

}  // namespace treeline::binding

static Napi::Object InitAll(Napi::Env env, Napi::Object exports) {
  return treeline::binding::Init(env, exports);
}

NODE_API_MODULE(treeline, InitAll)
