#include "binding/linear.h"

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "core/error.h"
#include "linear/linear_store.h"
#include "linear/logistic_map.h"
#include "linear/logistic_path.h"
#include "linear/logistic_regression.h"
#include "linear/sparse_store.h"

namespace treeline::binding {

namespace {

std::vector<std::int32_t> Codes(Napi::Value value) {
  const TypedSpan span = TypedSpanOf(value, "codes");
  if (span.type != napi_int32_array)
    throw Napi::TypeError::New(value.Env(), "expected an Int32Array: codes");
  const auto* data = static_cast<const std::int32_t*>(span.data);
  return std::vector<std::int32_t>(data, data + span.length);
}

/// createLinearSink(labels, { memoryLimit, spillDirectory }): sink
Napi::Value CreateLinearSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapSink(info.Env(),
                    std::make_shared<LinearStore>(LabelsOf(info[0]), BudgetOf(info[1])));
  });
}

/// createSparseSink(labels): sink
Napi::Value CreateSparseSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapSink(info.Env(), std::make_shared<SparseStore>(LabelsOf(info[0])));
  });
}

LogisticOptions OptionsOf(Napi::Object object) {
  LogisticOptions options;
  options.c = NumberProperty(object, "C");
  options.l1_ratio = NumberProperty(object, "l1Ratio");
  options.tol = NumberProperty(object, "tol");
  options.max_iter = IntegerProperty(object, "maxIter");
  options.fit_intercept = BooleanProperty(object, "fitIntercept");
  options.solver = SolverOf(object);
  options.start_coef = DoublesOrNone(object.Get("startCoef"), "startCoef");
  options.start_intercept = DoublesOrNone(object.Get("startIntercept"), "startIntercept");
  return options;
}

/// Throws unless codes, weights and start fit the data.
void CheckProblem(const LinearTable& table, const std::vector<std::int32_t>& codes,
                  const std::vector<double>& weights, std::int64_t n_classes,
                  const LogisticOptions& options) {
  const auto rows = static_cast<std::size_t>(table.rows());
  if (codes.size() != rows || (!weights.empty() && weights.size() != rows)) {
    throw Error(ErrorCode::kInvalidData, "X, y and sampleWeight differ in their number of rows");
  }
  for (const std::int32_t code : codes) {
    if (code < 0 || code >= n_classes)
      throw Error(ErrorCode::kInvalidData, "a class code out of range");
  }
  const auto outputs = static_cast<std::size_t>(n_classes == 2 ? 1 : n_classes);
  if (options.start_coef.empty()) return;
  if (options.start_coef.size() != outputs * static_cast<std::size_t>(table.cols()) ||
      options.start_intercept.size() != outputs) {
    throw Error(ErrorCode::kInvalidArgument, "a start of the wrong shape");
  }
}

Napi::Value ModelOf(Napi::Env env, const LogisticModel& model) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("coef", ToFloat64Array(env, model.coef));
  result.Set("intercept", ToFloat64Array(env, model.intercept));
  result.Set("nIter", static_cast<double>(model.n_iter));
  result.Set("converged", model.converged);
  result.Set("violation", model.violation);
  return result;
}

/// fitLogistic(sink, codes, weights | undefined, nClasses, options, job): Promise<LogisticModel>.
/// Takes the rows out of the sink: their memory is free when the fit ends.
Napi::Value FitLogisticJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto codes = std::make_shared<std::vector<std::int32_t>>(Codes(info[1]));
    auto weights = std::make_shared<std::vector<double>>(DoublesOrNone(info[2], "weights"));
    const std::int64_t n_classes = info[3].As<Napi::Number>().Int64Value();
    const LogisticOptions options = OptionsOf(info[4].As<Napi::Object>());
    auto data = TakeTable(info.Env(), info[0]);
    CheckProblem(data->table(), *codes, *weights, n_classes, options);
    auto model = std::make_shared<LogisticModel>();
    return StartJob(
        info.Env(), info[5], {info[0]},
        [data, codes, weights, n_classes, options, model](const Context& ctx) mutable {
          *model =
              FitLogistic(data->Finished(ctx), {*codes, *weights, {}}, n_classes, options, ctx);
          data->Release();
        },
        [model](Napi::Env env) { return ModelOf(env, *model); });
  });
}

std::vector<std::uint8_t> Roles(Napi::Value value, std::int64_t size) {
  const TypedSpan span = TypedSpanOf(value, "roles");
  if (span.type != napi_uint8_array || static_cast<std::int64_t>(span.length) != size)
    throw Napi::TypeError::New(value.Env(), "expected a Uint8Array of one role a row: roles");
  const auto* data = static_cast<const std::uint8_t*>(span.data);
  return std::vector<std::uint8_t>(data, data + span.length);
}

/// The rows of a sink, which keeps them.
std::shared_ptr<RowTable> HeldTable(Napi::Value sink) {
  auto table = std::make_shared<RowTable>();
  table->sparse =
      std::dynamic_pointer_cast<SparseStore>(Unwrap<Sink>(sink, HandleKind::kSink, "sink"));
  if (table->sparse) return table;
  table->dense = UnwrapAs<LinearStore, Sink>(sink, HandleKind::kSink, "linear sink");
  table->dense->Finish();
  return table;
}

/// fitLogisticPaths(sink, codes, weights | undefined, nClasses, options, grid, job):
/// Promise<LogisticPaths>. The sink keeps its rows.
Napi::Value FitLogisticPathsJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto codes = std::make_shared<const std::vector<std::int32_t>>(Codes(info[1]));
    auto weights = std::make_shared<const std::vector<double>>(DoublesOrNone(info[2], "weights"));
    const std::int64_t n_classes = info[3].As<Napi::Number>().Int64Value();
    const LogisticOptions options = OptionsOf(info[4].As<Napi::Object>());
    auto data = HeldTable(info[0]);
    CheckProblem(data->table(), *codes, *weights, n_classes, options);
    Napi::Object object = info[5].As<Napi::Object>();
    auto grid = std::make_shared<LogisticGrid>();
    grid->cs = Doubles(object.Get("Cs"), "Cs");
    grid->l1_ratios = Doubles(object.Get("l1Ratios"), "l1Ratios");
    grid->n_folds = IntegerProperty(object, "nFolds");
    grid->roles = Roles(object.Get("roles"), grid->n_folds * data->table().rows());
    auto paths = std::make_shared<LogisticPaths>();
    return StartJob(
        info.Env(), info[6], {info[0]},
        [data, codes, weights, n_classes, options, grid, paths](const Context& ctx) {
          *paths = FitLogisticPaths(data->Finished(ctx), *codes, *weights, n_classes, options,
                                    *grid, ctx);
        },
        [paths](Napi::Env env) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("coef", ToFloat64Array(env, paths->coef));
          result.Set("intercept", ToFloat64Array(env, paths->intercept));
          result.Set("nIter", ToFloat64Array(env, paths->n_iter));
          result.Set("converged", paths->converged);
          result.Set("violation", paths->violation);
          return result;
        });
  });
}

LogisticOutput OutputOf(Napi::Value value) {
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "decision") return LogisticOutput::kDecision;
  if (name == "probability") return LogisticOutput::kProbability;
  if (name == "logProbability") return LogisticOutput::kLogProbability;
  if (name == "class") return LogisticOutput::kClass;
  if (name == "exponential") return LogisticOutput::kExponential;
  throw Napi::TypeError::New(value.Env(), "unknown output: " + name);
}

/// createLogisticMap(labels, coef, intercept, output): map
Napi::Value CreateLogisticMap(const Napi::CallbackInfo& info) {
  FeatureLabels labels = LabelsOf(info[0]);
  std::vector<double> coef = Doubles(info[1], "coef");
  std::vector<double> intercept = Doubles(info[2], "intercept");
  if (coef.size() != intercept.size() * static_cast<std::size_t>(labels.size())) {
    throw Napi::TypeError::New(info.Env(), "coef and intercept do not fit together");
  }
  return WrapBlockMap(info.Env(),
                      std::make_shared<const LogisticMap>(std::move(labels), std::move(coef),
                                                          std::move(intercept), OutputOf(info[3])));
}

/// logisticTestOutputs(sink, roles, coef, intercept, output, job): Promise<Float64Array>
Napi::Value LogisticTestOutputsJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto data = HeldTable(info[0]);
    const LinearTable table = data->table();
    auto roles = std::make_shared<const std::vector<std::uint8_t>>(Roles(info[1], table.rows()));
    std::vector<double> coef = Doubles(info[2], "coef");
    std::vector<double> intercept = Doubles(info[3], "intercept");
    if (coef.size() != intercept.size() * static_cast<std::size_t>(table.cols()))
      throw Napi::TypeError::New(info.Env(), "coef and intercept do not fit together");
    auto model =
        std::make_shared<const LogisticMap>(FeatureLabels("X", {}, table.cols()), std::move(coef),
                                            std::move(intercept), OutputOf(info[4]));
    auto outputs = std::make_shared<std::vector<double>>();
    return StartJob(
        info.Env(), info[5], {info[0]},
        [data, roles, model, outputs](const Context& ctx) {
          *outputs = TestOutputs(data->Finished(ctx), *roles, *model, ctx);
        },
        [outputs](Napi::Env env) { return ToFloat64Array(env, *outputs); });
  });
}

}  // namespace

std::shared_ptr<RowTable> TakeTable(Napi::Env env, Napi::Value sink) {
  auto& holder = HolderOf<Sink>(sink, HandleKind::kSink, "sink");
  const std::shared_ptr<RowTable> held = HeldTable(sink);
  auto taken = std::make_shared<RowTable>();
  if (held->sparse) {
    taken->sparse = std::make_shared<SparseStore>(std::move(*held->sparse));
  } else {
    taken->dense = std::make_shared<LinearStore>(std::move(*held->dense));
  }
  held->Release();
  ReportBytes(env, holder, holder.object->bytes());
  return taken;
}

MemoryBudget BudgetOf(Napi::Value value) {
  const Napi::Object object = value.As<Napi::Object>();
  MemoryBudget budget;
  const std::int64_t limit = IntegerProperty(object, "memoryLimit");
  if (limit > 0) budget.bytes = static_cast<std::size_t>(limit);
  budget.spill_directory = StringProperty(object, "spillDirectory");
  return budget;
}

GlmSolver SolverOf(Napi::Object options) {
  return StringProperty(options, "solver") == "newton-cholesky" ? GlmSolver::kNewtonCholesky
                                                                : GlmSolver::kLbfgs;
}

void ExportLinear(Napi::Env env, Napi::Object exports) {
  exports.Set("createLinearSink", Napi::Function::New(env, CreateLinearSink));
  exports.Set("createSparseSink", Napi::Function::New(env, CreateSparseSink));
  exports.Set("fitLogistic", Napi::Function::New(env, FitLogisticJob));
  exports.Set("fitLogisticPaths", Napi::Function::New(env, FitLogisticPathsJob));
  exports.Set("logisticTestOutputs", Napi::Function::New(env, LogisticTestOutputsJob));
  exports.Set("createLogisticMap", Napi::Function::New(env, CreateLogisticMap));
}

}  // namespace treeline::binding
