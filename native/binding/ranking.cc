#include "binding/ranking.h"

#include <algorithm>
#include <memory>
#include <span>

#include "binding/arguments.h"
#include "binding/job.h"
#include "core/error.h"
#include "loss/ndcg.h"
#include "loss/queries.h"
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

/// Documents: the first three arguments of what ranks them.
struct RankedRows {
  std::span<const double> gains, scores;
  std::span<const std::int32_t> queries;
};

RankedRows RankedRowsOf(const Napi::CallbackInfo& info) {
  const std::size_t rows = TypedSpanOf(info[0], "gains").length;
  return {SpanOf<double>(info[0], napi_float64_array, rows, "gains"),
          SpanOf<double>(info[1], napi_float64_array, rows, "scores"),
          SpanOf<std::int32_t>(info[2], napi_int32_array, rows, "queries")};
}

Queries QueriesOf(const RankedRows& rows) {
  if (std::any_of(rows.queries.begin(), rows.queries.end(),
                  [](std::int32_t code) { return code < 0; }))
    throw Error(ErrorCode::kInvalidData, "every row must have a query");
  return Queries(rows.queries);
}

/// discountedGains(gains, scores, queries, { k, logBase, ignoreTies, isNormalized }, job):
/// Promise<the DCG of every query>
Napi::Value DiscountedGains(const Napi::CallbackInfo& info) {
  const RankedRows rows = RankedRowsOf(info);
  const Napi::Object options = info[3].As<Napi::Object>();
  DcgRules rules;
  rules.k = IntegerProperty(options, "k");
  rules.log_base = NumberProperty(options, "logBase");
  rules.ties = BooleanProperty(options, "ignoreTies") ? Ties::kLaterFirst : Ties::kAverage;
  rules.is_normalized = BooleanProperty(options, "isNormalized");
  auto values = std::make_shared<std::vector<double>>();
  return StartJob(
      info.Env(), info[4], {info[0], info[1], info[2]},
      [=](const Context& ctx) {
        *values = DcgByQuery(QueriesOf(rows), rows.gains, rows.scores, rules, ctx);
      },
      [values](Napi::Env env) { return ToFloat64Array(env, *values); });
}

/// rankingScores(gains, scores, queries, { kind, k }, job): Promise<the metric of every query>
Napi::Value RankingScoresOf(const Napi::CallbackInfo& info) {
  const RankedRows rows = RankedRowsOf(info);
  const RankingMetric metric = RankingMetricOf(info[3]);
  auto values = std::make_shared<std::vector<double>>();
  return StartJob(
      info.Env(), info[4], {info[0], info[1], info[2]},
      [=](const Context& ctx) {
        *values =
            RankingScores(QueriesOf(rows), rows.gains, rows.scores, std::span(&metric, 1), ctx);
      },
      [values](Napi::Env env) { return ToFloat64Array(env, *values); });
}

}  // namespace

RankingMetric RankingMetricOf(Napi::Value value) {
  const Napi::Object given = value.As<Napi::Object>();
  const std::string kind = StringProperty(given, "kind");
  RankingMetric metric;
  metric.kind = kind == "map"   ? RankingMetric::kMap
                : kind == "mrr" ? RankingMetric::kMrr
                                : RankingMetric::kNdcg;
  metric.k = IntegerProperty(given, "k");
  return metric;
}

void ExportRanking(Napi::Env env, Napi::Object exports) {
  exports.Set("thresholdCurve", Napi::Function::New(env, ThresholdCurveOf));
  exports.Set("discountedGains", Napi::Function::New(env, DiscountedGains));
  exports.Set("rankingScores", Napi::Function::New(env, RankingScoresOf));
}

}  // namespace treeline::binding
