#include "binding/naive_bayes.h"

#include <optional>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "core/error.h"
#include "naive_bayes/bayes_map.h"
#include "naive_bayes/category_counts.h"
#include "naive_bayes/class_moments.h"
#include "naive_bayes/class_sums.h"

namespace treeline::binding {

namespace {

/// Codes (Int32Array), weights (Float64Array or undefined) and the number of classes.
ClassRows ClassRowsOf(Napi::Value codes, Napi::Value weights, Napi::Value n_classes) {
  ClassRows rows;
  rows.codes = Int32s(codes, "codes");
  rows.weights = DoublesOrNone(weights, "weights");
  rows.n_classes = n_classes.As<Napi::Number>().Int64Value();
  if (!rows.weights.empty() && rows.weights.size() != rows.codes.size())
    throw Napi::TypeError::New(codes.Env(), "codes and weights differ in length");
  for (const std::int32_t code : rows.codes) {
    if (code < 0 || code >= rows.n_classes)
      throw Napi::RangeError::New(codes.Env(), "a class code out of range");
  }
  return rows;
}

std::optional<double> ThresholdOf(Napi::Value value) {
  if (!value.IsNumber()) return {};
  return value.As<Napi::Number>().DoubleValue();
}

/// createClassMomentsSink(labels, codes, weights | undefined, nClasses): sink
Napi::Value CreateClassMomentsSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapSink(info.Env(), std::make_shared<ClassMomentsSink>(
                                    LabelsOf(info[0]), ClassRowsOf(info[1], info[2], info[3])));
  });
}

/// createClassSumsSink(labels, codes, weights | undefined, nClasses, threshold | undefined): sink
Napi::Value CreateClassSumsSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapSink(info.Env(), std::make_shared<ClassSumsSink>(
                                    LabelsOf(info[0]), ClassRowsOf(info[1], info[2], info[3]),
                                    ThresholdOf(info[4])));
  });
}

/// createCategoryCountsSink(labels, codes, weights | undefined, nClasses): sink
Napi::Value CreateCategoryCountsSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapSink(info.Env(), std::make_shared<CategoryCountsSink>(
                                    LabelsOf(info[0]), ClassRowsOf(info[1], info[2], info[3])));
  });
}

/// A job that finishes a sink of the kind the function is for; `result` makes the promise's value.
template <typename S, typename Result>
Napi::Value FinishSink(const Napi::CallbackInfo& info, const char* what, Result result) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sink = UnwrapAs<S, Sink>(info[0], HandleKind::kSink, what);
    auto& holder = HolderOf<Sink>(info[0], HandleKind::kSink, what);
    holder.busy = true;
    return StartJob(
        info.Env(), info[1], {info[0]}, [sink](const Context& ctx) { sink->Finish(ctx); },
        [sink, result](Napi::Env env) { return result(env, *sink); },
        [&holder](Napi::Env) { holder.busy = false; });
  });
}

/// One field of the moments, in order.
template <typename Field>
Napi::Value FieldOf(Napi::Env env, const std::vector<Moments>& moments, Field field) {
  std::vector<double> values;
  values.reserve(moments.size());
  for (const Moments& m : moments) values.push_back(field(m));
  return ToFloat64Array(env, values);
}

void SetMoments(Napi::Env env, Napi::Object result, const std::vector<Moments>& moments) {
  result.Set("count", FieldOf(env, moments, [](const Moments& m) { return m.count; }));
  result.Set("mean", FieldOf(env, moments, [](const Moments& m) { return m.mean; }));
  result.Set("variance", FieldOf(env, moments, [](const Moments& m) { return m.Variance(); }));
}

/// finishClassMoments(sink, job): Promise<{ count, mean, variance, overall }>
Napi::Value FinishClassMoments(const Napi::CallbackInfo& info) {
  return FinishSink<ClassMomentsSink>(
      info, "class moments sink", [](Napi::Env env, const ClassMomentsSink& sink) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        SetMoments(env, result, sink.weighted());
        Napi::Object overall = Napi::Object::New(env);
        SetMoments(env, overall, sink.Overall());
        result.Set("overall", overall);
        return result;
      });
}

/// finishClassSums(sink, job): Promise<{ classWeight, sums }>
Napi::Value FinishClassSums(const Napi::CallbackInfo& info) {
  return FinishSink<ClassSumsSink>(
      info, "class sums sink", [](Napi::Env env, const ClassSumsSink& sink) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        result.Set("classWeight", ToFloat64Array(env, sink.class_weight()));
        result.Set("sums", ToFloat64Array(env, sink.sums()));
        return result;
      });
}

/// finishCategoryCounts(sink, job): Promise<{ classWeight, counts }>
Napi::Value FinishCategoryCounts(const Napi::CallbackInfo& info) {
  return FinishSink<CategoryCountsSink>(
      info, "category counts sink",
      [](Napi::Env env, const CategoryCountsSink& sink) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        result.Set("classWeight", ToFloat64Array(env, sink.ClassWeight()));
        Napi::Array counts = Napi::Array::New(env, sink.counts().size());
        for (std::uint32_t j = 0; j < counts.Length(); ++j)
          counts.Set(j, ToFloat64Array(env, sink.counts()[j]));
        result.Set("counts", counts);
        return result;
      });
}

BayesOutput OutputOf(Napi::Value value) {
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "joint") return BayesOutput::kJoint;
  if (name == "probability") return BayesOutput::kProbability;
  if (name == "logProbability") return BayesOutput::kLogProbability;
  if (name == "class") return BayesOutput::kClass;
  throw Napi::TypeError::New(value.Env(), "unknown output: " + name);
}

BayesModel::Kind KindOf(Napi::Object object) {
  const std::string name = StringProperty(object, "kind");
  if (name == "gaussian") return BayesModel::Kind::kGaussian;
  if (name == "linear") return BayesModel::Kind::kLinear;
  if (name == "categorical") return BayesModel::Kind::kCategorical;
  throw Napi::TypeError::New(object.Env(), "unknown kind of model: " + name);
}

/// Throws unless the model's arrays fit n_features.
void CheckModel(Napi::Env env, const BayesModel& model, std::int64_t n_features) {
  const auto cells = static_cast<std::size_t>(model.n_classes() * n_features);
  bool fits = model.n_classes() > 0;
  if (model.kind == BayesModel::Kind::kCategorical) {
    fits &= model.offsets.size() == static_cast<std::size_t>(n_features) + 1 &&
            model.offsets.front() == 0 &&
            model.offsets.back() == static_cast<double>(model.scale.size());
    for (std::size_t j = 1; fits && j < model.offsets.size(); ++j)
      fits &= model.offsets[j - 1] <= model.offsets[j];
  } else {
    fits &= model.scale.size() == cells;
    fits &= model.kind == BayesModel::Kind::kLinear || model.centre.size() == cells;
  }
  if (!fits) throw Napi::TypeError::New(env, "the parts of the model do not fit together");
}

/// createBayesMap(labels, model, output): map
Napi::Value CreateBayesMap(const Napi::CallbackInfo& info) {
  FeatureLabels labels = LabelsOf(info[0]);
  const Napi::Object object = info[1].As<Napi::Object>();
  BayesModel model;
  model.kind = KindOf(object);
  model.intercept = Doubles(object.Get("intercept"), "intercept");
  model.centre = DoublesOrNone(object.Get("centre"), "centre");
  model.scale = Doubles(object.Get("scale"), "scale");
  model.offsets = DoublesOrNone(object.Get("offsets"), "offsets");
  model.threshold = ThresholdOf(object.Get("threshold"));
  CheckModel(info.Env(), model, labels.size());
  return WrapBlockMap(info.Env(), std::make_shared<const BayesMap>(
                                      std::move(labels), std::move(model), OutputOf(info[2])));
}

}  // namespace

void ExportNaiveBayes(Napi::Env env, Napi::Object exports) {
  exports.Set("createClassMomentsSink", Napi::Function::New(env, CreateClassMomentsSink));
  exports.Set("finishClassMoments", Napi::Function::New(env, FinishClassMoments));
  exports.Set("createClassSumsSink", Napi::Function::New(env, CreateClassSumsSink));
  exports.Set("finishClassSums", Napi::Function::New(env, FinishClassSums));
  exports.Set("createCategoryCountsSink", Napi::Function::New(env, CreateCategoryCountsSink));
  exports.Set("finishCategoryCounts", Napi::Function::New(env, FinishCategoryCounts));
  exports.Set("createBayesMap", Napi::Function::New(env, CreateBayesMap));
}

}  // namespace treeline::binding
