#include "binding/rowwise.h"

#include <algorithm>
#include <map>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/linear.h"
#include "binding/table.h"
#include "core/error.h"
#include "rowwise/margin_map.h"
#include "rowwise/row_store.h"
#include "rowwise/sgd.h"
#include "rowwise/svm.h"

namespace treeline::binding {

namespace {

/// The value a name stands for; throws a TypeError for an unknown one.
template <typename T>
T Named(Napi::Env env, const std::map<std::string, T>& names, const std::string& name) {
  const auto found = names.find(name);
  if (found == names.end()) throw Napi::TypeError::New(env, "unknown name: " + name);
  return found->second;
}

/// createRowSink(labels, { memoryLimit, spillDirectory }): sink
Napi::Value CreateRowSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapSink(info.Env(), std::make_shared<RowStore>(LabelsOf(info[0]), BudgetOf(info[1])));
  });
}

/// Takes the rows out of a sink: their memory is free when the fit ends.
std::shared_ptr<RowStore> TakeRows(Napi::Value value) {
  auto& holder = HolderOf<Sink>(value, HandleKind::kSink, "row sink");
  auto store = UnwrapAs<RowStore, Sink>(value, HandleKind::kSink, "row sink");
  auto taken = std::make_shared<RowStore>(std::move(*store));
  *store = RowStore(FeatureLabels("", {}, 0));
  ReportBytes(value.Env(), holder, store->bytes());
  taken->Finish();
  return taken;
}

SgdOptions SgdOptionsOf(Napi::Object object) {
  const Napi::Env env = object.Env();
  const std::map<std::string, SgdLoss> losses = {
      {"hinge", SgdLoss::kHinge},
      {"squaredHinge", SgdLoss::kSquaredHinge},
      {"logLoss", SgdLoss::kLogLoss},
      {"modifiedHuber", SgdLoss::kModifiedHuber},
      {"perceptron", SgdLoss::kPerceptron},
      {"squaredError", SgdLoss::kSquaredError},
      {"huber", SgdLoss::kHuber},
      {"epsilonInsensitive", SgdLoss::kEpsilonInsensitive},
      {"squaredEpsilonInsensitive", SgdLoss::kSquaredEpsilonInsensitive}};
  const std::map<std::string, SgdPenalty> penalties = {{"none", SgdPenalty::kNone},
                                                       {"l1", SgdPenalty::kL1},
                                                       {"l2", SgdPenalty::kL2},
                                                       {"elasticnet", SgdPenalty::kElasticNet}};
  const std::map<std::string, SgdSchedule> schedules = {{"constant", SgdSchedule::kConstant},
                                                        {"optimal", SgdSchedule::kOptimal},
                                                        {"invscaling", SgdSchedule::kInvScaling},
                                                        {"adaptive", SgdSchedule::kAdaptive},
                                                        {"pa1", SgdSchedule::kPa1},
                                                        {"pa2", SgdSchedule::kPa2}};
  SgdOptions options;
  options.loss.kind = Named(env, losses, StringProperty(object, "loss"));
  options.loss.epsilon = NumberProperty(object, "epsilon");
  options.penalty = Named(env, penalties, StringProperty(object, "penalty"));
  options.alpha = NumberProperty(object, "alpha");
  options.l1_ratio = NumberProperty(object, "l1Ratio");
  options.fit_intercept = BooleanProperty(object, "fitIntercept");
  options.max_iter = IntegerProperty(object, "maxIter");
  options.tol = NumberProperty(object, "tol");
  options.shuffle = BooleanProperty(object, "shuffle");
  options.seed = static_cast<std::uint64_t>(IntegerProperty(object, "seed"));
  options.schedule = Named(env, schedules, StringProperty(object, "learningRate"));
  options.eta0 = NumberProperty(object, "eta0");
  options.power_t = NumberProperty(object, "powerT");
  options.average = IntegerProperty(object, "average");
  options.early_stopping = BooleanProperty(object, "earlyStopping");
  options.n_iter_no_change = IntegerProperty(object, "nIterNoChange");
  return options;
}

std::vector<std::uint8_t> BytesOrNone(Napi::Value value, const char* what) {
  if (value.IsUndefined()) return {};
  const TypedSpan span = TypedSpanOf(value, what);
  if (span.type != napi_uint8_array)
    throw Napi::TypeError::New(value.Env(), std::string("expected a Uint8Array: ") + what);
  const auto* data = static_cast<const std::uint8_t*>(span.data);
  return {data, data + span.length};
}

SgdProblem ProblemOf(Napi::Object object) {
  SgdProblem problem;
  problem.n_classes = IntegerProperty(object, "nClasses");
  if (problem.n_classes > 0) {
    problem.codes = Int32s(object.Get("codes"), "codes");
  } else {
    problem.y = Doubles(object.Get("y"), "y");
  }
  problem.weights = DoublesOrNone(object.Get("weights"), "weights");
  problem.held_out = BytesOrNone(object.Get("heldOut"), "heldOut");
  problem.class_weights = DoublesOrNone(object.Get("classWeights"), "classWeights");
  if (!problem.class_weights.empty() &&
      problem.class_weights.size() != static_cast<std::size_t>(problem.n_classes)) {
    throw Napi::TypeError::New(object.Env(), "classWeights of the wrong length");
  }
  return problem;
}

/// { coef, intercept, averageCoef, averageIntercept, t } of all outputs, divided into one state
/// each.
std::vector<SgdState> StatesOf(Napi::Object object, std::int64_t n_outputs,
                               std::int64_t n_features) {
  const std::vector<double> coef = Doubles(object.Get("coef"), "coef");
  const std::vector<double> intercept = Doubles(object.Get("intercept"), "intercept");
  const std::vector<double> average = DoublesOrNone(object.Get("averageCoef"), "averageCoef");
  const std::vector<double> average_intercept =
      DoublesOrNone(object.Get("averageIntercept"), "averageIntercept");
  const auto cells = static_cast<std::size_t>(n_outputs * n_features);
  if (coef.size() != cells || intercept.size() != static_cast<std::size_t>(n_outputs) ||
      (!average.empty() &&
       (average.size() != cells || average_intercept.size() != intercept.size()))) {
    throw Napi::TypeError::New(object.Env(), "a start of the wrong shape");
  }
  std::vector<SgdState> states(static_cast<std::size_t>(n_outputs));
  for (std::int64_t k = 0; k < n_outputs; ++k) {
    SgdState& state = states[k];
    state.coef.assign(coef.begin() + k * n_features, coef.begin() + (k + 1) * n_features);
    state.intercept = intercept[k];
    state.t = NumberProperty(object, "t");
    if (average.empty()) continue;
    state.average_coef.assign(average.begin() + k * n_features,
                              average.begin() + (k + 1) * n_features);
    state.average_intercept = average_intercept[k];
  }
  return states;
}

Napi::Value ResultOf(Napi::Env env, const std::vector<SgdState>& states) {
  std::vector<double> coef, intercept, average, average_intercept;
  std::int64_t n_iter = 0;
  bool converged = true;
  for (const SgdState& state : states) {
    coef.insert(coef.end(), state.coef.begin(), state.coef.end());
    intercept.push_back(state.intercept);
    average.insert(average.end(), state.average_coef.begin(), state.average_coef.end());
    average_intercept.push_back(state.average_intercept);
    n_iter = std::max(n_iter, state.n_iter);
    converged &= state.converged;
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("coef", ToFloat64Array(env, coef));
  result.Set("intercept", ToFloat64Array(env, intercept));
  if (!average.empty()) {
    result.Set("averageCoef", ToFloat64Array(env, average));
    result.Set("averageIntercept", ToFloat64Array(env, average_intercept));
  }
  result.Set("nIter", static_cast<double>(n_iter));
  result.Set("converged", converged);
  return result;
}

/// fitSgd(sink, problem, start, options, job): Promise<result>
Napi::Value FitSgdJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto store = TakeRows(info[0]);
    auto problem = std::make_shared<SgdProblem>(ProblemOf(info[1].As<Napi::Object>()));
    auto states = std::make_shared<std::vector<SgdState>>(
        StatesOf(info[2].As<Napi::Object>(), problem->n_outputs(), store->cols()));
    SgdOptions options = SgdOptionsOf(info[3].As<Napi::Object>());
    options.is_classifier = problem->n_classes > 0;
    return StartJob(
        info.Env(), info[4], {info[0]},
        [store, problem, states, options](const Context& ctx) {
          FitSgd(*store, *problem, options, *states, ctx);
          *store = RowStore(FeatureLabels("", {}, 0));
        },
        [states](Napi::Env env) { return ResultOf(env, *states); });
  });
}

/// fitSvm(sink, problem, options, job): Promise<{ coef, intercept, objective, nIter, converged }>
Napi::Value FitSvmJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::map<std::string, SvmProblem> problems = {
        {"l2SquaredHinge", SvmProblem::kL2SquaredHinge},
        {"l2Hinge", SvmProblem::kL2Hinge},
        {"l1SquaredHinge", SvmProblem::kL1SquaredHinge}};
    auto store = TakeRows(info[0]);
    auto problem = std::make_shared<SgdProblem>(ProblemOf(info[1].As<Napi::Object>()));
    const Napi::Object object = info[2].As<Napi::Object>();
    SvmOptions options;
    options.problem = Named(info.Env(), problems, StringProperty(object, "problem"));
    options.c = NumberProperty(object, "C");
    options.tol = NumberProperty(object, "tol");
    options.max_iter = IntegerProperty(object, "maxIter");
    options.intercept_scaling = NumberProperty(object, "interceptScaling");
    options.seed = static_cast<std::uint64_t>(IntegerProperty(object, "seed"));
    auto models = std::make_shared<std::vector<SvmModel>>();
    return StartJob(
        info.Env(), info[3], {info[0]},
        [store, problem, options, models](const Context& ctx) {
          *models = FitSvmClasses(*store, problem->codes, problem->n_classes, problem->weights,
                                  problem->class_weights, options, ctx);
          *store = RowStore(FeatureLabels("", {}, 0));
        },
        [models](Napi::Env env) -> Napi::Value {
          std::vector<double> coef, intercept, objective;
          std::int64_t n_iter = 0;
          bool converged = true;
          for (const SvmModel& model : *models) {
            coef.insert(coef.end(), model.coef.begin(), model.coef.end());
            intercept.push_back(model.intercept);
            objective.push_back(model.objective);
            n_iter = std::max(n_iter, model.n_iter);
            converged &= model.converged;
          }
          Napi::Object result = Napi::Object::New(env);
          result.Set("coef", ToFloat64Array(env, coef));
          result.Set("intercept", ToFloat64Array(env, intercept));
          result.Set("objective", ToFloat64Array(env, objective));
          result.Set("nIter", static_cast<double>(n_iter));
          result.Set("converged", converged);
          return result;
        });
  });
}

/// createMarginMap(labels, coef, intercept, output): map
Napi::Value CreateMarginMap(const Napi::CallbackInfo& info) {
  const std::map<std::string, MarginOutput> outputs = {
      {"decision", MarginOutput::kDecision},     {"class", MarginOutput::kClass},
      {"sigmoid", MarginOutput::kSigmoid},       {"clipped", MarginOutput::kClipped},
      {"logSigmoid", MarginOutput::kLogSigmoid}, {"logClipped", MarginOutput::kLogClipped}};
  FeatureLabels labels = LabelsOf(info[0]);
  std::vector<double> coef = Doubles(info[1], "coef");
  std::vector<double> intercept = Doubles(info[2], "intercept");
  if (intercept.empty() ||
      coef.size() != intercept.size() * static_cast<std::size_t>(labels.size())) {
    throw Napi::TypeError::New(info.Env(), "coef and intercept do not fit together");
  }
  const MarginOutput output = Named(info.Env(), outputs, info[3].As<Napi::String>().Utf8Value());
  return WrapBlockMap(info.Env(),
                      std::make_shared<const MarginMap>(std::move(labels), std::move(coef),
                                                        std::move(intercept), output));
}

}  // namespace

void ExportRowwise(Napi::Env env, Napi::Object exports) {
  exports.Set("createRowSink", Napi::Function::New(env, CreateRowSink));
  exports.Set("fitSgd", Napi::Function::New(env, FitSgdJob));
  exports.Set("fitSvm", Napi::Function::New(env, FitSvmJob));
  exports.Set("createMarginMap", Napi::Function::New(env, CreateMarginMap));
}

}  // namespace treeline::binding
