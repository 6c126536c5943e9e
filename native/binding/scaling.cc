#include "binding/scaling.h"

#include <optional>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "matrix/affine.h"
#include "matrix/moments.h"

namespace treeline::binding {

namespace {

/// createMomentsSink(nFeatures, weights | undefined, labels | undefined): sink
Napi::Value CreateMomentsSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    std::optional<FeatureLabels> labels;
    if (info[2].IsObject()) labels = LabelsOf(info[2]);
    return WrapSink(info.Env(),
                    std::make_shared<MomentsSink>(info[0].As<Napi::Number>().Int64Value(),
                                                  DoublesOrNone(info[1], "weights"), labels));
  });
}

/// momentsResult(sink): { rows, count, mean, variance }, one entry a column
Napi::Value MomentsResult(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const auto sink = UnwrapAs<MomentsSink, Sink>(info[0], HandleKind::kSink, "moments sink");
    std::vector<double> count, mean, variance;
    for (const Moments& moments : sink->Result()) {
      count.push_back(moments.count);
      mean.push_back(moments.mean);
      variance.push_back(moments.Variance());
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("rows", static_cast<double>(sink->rows()));
    result.Set("count", ToFloat64Array(env, count));
    result.Set("mean", ToFloat64Array(env, mean));
    result.Set("variance", ToFloat64Array(env, variance));
    return result;
  });
}

/// createAffineMap(shift, scale, inverse): map
Napi::Value CreateAffineMap(const Napi::CallbackInfo& info) {
  std::vector<double> shift = Doubles(info[0], "shift");
  std::vector<double> scale = Doubles(info[1], "scale");
  if (shift.size() != scale.size()) {
    throw Napi::TypeError::New(info.Env(), "shift and scale differ in length");
  }
  const bool inverse = info[2].IsBoolean() && info[2].As<Napi::Boolean>().Value();
  return WrapBlockMap(info.Env(),
                      std::make_shared<const AffineMap>(
                          std::move(shift), std::move(scale),
                          inverse ? AffineDirection::kInverse : AffineDirection::kForward));
}

}  // namespace

void ExportScaling(Napi::Env env, Napi::Object exports) {
  exports.Set("createMomentsSink", Napi::Function::New(env, CreateMomentsSink));
  exports.Set("momentsResult", Napi::Function::New(env, MomentsResult));
  exports.Set("createAffineMap", Napi::Function::New(env, CreateAffineMap));
}

}  // namespace treeline::binding
