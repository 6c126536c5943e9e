#include "binding/split.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "binding/arguments.h"
#include "binding/job.h"
#include "matrix/row_split.h"

namespace treeline::binding {

namespace {

/// A split with the memory its plan looks into.
struct SplitJob {
  std::vector<std::int32_t> groups;
  RowSplitPlan plan;
  RowSplit result;
};

std::vector<std::int64_t> Counts(Napi::Value value, const char* what) {
  const std::vector<double> counts = Doubles(value, what);
  return std::vector<std::int64_t>(counts.begin(), counts.end());
}

Napi::Value ToUint8Array(Napi::Env env, const std::vector<std::uint8_t>& bytes) {
  Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

/// splitRows(nRows, seed, groups | undefined, test, train, job): Promise<{ test, train }>
Napi::Value StartSplit(const Napi::CallbackInfo& info) {
  auto split = std::make_shared<SplitJob>();
  split->plan.n_rows = info[0].As<Napi::Number>().Int64Value();
  split->plan.seed = static_cast<std::uint64_t>(info[1].As<Napi::Number>().Int64Value());
  if (!info[2].IsUndefined()) {
    const TypedSpan span = TypedSpanOf(info[2], "groups");
    if (span.type != napi_int32_array)
      throw Napi::TypeError::New(info.Env(), "expected an Int32Array: groups");
    const auto* groups = static_cast<const std::int32_t*>(span.data);
    split->groups.assign(groups, groups + span.length);
    split->plan.groups = split->groups;
  }
  split->plan.test = Counts(info[3], "test");
  split->plan.train = Counts(info[4], "train");
  return StartJob(
      info.Env(), info[5], {},
      [split](const Context& ctx) { split->result = SplitRows(split->plan, ctx); },
      [split](Napi::Env env) {
        Napi::Object result = Napi::Object::New(env);
        result.Set("test", ToUint8Array(env, split->result.test));
        result.Set("train", ToUint8Array(env, split->result.train));
        return result;
      });
}

}  // namespace

void ExportSplit(Napi::Env env, Napi::Object exports) {
  exports.Set("splitRows", Napi::Function::New(env, StartSplit));
}

}  // namespace treeline::binding
