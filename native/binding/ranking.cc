#include "binding/ranking.h"

#include <algorithm>
#include <memory>
#include <span>

#include "binding/arguments.h"
#include "binding/job.h"
#include "core/error.h"
#include "loss/ndcg.h"
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

/// discountedGains(gains, scores, queries, { k, logBase, ignoreTies, isNormalized, withoutGain },
/// job): Promise<the DCG of every query>
Napi::Value DiscountedGains(const Napi::CallbackInfo& info) {
  const std::size_t rows = TypedSpanOf(info[0], "gains").length;
  const auto gains = SpanOf<double>(info[0], napi_float64_array, rows, "gains");
  const auto scores = SpanOf<double>(info[1], napi_float64_array, rows, "scores");
  const auto codes = SpanOf<std::int32_t>(info[2], napi_int32_array, rows, "queries");
  const Napi::Object options = info[3].As<Napi::Object>();
  DcgRules rules;
  rules.k = IntegerProperty(options, "k");
  rules.log_base = NumberProperty(options, "logBase");
  rules.ties = BooleanProperty(options, "ignoreTies") ? Ties::kLaterFirst : Ties::kAverage;
  rules.is_normalized = BooleanProperty(options, "isNormalized");
  rules.without_gain = NumberProperty(options, "withoutGain");
  auto values = std::make_shared<std::vector<double>>();
  return StartJob(
      info.Env(), info[4], {info[0], info[1], info[2]},
      [=](const Context& ctx) {
        if (std::any_of(codes.begin(), codes.end(), [](std::int32_t code) { return code < 0; }))
          throw Error(ErrorCode::kInvalidData, "every row must have a query");
        *values = DcgByQuery(Queries(codes), gains, scores, rules, ctx);
      },
      [values](Napi::Env env) { return ToFloat64Array(env, *values); });
}

}  // namespace

void ExportRanking(Napi::Env env, Napi::Object exports) {
  exports.Set("thresholdCurve", Napi::Function::New(env, ThresholdCurveOf));
  exports.Set("discountedGains", Napi::Function::New(env, DiscountedGains));
}

}  // namespace treeline::binding
