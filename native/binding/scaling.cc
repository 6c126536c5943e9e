#include "binding/scaling.h"

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "matrix/affine.h"
#include "matrix/moments.h"

namespace treeline::binding {

namespace {

/// createMomentsSink(nFeatures): sink
Napi::Value CreateMomentsSink(const Napi::CallbackInfo& info) {
  return WrapSink(info.Env(),
                  std::make_shared<MomentsSink>(info[0].As<Napi::Number>().Int64Value()));
}

/// momentsResult(sink): { rows, count, mean, variance }, one entry a column
Napi::Value MomentsResult(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto sink = UnwrapAs<MomentsSink, Sink>(info[0], HandleKind::kSink, "moments sink");
  std::vector<double> count, mean, variance;
  for (const Moments& moments : sink->Result()) {
    count.push_back(static_cast<double>(moments.count));
    mean.push_back(moments.mean);
    variance.push_back(moments.Variance());
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("rows", static_cast<double>(sink->rows()));
  result.Set("count", ToFloat64Array(env, count));
  result.Set("mean", ToFloat64Array(env, mean));
  result.Set("variance", ToFloat64Array(env, variance));
  return result;
}

/// createAffineMap(shift, factor): map
Napi::Value CreateAffineMap(const Napi::CallbackInfo& info) {
  return WrapBlockMap(info.Env(), std::make_shared<const AffineMap>(Doubles(info[0], "shift"),
                                                                    Doubles(info[1], "factor")));
}

}  // namespace

void ExportScaling(Napi::Env env, Napi::Object exports) {
  exports.Set("createMomentsSink", Napi::Function::New(env, CreateMomentsSink));
  exports.Set("momentsResult", Napi::Function::New(env, MomentsResult));
  exports.Set("createAffineMap", Napi::Function::New(env, CreateAffineMap));
}

}  // namespace treeline::binding
