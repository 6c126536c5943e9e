#include "binding/chunked.h"

#include <string>
#include <utility>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "chunked/counts.h"
#include "chunked/pass.h"
#include "chunked/statistics.h"
#include "chunked/writers.h"
#include "core/error.h"
#include "matrix/chunk_store.h"

namespace treeline::binding {

namespace {

DType FloatTypeOf(Napi::Object object) {
  const std::string name = StringProperty(object, "dtype");
  if (name == "float32") return DType::kFloat32;
  if (name == "float64") return DType::kFloat64;
  throw Napi::TypeError::New(object.Env(), "unknown dtype: " + name);
}

std::shared_ptr<ChunkStore> StoreOf(Napi::Value value) {
  return UnwrapAs<ChunkStore, Sink>(value, HandleKind::kSink, "chunk store");
}

/// createChunkStore({ cols, dtype, chunkRows, memoryBytes, spillDirectory }): sink
Napi::Value CreateChunkStore(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Object object = info[0].As<Napi::Object>();
    ChunkStoreOptions options;
    options.cols = IntegerProperty(object, "cols");
    options.type = FloatTypeOf(object);
    options.chunk_slots = (IntegerProperty(object, "chunkRows") + kSlotRows - 1) / kSlotRows;
    const double memory = NumberProperty(object, "memoryBytes");
    if (memory < 1e18) options.memory_bytes = static_cast<std::size_t>(std::max(0.0, memory));
    options.spill_directory = StringProperty(object, "spillDirectory");
    if (options.cols < 0 || options.chunk_slots < 1)
      throw Napi::TypeError::New(info.Env(), "a store of impossible shape");
    return WrapSink(info.Env(), std::make_shared<ChunkStore>(std::move(options)));
  });
}

/// finishChunkStore(store, job): Promise<{ rows, memoryBytes, spilledBytes }>
Napi::Value FinishChunkStore(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto& holder = HolderOf<Sink>(info[0], HandleKind::kSink, "sink");
    auto store = StoreOf(info[0]);
    holder.busy = true;
    return StartJob(
        info.Env(), info[1], {info[0]}, [store](const Context&) { store->Finish(); },
        [store, &holder](Napi::Env env) {
          ReportBytes(env, holder, store->bytes());
          Napi::Object result = Napi::Object::New(env);
          result.Set("rows", static_cast<double>(store->rows()));
          result.Set("memoryBytes", static_cast<double>(store->bytes()));
          result.Set("spilledBytes", static_cast<double>(store->spilled_bytes()));
          return result;
        },
        [&holder](Napi::Env) { holder.busy = false; });
  });
}

/// releaseChunkStore(store): its memory and file are free once no pass reads them.
Napi::Value ReleaseChunkStore(const Napi::CallbackInfo& info) {
  auto& holder = HolderOf<Sink>(info[0], HandleKind::kSink, "sink");
  StoreOf(info[0]);
  holder.object = std::make_shared<ChunkStore>(ChunkStoreOptions());
  ReportBytes(info.Env(), holder, 0);
  return info.Env().Undefined();
}

template <typename T, napi_typedarray_type kType>
std::vector<T> Numbers(Napi::Object object, const char* name) {
  const TypedSpan span = TypedSpanOf(object.Get(name), name);
  if (span.type != kType)
    throw Napi::TypeError::New(object.Env(), std::string("a typed array of another kind: ") + name);
  const T* const data = static_cast<const T*>(span.data);
  return std::vector<T>(data, data + span.length);
}

std::vector<std::int32_t> Integers(Napi::Object object, const char* name) {
  return Numbers<std::int32_t, napi_int32_array>(object, name);
}

PassPiece PieceOf(Napi::Object object) {
  PassPiece piece;
  piece.end_row = IntegerProperty(object, "endRow");
  const std::vector<std::int32_t> code = Integers(object, "code");
  for (std::size_t i = 0; i + 4 < code.size(); i += 5)
    piece.tape.code.push_back({code[i], code[i + 1], code[i + 2], code[i + 3], code[i + 4]});
  piece.tape.constants = Numbers<double, napi_float64_array>(object, "constants");
  const std::vector<double> reads = Numbers<double, napi_float64_array>(object, "reads");
  for (std::size_t i = 0; i + 1 < reads.size(); i += 2)
    piece.tape.reads.push_back(
        {static_cast<std::int32_t>(reads[i]), static_cast<std::int64_t>(reads[i + 1])});
  piece.tape.n_registers = static_cast<std::int32_t>(IntegerProperty(object, "nRegisters"));
  constexpr std::int32_t kMostRegisters = 1 << 20;
  if (piece.tape.n_registers < 0 || piece.tape.n_registers > kMostRegisters)
    throw Napi::TypeError::New(object.Env(), "nRegisters out of range");
  return piece;
}

/// A stored matrix { store }, or a stream { cols, dtype } whose rows passAdvance is given.
std::shared_ptr<SlotSource> SourceOf(Napi::Object object) {
  const Napi::Value handle = object.Get("store");
  if (handle.IsUndefined())
    return std::make_shared<SlotWindow>(IntegerProperty(object, "cols"), FloatTypeOf(object));
  auto store = StoreOf(handle);
  if (!store->finished()) throw Napi::Error::New(object.Env(), "a store that is not finished");
  return store;
}

std::vector<ValueRange> RangesOf(Napi::Object object) {
  const std::vector<double> low = Numbers<double, napi_float64_array>(object, "low");
  const std::vector<double> high = Numbers<double, napi_float64_array>(object, "high");
  if (low.size() != high.size())
    throw Napi::TypeError::New(object.Env(), "low and high differ in length");
  std::vector<ValueRange> ranges;
  ranges.reserve(low.size());
  for (std::size_t i = 0; i < low.size(); ++i) ranges.push_back({low[i], high[i]});
  return ranges;
}

/// A consumer that counts; nullptr for another kind.
std::shared_ptr<SlotConsumer> CounterOf(const std::string& kind, Napi::Object object,
                                        std::size_t cols) {
  if (kind != "bins" && kind != "collect" && kind != "histogram" && kind != "unique")
    return nullptr;
  ColumnGroups groups = Integers(object, "groups");
  if (groups.size() != cols)
    throw Napi::TypeError::New(object.Env(), "groups and outputs differ in length");
  if (kind == "bins") return std::make_shared<BinsReduction>(std::move(groups), RangesOf(object));
  if (kind == "collect")
    return std::make_shared<CollectReduction>(std::move(groups), RangesOf(object));
  const std::int64_t n_groups = IntegerProperty(object, "nGroups");
  if (n_groups < 0 || n_groups > static_cast<std::int64_t>(cols))
    throw Napi::TypeError::New(object.Env(), "nGroups out of range");
  if (kind == "histogram") {
    return std::make_shared<HistogramReduction>(
        std::move(groups), n_groups, Numbers<double, napi_float64_array>(object, "edges"));
  }
  return std::make_shared<UniqueReduction>(std::move(groups), n_groups,
                                           IntegerProperty(object, "most"));
}

PassConsumer ConsumerOf(Napi::Object object) {
  PassConsumer entry;
  entry.outputs = Integers(object, "outputs");
  const auto cols = static_cast<std::int64_t>(entry.outputs.size());
  const std::string kind = StringProperty(object, "kind");
  entry.consumer = CounterOf(kind, object, entry.outputs.size());
  if (entry.consumer != nullptr) return entry;
  if (kind == "sum") {
    entry.consumer = std::make_shared<SumReduction>(cols);
  } else if (kind == "moments") {
    entry.consumer = std::make_shared<MomentsReduction>(cols);
  } else if (kind == "extremes") {
    entry.consumer = std::make_shared<ExtremesReduction>(cols);
  } else if (kind == "array") {
    entry.consumer = std::make_shared<ArrayWriter>(cols);
  } else if (kind == "store") {
    auto store = StoreOf(object.Get("store"));
    if (store->cols() != cols || store->rows() != 0 || store->finished())
      throw Napi::TypeError::New(object.Env(), "a store that does not fit its outputs");
    entry.consumer = std::make_shared<StoreWriter>(std::move(store));
  } else {
    throw Napi::TypeError::New(object.Env(), "unknown consumer: " + kind);
  }
  return entry;
}

/// Calls `read` with every object of an array property.
template <typename Read>
void ForEach(Napi::Object object, const char* name, Read&& read) {
  const Napi::Value value = object.Get(name);
  if (!value.IsArray())
    throw Napi::TypeError::New(object.Env(), std::string("expected an array: ") + name);
  const Napi::Array array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value item = array.Get(i);
    if (!item.IsObject())
      throw Napi::TypeError::New(object.Env(), std::string("expected objects: ") + name);
    read(item.As<Napi::Object>());
  }
}

/// createPass({ sources, pieces, nOutputs, consumers }): pass
Napi::Value CreatePass(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Object object = info[0].As<Napi::Object>();
    PassPlan plan;
    ForEach(object, "sources", [&](Napi::Object o) { plan.sources.push_back(SourceOf(o)); });
    ForEach(object, "pieces", [&](Napi::Object o) { plan.pieces.push_back(PieceOf(o)); });
    ForEach(object, "consumers", [&](Napi::Object o) { plan.consumers.push_back(ConsumerOf(o)); });
    plan.n_outputs = IntegerProperty(object, "nOutputs");
    constexpr std::int64_t kMostOutputs = std::int64_t{1} << 31;
    if (plan.n_outputs < 0 || plan.n_outputs > kMostOutputs)
      throw Napi::TypeError::New(info.Env(), "nOutputs out of range");
    return WrapHandle<Pass>(info.Env(), HandleKind::kPass, std::make_shared<Pass>(std::move(plan)),
                            0);
  });
}

/// Points the array consumers at the given targets, those without one at nothing.
std::vector<Napi::Value> SetTargets(const Pass& pass, Napi::Object options) {
  for (const PassConsumer& entry : pass.consumers()) {
    if (auto* writer = dynamic_cast<ArrayWriter*>(entry.consumer.get())) writer->SetTarget({});
  }
  std::vector<Napi::Value> kept;
  ForEach(options, "targets", [&](Napi::Object object) {
    const auto index = static_cast<std::size_t>(IntegerProperty(object, "consumer"));
    auto* writer = index < pass.consumers().size()
                       ? dynamic_cast<ArrayWriter*>(pass.consumers()[index].consumer.get())
                       : nullptr;
    const std::int64_t first_row = IntegerProperty(object, "firstRow");
    const std::int64_t rows = IntegerProperty(object, "rows");
    const Napi::Value values = object.Get("values");
    const TypedSpan span = TypedSpanOf(values, "values");
    const bool wide = span.type == napi_float64_array;
    if (writer == nullptr || rows < 0 || first_row < 0 ||
        (!wide && span.type != napi_float32_array) ||
        (rows > 0 && static_cast<std::int64_t>(span.length) / rows < writer->cols())) {
      throw Napi::TypeError::New(object.Env(), "a target that does not fit its consumer");
    }
    writer->SetTarget({span.data, wide ? DType::kFloat64 : DType::kFloat32, first_row, rows});
    kept.push_back(values);
  });
  return kept;
}

/// passAdvance(pass, { until, source?, block?, targets }, job): Promise<number>
Napi::Value PassAdvance(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto& holder = HolderOf<Pass>(info[0], HandleKind::kPass, "pass");
    auto pass = Unwrap<Pass>(info[0], HandleKind::kPass, "pass");
    const Napi::Object options = info[1].As<Napi::Object>();
    const std::int64_t until = IntegerProperty(options, "until");
    SlotWindow* window = nullptr;
    std::shared_ptr<OwnedBlock> block;
    std::vector<Napi::Value> keep = SetTargets(*pass, options);
    if (options.Get("block").IsExternal()) {
      window = pass->window(IntegerProperty(options, "source"));
      if (window == nullptr) throw Napi::TypeError::New(info.Env(), "rows for what is no stream");
      keep.push_back(options.Get("block"));
      block = TakeBlock(keep.back());
    }
    keep.push_back(info[0]);
    holder.busy = true;
    return StartJob(
        info.Env(), info[2], keep,
        [pass, until, window, block](const Context& ctx) {
          if (window != nullptr) window->Push(block->block(), ctx);
          pass->Advance(until, ctx);
        },
        [pass](Napi::Env env) { return Napi::Number::New(env, static_cast<double>(pass->done())); },
        [&holder](Napi::Env) { holder.busy = false; });
  });
}

/// passResults(pass): for each consumer its numbers, one Float64Array a kind; undefined for
/// consumers that only write.
Napi::Value PassResults(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    auto pass = Unwrap<Pass>(info[0], HandleKind::kPass, "pass");
    Napi::Array results = Napi::Array::New(env, pass->consumers().size());
    for (std::uint32_t i = 0; i < results.Length(); ++i) {
      auto* reduction = dynamic_cast<Reduction*>(pass->consumers()[i].consumer.get());
      if (reduction == nullptr) continue;
      Napi::Array kinds = Napi::Array::New(env);
      for (const std::vector<double>& values : reduction->Result())
        kinds.Set(kinds.Length(), ToFloat64Array(env, values));
      results.Set(i, kinds);
    }
    return results;
  });
}

}  // namespace

void ExportChunked(Napi::Env env, Napi::Object exports) {
  exports.Set("createChunkStore", Napi::Function::New(env, CreateChunkStore));
  exports.Set("finishChunkStore", Napi::Function::New(env, FinishChunkStore));
  exports.Set("releaseChunkStore", Napi::Function::New(env, ReleaseChunkStore));
  exports.Set("createPass", Napi::Function::New(env, CreatePass));
  exports.Set("passAdvance", Napi::Function::New(env, PassAdvance));
  exports.Set("passResults", Napi::Function::New(env, PassResults));
}

}  // namespace treeline::binding
