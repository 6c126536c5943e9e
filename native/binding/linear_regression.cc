#include "binding/linear_regression.h"

#include <memory>
#include <string>
#include <vector>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/linear.h"
#include "core/error.h"
#include "linear/elastic_net.h"
#include "linear/glm_regression.h"
#include "linear/least_squares.h"
#include "linear/quantile_regression.h"
#include "linear/ridge_cv.h"
#include "linear/sparse_least_squares.h"

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
    auto data = TakeTable(info.Env(), info[0]);
    if (!options.start_coef.empty() &&
        options.start_coef.size() != static_cast<std::size_t>(data->table().cols())) {
      throw Error(ErrorCode::kInvalidArgument, "a start of the wrong shape");
    }
    auto model = std::make_shared<GlmModel>();
    return StartJob(
        info.Env(), info[4], {info[0]},
        [data, target, weights, options, model](const Context& ctx) {
          *model =
              FitGlm(data->Finished(ctx), std::move(*target), std::move(*weights), options, ctx);
          data->Release();
        },
        [model](Napi::Env env) { return GlmModelOf(env, *model); });
  });
}

/// Rows, targets and weights of a least squares problem: a sink, a Float64Array of n_targets
/// columns one after another, their number, weights or undefined.
struct Problem {
  std::shared_ptr<RowTable> rows;
  LinearData data;
};

std::shared_ptr<Problem> ProblemOf(const Napi::CallbackInfo& info, bool fit_intercept) {
  auto problem = std::make_shared<Problem>();
  LinearData& data = problem->data;
  data.targets = Doubles(info[1], "targets");
  data.n_targets = info[2].As<Napi::Number>().Int64Value();
  data.weights = DoublesOrNone(info[3], "weights");
  data.fit_intercept = fit_intercept;
  problem->rows = TakeTable(info.Env(), info[0]);
  data.table = problem->rows->table();
  const auto rows = static_cast<std::size_t>(data.rows());
  if (data.n_targets < 1 ||
      data.targets.size() != rows * static_cast<std::size_t>(data.n_targets) ||
      (!data.weights.empty() && data.weights.size() != rows)) {
    throw Error(ErrorCode::kInvalidData, "X, y and sampleWeight differ in their number of rows");
  }
  return problem;
}

void SetLeastSquares(Napi::Env env, Napi::Object result, const LeastSquaresModel& model) {
  result.Set("coef", ToFloat64Array(env, model.coef));
  result.Set("intercept", ToFloat64Array(env, model.intercept));
  result.Set("rank", static_cast<double>(model.rank));
  result.Set("singularValues", ToFloat64Array(env, model.singular_values));
}

/// Starts `fit`, which makes a Model of the problem; `settle` makes a JavaScript object of it.
template <typename Model, typename Fit, typename Settle>
Napi::Value StartFit(const Napi::CallbackInfo& info, const std::shared_ptr<Problem>& problem,
                     const Fit& fit, Settle settle) {
  auto model = std::make_shared<Model>();
  return StartJob(
      info.Env(), info[5], {info[0]},
      [problem, model, fit](const Context& ctx) {
        problem->rows->Finished(ctx);
        *model = fit(problem->data, ctx);
        problem->rows->Release();
      },
      [model, settle](Napi::Env env) -> Napi::Value {
        Napi::Object result = Napi::Object::New(env);
        settle(env, result, *model);
        return result;
      });
}

/// fitLeastSquares(sink, targets, nTargets, weights | undefined, options, job)
Napi::Value FitLeastSquaresJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object object = info[4].As<Napi::Object>();
    LeastSquaresOptions options;
    options.alpha = Doubles(object.Get("alpha"), "alpha");
    options.positive = BooleanProperty(object, "positive");
    options.with_rank = BooleanProperty(object, "withRank");
    auto problem = ProblemOf(info, BooleanProperty(object, "fitIntercept"));
    if (options.alpha.size() != static_cast<std::size_t>(problem->data.n_targets))
      throw Error(ErrorCode::kInvalidArgument, "alpha: one a target");
    return StartFit<LeastSquaresModel>(
        info, problem,
        [options](const LinearData& data, const Context& ctx) {
          return FitLeastSquares(data, options, ctx);
        },
        SetLeastSquares);
  });
}

/// fitSparseLeastSquares(sink, targets, nTargets, weights | undefined, options, job). Takes the
/// rows out of a sparse sink.
Napi::Value FitSparseLeastSquaresJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object object = info[4].As<Napi::Object>();
    auto problem = std::make_shared<SparseLeastSquaresProblem>();
    problem->targets = Doubles(info[1], "targets");
    problem->n_targets = info[2].As<Napi::Number>().Int64Value();
    problem->weights = DoublesOrNone(info[3], "weights");
    problem->alpha = Doubles(object.Get("alpha"), "alpha");
    problem->fit_intercept = BooleanProperty(object, "fitIntercept");
    auto data = TakeTable(info.Env(), info[0]);
    if (!data->sparse) throw Napi::TypeError::New(info.Env(), "expected a sparse sink");
    const auto rows = static_cast<std::size_t>(data->sparse->rows());
    if (problem->n_targets < 1 ||
        problem->targets.size() != rows * static_cast<std::size_t>(problem->n_targets) ||
        (!problem->weights.empty() && problem->weights.size() != rows)) {
      throw Error(ErrorCode::kInvalidData, "X, y and sampleWeight differ in their number of rows");
    }
    if (problem->alpha.size() != static_cast<std::size_t>(problem->n_targets))
      throw Error(ErrorCode::kInvalidArgument, "alpha: one a target");
    auto model = std::make_shared<SparseLeastSquaresModel>();
    return StartJob(
        info.Env(), info[5], {info[0]},
        [data, problem, model](const Context& ctx) {
          data->sparse->Finish(ctx);
          *model = FitSparseLeastSquares(*data->sparse, *problem, ctx);
          data->Release();
        },
        [model](Napi::Env env) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("coef", ToFloat64Array(env, model->coef));
          result.Set("intercept", ToFloat64Array(env, model->intercept));
          result.Set("converged", model->converged);
          return result;
        });
  });
}

/// fitRidgeCv(sink, targets, nTargets, weights | undefined, options, job)
Napi::Value FitRidgeCvJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object object = info[4].As<Napi::Object>();
    RidgeCvOptions options;
    options.alphas = Doubles(object.Get("alphas"), "alphas");
    options.alpha_per_target = BooleanProperty(object, "alphaPerTarget");
    options.keep_errors = BooleanProperty(object, "keepErrors");
    auto problem = ProblemOf(info, BooleanProperty(object, "fitIntercept"));
    return StartFit<RidgeCvModel>(
        info, problem,
        [options](const LinearData& data, const Context& ctx) {
          return FitRidgeCv(data, options, ctx);
        },
        [](Napi::Env env, Napi::Object result, const RidgeCvModel& model) {
          SetLeastSquares(env, result, model.best);
          result.Set("alpha", ToFloat64Array(env, model.alpha));
          result.Set("score", ToFloat64Array(env, model.score));
          result.Set("errors", ToFloat64Array(env, model.errors));
        });
  });
}

ElasticNetOptions ElasticNetOptionsOf(Napi::Object object) {
  ElasticNetOptions options;
  options.alpha = NumberProperty(object, "alpha");
  options.l1_ratio = NumberProperty(object, "l1Ratio");
  options.positive = BooleanProperty(object, "positive");
  options.tol = NumberProperty(object, "tol");
  options.max_iter = IntegerProperty(object, "maxIter");
  options.in_random_order = BooleanProperty(object, "inRandomOrder");
  options.seed = static_cast<std::uint64_t>(IntegerProperty(object, "seed"));
  options.start_coef = DoublesOrNone(object.Get("startCoef"), "startCoef");
  return options;
}

void SetElasticNet(Napi::Env env, Napi::Object result, const ElasticNetModel& model) {
  result.Set("coef", ToFloat64Array(env, model.coef));
  result.Set("intercept", model.intercept);
  result.Set("nIter", static_cast<double>(model.n_iter));
  result.Set("dualGap", model.dual_gap);
  result.Set("converged", model.converged);
}

/// fitElasticNet(sink, target, 1, weights | undefined, options, job)
Napi::Value FitElasticNetJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object object = info[4].As<Napi::Object>();
    const ElasticNetOptions options = ElasticNetOptionsOf(object);
    auto problem = ProblemOf(info, BooleanProperty(object, "fitIntercept"));
    if (!options.start_coef.empty() &&
        options.start_coef.size() != static_cast<std::size_t>(problem->data.cols())) {
      throw Error(ErrorCode::kInvalidArgument, "a start of the wrong shape");
    }
    return StartFit<ElasticNetModel>(
        info, problem,
        [options](const LinearData& data, const Context& ctx) {
          return FitElasticNet(data, options, ctx);
        },
        SetElasticNet);
  });
}

ElasticNetGrid GridOf(Napi::Object object) {
  ElasticNetGrid grid;
  grid.l1_ratios = Doubles(object.Get("l1Ratios"), "l1Ratios");
  grid.alphas = DoublesOrNone(object.Get("alphas"), "alphas");
  grid.n_alphas = IntegerProperty(object, "nAlphas");
  grid.eps = NumberProperty(object, "eps");
  const TypedSpan folds = TypedSpanOf(object.Get("folds"), "folds");
  if (folds.type != napi_int32_array)
    throw Napi::TypeError::New(object.Env(), "expected an Int32Array: folds");
  const auto* data = static_cast<const std::int32_t*>(folds.data);
  grid.folds.assign(data, data + folds.length);
  grid.n_folds = static_cast<std::int32_t>(IntegerProperty(object, "nFolds"));
  return grid;
}

/// fitElasticNetCv(sink, target, 1, weights | undefined, options, job)
Napi::Value FitElasticNetCvJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object object = info[4].As<Napi::Object>();
    const ElasticNetOptions options = ElasticNetOptionsOf(object);
    const ElasticNetGrid grid = GridOf(object);
    auto problem = ProblemOf(info, BooleanProperty(object, "fitIntercept"));
    if (grid.folds.size() != static_cast<std::size_t>(problem->data.rows()))
      throw Error(ErrorCode::kInvalidData, "folds: one a row");
    return StartFit<ElasticNetCvModel>(
        info, problem,
        [options, grid](const LinearData& data, const Context& ctx) {
          return FitElasticNetCv(data, options, grid, ctx);
        },
        [](Napi::Env env, Napi::Object result, const ElasticNetCvModel& model) {
          SetElasticNet(env, result, model.best);
          result.Set("converged", model.converged && model.best.converged);
          result.Set("alpha", model.alpha);
          result.Set("l1Ratio", model.l1_ratio);
          result.Set("alphas", ToFloat64Array(env, model.alphas));
          result.Set("msePath", ToFloat64Array(env, model.mse_path));
        });
  });
}

/// fitQuantile(sink, target, weights | undefined, options, job)
Napi::Value FitQuantileJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto target = std::make_shared<std::vector<double>>(Doubles(info[1], "target"));
    auto weights = std::make_shared<std::vector<double>>(DoublesOrNone(info[2], "weights"));
    Napi::Object object = info[3].As<Napi::Object>();
    QuantileOptions options;
    options.quantile = NumberProperty(object, "quantile");
    options.alpha = NumberProperty(object, "alpha");
    options.fit_intercept = BooleanProperty(object, "fitIntercept");
    options.tol = NumberProperty(object, "tol");
    options.max_iter = IntegerProperty(object, "maxIter");
    auto data = TakeTable(info.Env(), info[0]);
    auto model = std::make_shared<QuantileModel>();
    return StartJob(
        info.Env(), info[4], {info[0]},
        [data, target, weights, options, model](const Context& ctx) {
          *model = FitQuantile(data->Finished(ctx), std::move(*target), std::move(*weights),
                               options, ctx);
          data->Release();
        },
        [model](Napi::Env env) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("coef", ToFloat64Array(env, model->coef));
          result.Set("intercept", model->intercept);
          result.Set("nIter", static_cast<double>(model->n_iter));
          result.Set("objective", model->objective);
          result.Set("dualGap", model->gap);
          result.Set("converged", model->converged);
          return result;
        });
  });
}

}  // namespace

void ExportLinearRegression(Napi::Env env, Napi::Object exports) {
  exports.Set("fitGlm", Napi::Function::New(env, FitGlmJob));
  exports.Set("fitLeastSquares", Napi::Function::New(env, FitLeastSquaresJob));
  exports.Set("fitSparseLeastSquares", Napi::Function::New(env, FitSparseLeastSquaresJob));
  exports.Set("fitRidgeCv", Napi::Function::New(env, FitRidgeCvJob));
  exports.Set("fitElasticNet", Napi::Function::New(env, FitElasticNetJob));
  exports.Set("fitQuantile", Napi::Function::New(env, FitQuantileJob));
  exports.Set("fitElasticNetCv", Napi::Function::New(env, FitElasticNetCvJob));
}

}  // namespace treeline::binding
