#include "binding/neighbors.h"

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "neighbors/impute_map.h"
#include "neighbors/neighbor_store.h"

namespace treeline::binding {

namespace {

Distance DistanceOf(Napi::Value value) {
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "euclidean") return Distance::kEuclidean;
  if (name == "sqeuclidean") return Distance::kSquaredEuclidean;
  if (name == "manhattan") return Distance::kManhattan;
  if (name == "chebyshev") return Distance::kChebyshev;
  if (name == "minkowski") return Distance::kMinkowski;
  if (name == "cosine") return Distance::kCosine;
  throw Napi::TypeError::New(value.Env(), "unknown distance: " + name);
}

/// createNeighborStore(labels, metric, p): sink
Napi::Value CreateNeighborStore(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const DistanceRule rule(DistanceOf(info[1]), info[2].As<Napi::Number>().DoubleValue());
    FeatureLabels labels = LabelsOf(info[0]);
    if (labels.size() < 1) throw Napi::TypeError::New(info.Env(), "a store needs columns");
    return WrapSink(info.Env(), std::make_shared<NeighborStore>(std::move(labels), rule));
  });
}

/// finishNeighbors(store, job): Promise<void>
Napi::Value FinishNeighbors(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto store = UnwrapAs<NeighborStore, Sink>(info[0], HandleKind::kSink, "neighbor store");
    if (store->is_finished() || store->rows() == 0)
      throw Napi::Error::New(info.Env(), "a store of rows is finished once");
    auto& holder = HolderOf<Sink>(info[0], HandleKind::kSink, "neighbor store");
    holder.busy = true;
    return StartJob(
        info.Env(), info[1], {info[0]}, [store](const Context& ctx) { store->Finish(ctx); },
        [store, &holder](Napi::Env env) {
          ReportBytes(env, holder, store->bytes());
          return env.Undefined();
        },
        [&holder](Napi::Env) { holder.busy = false; });
  });
}

std::shared_ptr<const NeighborStore> StoreOf(Napi::Value value) {
  auto store = UnwrapAs<NeighborStore, Sink>(value, HandleKind::kSink, "neighbor store");
  if (!store->is_finished()) throw Napi::Error::New(value.Env(), "the store is not finished");
  return store;
}

std::int64_t CountOf(Napi::Value value, std::int64_t most) {
  const std::int64_t k = value.As<Napi::Number>().Int64Value();
  if (k < 1 || k > most)
    throw Napi::RangeError::New(value.Env(), "impossible number of neighbours");
  return k;
}

/// createNeighborsMap(labels, store, k): map
Napi::Value CreateNeighborsMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto store = StoreOf(info[1]);
    const std::int64_t k = CountOf(info[2], store->rows());
    return WrapBlockMap(
        info.Env(), std::make_shared<const NeighborsMap>(LabelsOf(info[0]), std::move(store), k));
  });
}

/// nearestOfOwn(store, k, job): Promise<Float64Array>
Napi::Value NearestOfOwn(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto store = StoreOf(info[0]);
    const std::int64_t k = CountOf(info[1], store->rows() - 1);
    auto out = std::make_shared<std::vector<double>>();
    return StartJob(
        info.Env(), info[2], {info[0]},
        [store, k, out](const Context& ctx) {
          out->resize(static_cast<std::size_t>(store->rows() * 2 * k));
          store->NearestOfOwn(k, out->data(), ctx);
        },
        [out](Napi::Env env) { return ToFloat64Array(env, *out); });
  });
}

/// withinRadius(labels, store, block | undefined, radius, job):
///   Promise<{ begin, distances, indices }>
Napi::Value WithinRadius(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto labels = std::make_shared<const FeatureLabels>(LabelsOf(info[0]));
    auto store = StoreOf(info[1]);
    const std::shared_ptr<OwnedBlock> block = info[2].IsUndefined() ? nullptr : TakeBlock(info[2]);
    if (block && block->block().cols() != store->cols())
      throw Napi::TypeError::New(info.Env(), "the block has other columns than the store");
    const double radius = info[3].As<Napi::Number>().DoubleValue();
    auto out = std::make_shared<RadiusNeighbors>();
    return StartJob(
        info.Env(), info[4], {info[1]},
        [=](const Context& ctx) {
          *out = block ? store->Within(block->block(), *labels, radius, ctx)
                       : store->WithinOfOwn(radius, ctx);
        },
        [out](Napi::Env env) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("begin", ToFloat64Array(env, out->begin));
          result.Set("distances", ToFloat64Array(env, out->distances));
          result.Set("indices", ToFloat64Array(env, out->indices));
          return result;
        });
  });
}

/// createImputeMap(labels, values, k, byDistance): map
Napi::Value CreateImputeMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    const std::vector<double> values = Doubles(info[1], "values");
    if (labels.size() < 1 || values.size() % static_cast<std::size_t>(labels.size()) != 0)
      throw Napi::TypeError::New(info.Env(), "values do not have the table's columns");
    const std::int64_t k = CountOf(info[2], std::numeric_limits<std::int32_t>::max());
    return WrapBlockMap(info.Env(), std::make_shared<const ImputeMap>(std::move(labels), values, k,
                                                                      info[3].ToBoolean()));
  });
}

}  // namespace

void ExportNeighbors(Napi::Env env, Napi::Object exports) {
  exports.Set("createNeighborStore", Napi::Function::New(env, CreateNeighborStore));
  exports.Set("finishNeighbors", Napi::Function::New(env, FinishNeighbors));
  exports.Set("createNeighborsMap", Napi::Function::New(env, CreateNeighborsMap));
  exports.Set("nearestOfOwn", Napi::Function::New(env, NearestOfOwn));
  exports.Set("createImputeMap", Napi::Function::New(env, CreateImputeMap));
  exports.Set("withinRadius", Napi::Function::New(env, WithinRadius));
}

}  // namespace treeline::binding
