#include "binding/linear_regression.h"

#include <memory>
#include <string>
#include <vector>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/linear.h"
#include "core/error.h"
#include "linear/glm_regression.h"

namespace treeline::binding {

namespace {

GlmLoss LossOf(Napi::Env env, const std::string& name) {
  if (name == "squared") return GlmLoss::kSquared;
  if (name == "tweedieLog") return GlmLoss::kTweedieLog;
  if (name == "tweedieIdentity") return GlmLoss::kTweedieIdentity;
  if (name == "huber") return GlmLoss::kHuber;
  throw Napi::TypeError::New(env, "unknown loss: " + name);
}

GlmOptions GlmOptionsOf(Napi::Object object) {
  GlmOptions options;
  options.loss = LossOf(object.Env(), StringProperty(object, "loss"));
  options.parameter = NumberProperty(object, "parameter");
  options.alpha = NumberProperty(object, "alpha");
  options.tol = NumberProperty(object, "tol");
  options.max_iter = IntegerProperty(object, "maxIter");
  options.fit_intercept = BooleanProperty(object, "fitIntercept");
  options.solver = SolverOf(object);
  options.start_coef = DoublesOrNone(object.Get("startCoef"), "startCoef");
  options.start_intercept = NumberProperty(object, "startIntercept");
  options.start_scale = NumberProperty(object, "startScale");
  return options;
}

Napi::Value GlmModelOf(Napi::Env env, const GlmModel& model) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("coef", ToFloat64Array(env, model.coef));
  result.Set("intercept", model.intercept);
  result.Set("scale", model.scale);
  result.Set("nIter", static_cast<double>(model.n_iter));
  result.Set("converged", model.converged);
  result.Set("violation", model.violation);
  return result;
}

/// fitGlm(sink, target, weights | undefined, options, job): Promise<GlmResult>. Takes the rows out
/// of the sink.
Napi::Value FitGlmJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto target = std::make_shared<std::vector<double>>(Doubles(info[1], "target"));
    auto weights = std::make_shared<std::vector<double>>(DoublesOrNone(info[2], "weights"));
    const GlmOptions options = GlmOptionsOf(info[3].As<Napi::Object>());
    auto data = TakeStore(info.Env(), info[0]);
    if (!options.start_coef.empty() &&
        options.start_coef.size() != static_cast<std::size_t>(data->cols())) {
      throw Error(ErrorCode::kInvalidArgument, "a start of the wrong shape");
    }
    auto model = std::make_shared<GlmModel>();
    return StartJob(
        info.Env(), info[4], {info[0]},
        [data, target, weights, options, model](const Context& ctx) {
          *model = FitGlm(*data, std::move(*target), std::move(*weights), options, ctx);
          *data = LinearStore(FeatureLabels("", {}, 0));
        },
        [model](Napi::Env env) { return GlmModelOf(env, *model); });
  });
}

}  // namespace

void ExportLinearRegression(Napi::Env env, Napi::Object exports) {
  exports.Set("fitGlm", Napi::Function::New(env, FitGlmJob));
}

}  // namespace treeline::binding
