#include "binding/ranking.h"

#include <memory>
#include <span>

#include "binding/arguments.h"
#include "binding/job.h"
#include "matrix/threshold_curve.h"

namespace treeline::binding {

namespace {

/// The elements of a typed array that the job keeps alive; throws a TypeError unless it has `type`
/// and `length`.
template <typename T>
std::span<const T> SpanOf(Napi::Value value, napi_typedarray_type type, std::size_t length,
                          const char* what) {
  const TypedSpan span = TypedSpanOf(value, what);
  if (span.type != type || span.length != length) {
    throw Napi::TypeError::New(value.Env(), std::string("wrong type or length: ") + what);
  }
  return {static_cast<const T*>(span.data), span.length};
}

/// thresholdCurve(scores, positive, weights | undefined, job): { thresholds, truePositives,
/// falsePositives }
Napi::Value ThresholdCurveOf(const Napi::CallbackInfo& info) {
  const std::size_t rows = TypedSpanOf(info[0], "scores").length;
  const auto scores = SpanOf<double>(info[0], napi_float64_array, rows, "scores");
  const auto positive = SpanOf<std::uint8_t>(info[1], napi_uint8_array, rows, "positive");
  const auto weights = info[2].IsUndefined()
                           ? std::span<const double>()
                           : SpanOf<double>(info[2], napi_float64_array, rows, "weights");
  std::vector<Napi::Value> keep{info[0], info[1]};
  if (!weights.empty()) keep.push_back(info[2]);
  auto curve = std::make_shared<ThresholdCurve>();
  return StartJob(
      info.Env(), info[3], keep,
      [=](const Context& ctx) { *curve = ComputeThresholdCurve(scores, positive, weights, ctx); },
      [curve](Napi::Env env) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        result.Set("thresholds", ToFloat64Array(env, curve->thresholds));
        result.Set("truePositives", ToFloat64Array(env, curve->true_positives));
        result.Set("falsePositives", ToFloat64Array(env, curve->false_positives));
        return result;
      });
}

}  // namespace

void ExportRanking(Napi::Env env, Napi::Object exports) {
  exports.Set("thresholdCurve", Napi::Function::New(env, ThresholdCurveOf));
}

}  // namespace treeline::binding
