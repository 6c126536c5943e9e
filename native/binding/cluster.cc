#include "binding/cluster.h"

#include <cstring>
#include <memory>
#include <utility>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "cluster/assignment.h"
#include "cluster/centers_map.h"
#include "cluster/kmeans.h"
#include "cluster/mini_batch.h"
#include "core/error.h"

namespace treeline::binding {

namespace {

/// createPointSink(labels, shift | undefined, { memoryLimit, spillDirectory }): sink
Napi::Value CreatePointSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    std::vector<double> shift = DoublesOrNone(info[1], "shift");
    if (!shift.empty() && static_cast<std::int64_t>(shift.size()) != labels.size())
      throw Napi::TypeError::New(info.Env(), "shift does not have its shape");
    const Napi::Object options = info[2].As<Napi::Object>();
    PointBudget budget{IntegerProperty(options, "memoryLimit"),
                       StringProperty(options, "spillDirectory")};
    return WrapSink(info.Env(), std::make_shared<PointStore>(std::move(labels), std::move(shift),
                                                             std::move(budget)));
  });
}

KMeansInit InitOf(Napi::Env env, const std::string& name) {
  if (name == "k-means++") return KMeansInit::kPlusPlus;
  if (name == "k-means||") return KMeansInit::kParallel;
  if (name == "random") return KMeansInit::kRandom;
  if (name == "given") return KMeansInit::kGiven;
  throw Napi::TypeError::New(env, "unknown init: " + name);
}

KMeansOptions OptionsOf(Napi::Object object, std::int64_t cols) {
  KMeansOptions options;
  options.n_clusters = IntegerProperty(object, "nClusters");
  options.init = InitOf(object.Env(), StringProperty(object, "init"));
  options.start = DoublesOrNone(object.Get("start"), "start");
  options.n_init = IntegerProperty(object, "nInit");
  options.max_iter = IntegerProperty(object, "maxIter");
  options.tol = NumberProperty(object, "tol");
  options.seed = static_cast<std::uint64_t>(IntegerProperty(object, "seed"));
  options.use_bounds = object.Get("useBounds").ToBoolean();
  const std::int64_t size = options.init == KMeansInit::kGiven ? options.n_clusters * cols : 0;
  if (options.n_clusters < 1 || options.n_init < 1 ||
      static_cast<std::int64_t>(options.start.size()) != size) {
    throw Napi::TypeError::New(object.Env(), "impossible options");
  }
  return options;
}

MiniBatchOptions MiniBatchOptionsOf(Napi::Object object, std::int64_t cols) {
  MiniBatchOptions options;
  options.first = OptionsOf(object, cols);
  options.batch_size = IntegerProperty(object, "batchSize");
  options.init_size = IntegerProperty(object, "initSize");
  options.max_no_improvement = IntegerProperty(object, "maxNoImprovement");
  options.reassignment_ratio = NumberProperty(object, "reassignmentRatio");
  return options;
}

/// Throws unless there are a weight for every row (or none at all) and rows for the clusters.
void CheckRows(const PointStore& points, const std::vector<double>& weights,
               std::int64_t n_clusters) {
  if (!weights.empty() && static_cast<std::int64_t>(weights.size()) != points.rows())
    throw Error(ErrorCode::kInvalidData, "X and sampleWeight differ in their number of rows");
  if (points.rows() < n_clusters)
    throw Error(ErrorCode::kInvalidData, "X has fewer rows than there are clusters");
}

/// The rows of a sink, taken out of it: their memory is free when the job ends.
std::shared_ptr<PointStore> TakePoints(Napi::Value value) {
  auto& holder = HolderOf<Sink>(value, HandleKind::kSink, "sink");
  auto store = UnwrapAs<PointStore, Sink>(value, HandleKind::kSink, "point sink");
  auto points = std::make_shared<PointStore>(std::move(*store));
  *store = PointStore(FeatureLabels("", {}, 0));
  ReportBytes(value.Env(), holder, store->bytes());
  return points;
}

Napi::Value ToInt32Array(Napi::Env env, const std::vector<std::int32_t>& values) {
  Napi::Int32Array array = Napi::Int32Array::New(env, values.size());
  if (!values.empty()) std::memcpy(array.Data(), values.data(), 4 * values.size());
  return array;
}

/// fitKMeans(sink, weights | undefined, options, job): Promise<KMeansResult>
Napi::Value FitKMeansJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto points = TakePoints(info[0]);
    auto weights = std::make_shared<std::vector<double>>(DoublesOrNone(info[1], "weights"));
    const KMeansOptions options = OptionsOf(info[2].As<Napi::Object>(), points->cols());
    auto model = std::make_shared<KMeansModel>();
    return StartJob(
        info.Env(), info[3], {},
        [=](const Context& ctx) {
          points->Finish(ctx);
          CheckRows(*points, *weights, options.n_clusters);
          *model = FitKMeans(*points, *weights, options, ctx);
          *points = PointStore(FeatureLabels("", {}, 0));
        },
        [model](Napi::Env env) {
          Napi::Object result = Napi::Object::New(env);
          result.Set("centers", ToFloat64Array(env, model->centers));
          result.Set("shift", ToFloat64Array(env, model->shift));
          result.Set("labels", ToInt32Array(env, model->labels));
          result.Set("inertia", model->inertia);
          result.Set("nIter", static_cast<double>(model->n_iter));
          result.Set("nDistinct", static_cast<double>(model->n_distinct));
          return result;
        });
  });
}

Napi::Value StateOf(Napi::Env env, const MiniBatchModel& model) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("centers", ToFloat64Array(env, model.state.centers));
  result.Set("shift", ToFloat64Array(env, model.state.shift));
  result.Set("counts", ToFloat64Array(env, model.state.counts));
  result.Set("nSinceReassign", static_cast<double>(model.state.n_since_reassign));
  result.Set("nSteps", static_cast<double>(model.state.n_steps));
  result.Set("labels", ToInt32Array(env, model.labels));
  result.Set("inertia", model.inertia);
  result.Set("nIter", static_cast<double>(model.n_iter));
  return result;
}

/// fitMiniBatchKMeans(sink, weights | undefined, options, job): Promise<MiniBatchResult>
Napi::Value FitMiniBatchJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto points = TakePoints(info[0]);
    auto weights = std::make_shared<std::vector<double>>(DoublesOrNone(info[1], "weights"));
    const MiniBatchOptions options = MiniBatchOptionsOf(info[2].As<Napi::Object>(), points->cols());
    auto model = std::make_shared<MiniBatchModel>();
    return StartJob(
        info.Env(), info[3], {},
        [=](const Context& ctx) {
          points->Finish(ctx);
          CheckRows(*points, *weights, options.first.n_clusters);
          *model = FitMiniBatch(*points, *weights, options, ctx);
        },
        [model](Napi::Env env) { return StateOf(env, *model); });
  });
}

/// The state before a batch; no centres: none yet.
MiniBatchState BeforeOf(Napi::Value value, std::int64_t n_clusters, std::int64_t cols) {
  MiniBatchState state;
  if (!value.IsObject()) return state;
  const Napi::Object object = value.As<Napi::Object>();
  state.centers = Doubles(object.Get("centers"), "centers");
  state.shift = Doubles(object.Get("shift"), "shift");
  state.counts = Doubles(object.Get("counts"), "counts");
  state.n_since_reassign = IntegerProperty(object, "nSinceReassign");
  state.n_steps = IntegerProperty(object, "nSteps");
  if (static_cast<std::int64_t>(state.centers.size()) != n_clusters * cols ||
      static_cast<std::int64_t>(state.counts.size()) != n_clusters ||
      static_cast<std::int64_t>(state.shift.size()) != cols) {
    throw Napi::TypeError::New(value.Env(), "a state of the wrong shape");
  }
  return state;
}

/// miniBatchStep(sink, weights | undefined, before | undefined, options, job):
/// Promise<MiniBatchResult>
Napi::Value MiniBatchStepJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto points = TakePoints(info[0]);
    auto weights = std::make_shared<std::vector<double>>(DoublesOrNone(info[1], "weights"));
    const MiniBatchOptions options = MiniBatchOptionsOf(info[3].As<Napi::Object>(), points->cols());
    auto model = std::make_shared<MiniBatchModel>();
    model->state = BeforeOf(info[2], options.first.n_clusters, points->cols());
    return StartJob(
        info.Env(), info[4], {},
        [=](const Context& ctx) {
          points->Finish(ctx);
          const bool begins = model->state.centers.empty();
          CheckRows(*points, *weights, begins ? options.first.n_clusters : 1);
          if (begins) model->state = BeginMiniBatch(*points, *weights, options, ctx);
          MiniBatchStep(*points, *weights, options, model->state, ctx);
          const Centers centers(model->state.centers, points->cols());
          AssignPoints(*points, *weights, centers, model->labels, nullptr, ctx);
          model->inertia = InertiaOf(*points, *weights, model->state.centers, model->labels, ctx);
        },
        [model](Napi::Env env) { return StateOf(env, *model); });
  });
}

CentersOutput OutputOf(Napi::Value value) {
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "label") return CentersOutput::kLabel;
  if (name == "squaredDistance") return CentersOutput::kSquaredDistance;
  throw Napi::TypeError::New(value.Env(), "unknown output: " + name);
}

/// createCentersMap(labels, centers, shift, output): map
Napi::Value CreateCentersMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    const std::vector<double> centers = Doubles(info[1], "centers");
    std::vector<double> shift = Doubles(info[2], "shift");
    if (labels.size() < 1 || static_cast<std::int64_t>(shift.size()) != labels.size() ||
        centers.empty() || centers.size() % shift.size() != 0) {
      throw Napi::TypeError::New(info.Env(), "centers and shift do not fit together");
    }
    return WrapBlockMap(
        info.Env(), std::make_shared<const CentersMap>(std::move(labels), centers, std::move(shift),
                                                       OutputOf(info[3])));
  });
}

}  // namespace

void ExportCluster(Napi::Env env, Napi::Object exports) {
  exports.Set("createPointSink", Napi::Function::New(env, CreatePointSink));
  exports.Set("fitKMeans", Napi::Function::New(env, FitKMeansJob));
  exports.Set("fitMiniBatchKMeans", Napi::Function::New(env, FitMiniBatchJob));
  exports.Set("miniBatchStep", Napi::Function::New(env, MiniBatchStepJob));
  exports.Set("createCentersMap", Napi::Function::New(env, CreateCentersMap));
}

}  // namespace treeline::binding
