#include "binding/algebra.h"

#include <memory>
#include <optional>
#include <utility>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "core/error.h"
#include "matrix/cholesky.h"
#include "matrix/gram.h"
#include "matrix/householder.h"
#include "matrix/jacobi_svd.h"
#include "matrix/projector.h"
#include "matrix/symmetric_eigen.h"
#include "matrix/tsqr.h"

namespace treeline::binding {

namespace {

std::int64_t Integer(Napi::Value value) { return value.As<Napi::Number>().Int64Value(); }

/// The numbers of a rows x cols Float64Array, copied.
std::vector<double> Dense(Napi::Value value, std::int64_t rows, std::int64_t cols,
                          const char* what) {
  std::vector<double> values = Doubles(value, what);
  if (rows < 0 || cols < 0 || static_cast<std::int64_t>(values.size()) != rows * cols)
    throw Napi::TypeError::New(value.Env(), std::string(what) + " does not have its shape");
  return values;
}

/// createGramSink(labels, nearMean): sink
Napi::Value CreateGramSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const bool near_mean = info[1].As<Napi::Boolean>().Value();
    return WrapSink(info.Env(),
                    std::make_shared<GramSink>(
                        LabelsOf(info[0]), near_mean ? GramShift::kNearMean : GramShift::kNone));
  });
}

/// gramResult(sink, job): Promise<{ rows, shift, sums, products }>
Napi::Value GramResult(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sink = UnwrapAs<GramSink, Sink>(info[0], HandleKind::kSink, "gram sink");
    auto gram = std::make_shared<Gram>();
    return StartJob(
        info.Env(), info[1], {info[0]},
        [sink, gram](const Context& ctx) { *gram = sink->Result(ctx); },
        [gram](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("rows", static_cast<double>(gram->rows));
          result.Set("shift", ToFloat64Array(env, gram->shift));
          result.Set("sums", ToFloat64Array(env, gram->sums));
          result.Set("products", ToFloat64Array(env, gram->products));
          return result;
        });
  });
}

/// gramCovariance(sink, ddof, job): Promise<{ rows, mean, covariance }>
Napi::Value GramCovariance(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sink = UnwrapAs<GramSink, Sink>(info[0], HandleKind::kSink, "gram sink");
    const double ddof = info[1].As<Napi::Number>().DoubleValue();
    struct Result {
      std::int64_t rows = 0;
      std::vector<double> mean;
      std::vector<double> covariance;
    };
    auto found = std::make_shared<Result>();
    return StartJob(
        info.Env(), info[2], {info[0]},
        [sink, ddof, found](const Context& ctx) {
          const Gram gram = sink->Result(ctx);
          *found = {gram.rows, gram.Mean(), gram.Covariance(static_cast<double>(gram.rows) - ddof)};
        },
        [found](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("rows", static_cast<double>(found->rows));
          result.Set("mean", ToFloat64Array(env, found->mean));
          result.Set("covariance", ToFloat64Array(env, found->covariance));
          return result;
        });
  });
}

/// { weights, shift, nOutputs }, or undefined
std::optional<Projector> ProjectorOf(Napi::Value value, std::int64_t n_inputs) {
  if (!value.IsObject()) return {};
  const Napi::Object object = value.As<Napi::Object>();
  const std::int64_t n_outputs = IntegerProperty(object, "nOutputs");
  const std::vector<double> weights = Dense(object.Get("weights"), n_inputs, n_outputs, "weights");
  std::vector<double> shift = Dense(object.Get("shift"), n_inputs, 1, "shift");
  return Projector(weights, std::move(shift), n_outputs);
}

/// createTsqrSink(labels, intercept, projection | undefined): sink
Napi::Value CreateTsqrSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    const bool intercept = info[1].As<Napi::Boolean>().Value();
    auto projection = ProjectorOf(info[2], labels.size());
    return WrapSink(info.Env(), std::make_shared<TsqrSink>(std::move(labels), intercept,
                                                           std::move(projection)));
  });
}

/// tsqrResult(sink, job): Promise<{ rows, height, cols, values }>
Napi::Value TsqrResult(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sink = UnwrapAs<TsqrSink, Sink>(info[0], HandleKind::kSink, "TSQR sink");
    auto factor = std::make_shared<UpperFactor>();
    return StartJob(
        info.Env(), info[1], {info[0]},
        [sink, factor](const Context& ctx) { *factor = sink->Result(ctx); },
        [sink, factor](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("rows", static_cast<double>(sink->rows()));
          result.Set("height", static_cast<double>(factor->height));
          result.Set("cols", static_cast<double>(factor->cols));
          result.Set("values", ToFloat64Array(env, factor->values));
          return result;
        });
  });
}

/// createSubspaceSink(labels, projection): sink
Napi::Value CreateSubspaceSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    auto projection = ProjectorOf(info[1], labels.size());
    if (!projection) throw Napi::TypeError::New(info.Env(), "expected an object: projection");
    return WrapSink(info.Env(),
                    std::make_shared<SubspaceSink>(std::move(labels), std::move(*projection)));
  });
}

/// A job that makes one Float64Array.
template <typename Make>
Napi::Value StartArrayJob(const Napi::CallbackInfo& info, Napi::Value options, Make make) {
  auto values = std::make_shared<std::vector<double>>();
  return StartJob(
      info.Env(), options, {},
      [values, make = std::move(make)](const Context& ctx) mutable { *values = make(ctx); },
      [values](Napi::Env env) { return ToFloat64Array(env, *values); });
}

/// subspaceResult(sink, job): Promise<Float64Array>
Napi::Value SubspaceResult(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sink = UnwrapAs<SubspaceSink, Sink>(info[0], HandleKind::kSink, "subspace sink");
    return StartArrayJob(info, info[1], [sink](const Context& ctx) { return sink->Result(ctx); });
  });
}

/// createProjectionMap(labels, weights, shift, offset): map
Napi::Value CreateProjectionMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    std::vector<double> offset = Doubles(info[3], "offset");
    const std::vector<double> weights =
        Dense(info[1], labels.size(), static_cast<std::int64_t>(offset.size()), "weights");
    std::vector<double> shift = Dense(info[2], labels.size(), 1, "shift");
    return WrapBlockMap(info.Env(),
                        std::make_shared<const ProjectionMap>(std::move(labels), weights,
                                                              std::move(shift), std::move(offset)));
  });
}

/// symmetricEigen(a, n, job): Promise<{ values, vectors }>
Napi::Value EigenJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::int64_t n = Integer(info[1]);
    auto a = std::make_shared<std::vector<double>>(Dense(info[0], n, n, "a"));
    auto eigen = std::make_shared<SymmetricEigen>();
    return StartJob(
        info.Env(), info[2], {},
        [a, n, eigen](const Context& ctx) { *eigen = EigenOfSymmetric(std::move(*a), n, ctx); },
        [eigen](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("values", ToFloat64Array(env, eigen->values));
          result.Set("vectors", ToFloat64Array(env, eigen->vectors));
          return result;
        });
  });
}

/// thinSvd(a, rows, cols, job): Promise<{ values, ut, vt }>
Napi::Value SvdJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::int64_t rows = Integer(info[1]);
    const std::int64_t cols = Integer(info[2]);
    auto a = std::make_shared<std::vector<double>>(Dense(info[0], rows, cols, "a"));
    auto svd = std::make_shared<ThinSvd>();
    return StartJob(
        info.Env(), info[3], {},
        [a, rows, cols, svd](const Context& ctx) { *svd = SvdOf(*a, rows, cols, ctx); },
        [svd](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("values", ToFloat64Array(env, svd->values));
          result.Set("ut", ToFloat64Array(env, svd->ut));
          result.Set("vt", ToFloat64Array(env, svd->vt));
          return result;
        });
  });
}

/// orthonormalize(a, rows, cols, job): Promise<Float64Array>
Napi::Value OrthonormalizeJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::int64_t rows = Integer(info[1]);
    const std::int64_t cols = Integer(info[2]);
    if (cols > rows) throw Napi::TypeError::New(info.Env(), "more columns than rows");
    return StartArrayJob(info, info[3],
                         [a = Dense(info[0], rows, cols, "a"), rows, cols](const Context&) mutable {
                           Orthonormalize(a, rows, cols);
                           return std::move(a);
                         });
  });
}

/// randomBasis(rows, cols, seed, job): Promise<Float64Array>
Napi::Value RandomBasisJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::int64_t rows = Integer(info[0]);
    const std::int64_t cols = Integer(info[1]);
    const auto seed = static_cast<std::uint64_t>(Integer(info[2]));
    if (cols > rows || cols < 0) throw Napi::TypeError::New(info.Env(), "more columns than rows");
    return StartArrayJob(info, info[3],
                         [=](const Context&) { return RandomBasis(rows, cols, seed); });
  });
}

/// leastSquares(a, rows, cols, b, nRhs, rcond, job): Promise<{ x, rank, singularValues }>
Napi::Value LeastSquaresJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::int64_t rows = Integer(info[1]);
    const std::int64_t cols = Integer(info[2]);
    const std::int64_t n_rhs = Integer(info[4]);
    const double rcond = info[5].As<Napi::Number>().DoubleValue();
    auto a = std::make_shared<std::vector<double>>(Dense(info[0], rows, cols, "a"));
    auto b = std::make_shared<std::vector<double>>(Dense(info[3], rows, n_rhs, "b"));
    auto solution = std::make_shared<LeastSquares>();
    return StartJob(
        info.Env(), info[6], {},
        [=](const Context& ctx) {
          *solution = SolveLeastSquares(*a, rows, cols, *b, n_rhs, rcond, ctx);
        },
        [solution](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("x", ToFloat64Array(env, solution->x));
          result.Set("rank", static_cast<double>(solution->rank));
          result.Set("singularValues", ToFloat64Array(env, solution->singular_values));
          return result;
        });
  });
}

/// solveUpper(u, n, b, nRhs, job): Promise<Float64Array>
Napi::Value SolveUpperJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::int64_t n = Integer(info[1]);
    const std::int64_t n_rhs = Integer(info[3]);
    return StartArrayJob(info, info[4],
                         [u = Dense(info[0], n, n, "u"), b = Dense(info[2], n, n_rhs, "b"), n,
                          n_rhs](const Context&) mutable {
                           SolveUpper(u, n, b.data(), n_rhs);
                           return std::move(b);
                         });
  });
}

}  // namespace

void ExportAlgebra(Napi::Env env, Napi::Object exports) {
  exports.Set("createGramSink", Napi::Function::New(env, CreateGramSink));
  exports.Set("gramResult", Napi::Function::New(env, GramResult));
  exports.Set("gramCovariance", Napi::Function::New(env, GramCovariance));
  exports.Set("createTsqrSink", Napi::Function::New(env, CreateTsqrSink));
  exports.Set("tsqrResult", Napi::Function::New(env, TsqrResult));
  exports.Set("createSubspaceSink", Napi::Function::New(env, CreateSubspaceSink));
  exports.Set("subspaceResult", Napi::Function::New(env, SubspaceResult));
  exports.Set("createProjectionMap", Napi::Function::New(env, CreateProjectionMap));
  exports.Set("symmetricEigen", Napi::Function::New(env, EigenJob));
  exports.Set("thinSvd", Napi::Function::New(env, SvdJob));
  exports.Set("orthonormalize", Napi::Function::New(env, OrthonormalizeJob));
  exports.Set("randomBasis", Napi::Function::New(env, RandomBasisJob));
  exports.Set("leastSquares", Napi::Function::New(env, LeastSquaresJob));
  exports.Set("solveUpper", Napi::Function::New(env, SolveUpperJob));
}

}  // namespace treeline::binding
