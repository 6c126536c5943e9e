#include "binding/table.h"

#include "binding/arguments.h"
#include "binding/job.h"
#include "core/error.h"

namespace treeline::binding {

namespace {

/// stageBlock(chunk): a handle on a copy of the chunk, or on the chunk's own memory if all of it is
/// shared and so cannot be taken away. Borrowed arrays (not the chunk object, which its maker may
/// change) are kept by the handle.
Napi::Value StageBlock(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    ChunkView view = ViewOf(info[0]);
    if (!view.IsShared()) {
      auto staged = std::make_shared<OwnedBlock>(OwnedBlock::CopyOf(view.block));
      const std::size_t bytes = staged->bytes();
      return WrapHandle<OwnedBlock>(env, HandleKind::kBlock, std::move(staged), bytes);
    }
    Napi::Array kept = Napi::Array::New(env, view.arrays.size());
    for (std::uint32_t i = 0; i < view.arrays.size(); ++i) kept.Set(i, view.arrays[i]);
    auto staged = std::make_shared<OwnedBlock>(OwnedBlock::Borrow(std::move(view.block)));
    return WrapHandle<OwnedBlock>(env, HandleKind::kBlock, std::move(staged), 0, kept);
  });
}

/// A job that pushes what `take` takes out of a block's handle to a sink.
template <typename Take, typename Push>
Napi::Value StartPush(const Napi::CallbackInfo& info, Take&& take, Push push) {
  auto& holder = HolderOf<Sink>(info[0], HandleKind::kSink, "sink");
  if (!holder.object) throw Napi::Error::New(info.Env(), "the sink was released");
  auto block = take(info[1]);
  if (holder.busy.exchange(true))
    throw Napi::Error::New(info.Env(), "a sink takes one block at a time");
  return StartJob(
      info.Env(), info[2], {info[0], info[1]},
      [sink = holder.object, block = std::move(block), push](const Context& ctx) {
        push(*sink, *block, ctx);
      },
      [&holder](Napi::Env env) {
        ReportBytes(env, holder, holder.object->bytes());
        return env.Undefined();
      },
      [&holder](Napi::Env) { holder.busy = false; });
}

/// sinkPush(sink, block, job): Promise<void>
Napi::Value SinkPush(const Napi::CallbackInfo& info) {
  return StartPush(info, TakeBlock, [](Sink& sink, const OwnedBlock& block, const Context& ctx) {
    sink.Push(block.block(), ctx);
  });
}

/// sinkPushSparse(sink, chunk): copies the entries at once, on this thread.
Napi::Value SinkPushSparse(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto& holder = HolderOf<Sink>(info[0], HandleKind::kSink, "sink");
    UnwrapAs<SparseSink, Sink>(info[0], HandleKind::kSink, "sparse sink")
        ->PushSparse(SparseViewOf(info[1]));
    ReportBytes(info.Env(), holder, holder.object->bytes());
    return info.Env().Undefined();
  });
}

/// Rows of a sparse table, copied on the JavaScript thread and looked at by the job.
SparseCopy CopyOf(const SparseView& view) {
  SparseCopy copy;
  copy.first_row = view.first_row;
  copy.cols = view.cols;
  std::vector<double> starts(static_cast<std::size_t>(view.rows + 1));
  ReadColumn(view.starts, 0, view.rows + 1, starts.data());
  const auto is_place = [&](double x) { return x >= 0 && x <= static_cast<double>(view.entries); };
  const bool is_range =
      is_place(starts.front()) && is_place(starts.back()) && starts.front() <= starts.back();
  const auto first = is_range ? static_cast<std::int64_t>(starts.front()) : 0;
  const auto count = is_range ? static_cast<std::int64_t>(starts.back()) - first : 0;
  for (const double start : starts)  // what is no place is refused later
    copy.starts.push_back(is_place(start) ? static_cast<std::int64_t>(start) - first : -1);
  copy.values.resize(static_cast<std::size_t>(count));
  ReadColumn(view.values, first, count, copy.values.data());
  const auto* columns = static_cast<const std::int32_t*>(view.columns.values) + first;
  copy.columns.assign(columns, columns + count);
  return copy;
}

/// stageSparse(chunk): a handle on a copy of rows of a sparse table
Napi::Value StageSparse(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto staged = std::make_shared<SparseCopy>(CopyOf(SparseViewOf(info[0])));
    const std::size_t bytes = staged->bytes();
    return WrapHandle<SparseCopy>(info.Env(), HandleKind::kSparseRows, std::move(staged), bytes);
  });
}

/// Takes the rows out of their handle, as TakeBlock.
std::shared_ptr<SparseCopy> TakeSparse(Napi::Value value) {
  auto& holder = HolderOf<SparseCopy>(value, HandleKind::kSparseRows, "sparse rows");
  if (!holder.object) throw Napi::Error::New(value.Env(), "staged rows are used once");
  ReportBytes(value.Env(), holder, 0);
  return std::move(holder.object);
}

/// sinkPushEntries(sink, rows, job): Promise<void>
Napi::Value SinkPushEntries(const Napi::CallbackInfo& info) {
  return StartPush(info, TakeSparse, [](Sink& sink, SparseCopy& rows, const Context& ctx) {
    const SparseBlock block(rows);
    rows = {};
    sink.PushEntries(block, ctx);
  });
}

/// Where a map writes: rows * n_outputs elements of a Float32Array or Float64Array, from `offset`.
struct Output {
  TypedSpan span;
  std::size_t offset;

  void Apply(const BlockMap& map, const Block& block, const Context& ctx) const {
    if (span.type == napi_float64_array) {
      map.Apply(block, static_cast<double*>(span.data) + offset, ctx);
    } else {
      map.Apply(block, static_cast<float*>(span.data) + offset, ctx);
    }
  }
};

/// For `rows` rows of `cols` columns.
Output OutputOf(Napi::Value array, Napi::Value offset, const BlockMap& map, std::int64_t rows,
                std::int64_t cols) {
  const std::int64_t first = offset.As<Napi::Number>().Int64Value();
  const Output output{TypedSpanOf(array, "output"), static_cast<std::size_t>(first)};
  if (output.span.type != napi_float64_array && output.span.type != napi_float32_array) {
    throw Napi::TypeError::New(array.Env(), "expected a Float32Array or Float64Array: output");
  }
  if (cols != map.n_inputs()) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(cols) + " features, but " +
                                             std::to_string(map.n_inputs()) + " are expected");
  }
  const auto length = static_cast<std::int64_t>(output.span.length);
  if (first < 0 || first > length || rows * map.n_outputs() > length - first) {
    throw Napi::RangeError::New(array.Env(), "the output array is too short");
  }
  return output;
}

/// mapBlock(map, block, out, offset, job): Promise<void>
Napi::Value MapBlock(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto map = Unwrap<const BlockMap>(info[0], HandleKind::kBlockMap, "map");
    auto block = TakeBlock(info[1]);
    const Output output =
        OutputOf(info[2], info[3], *map, block->block().rows, block->block().cols());
    return StartJob(
        info.Env(), info[4], {info[0], info[1], info[2]},
        [map, block, output](const Context& ctx) { output.Apply(*map, block->block(), ctx); },
        [](Napi::Env env) { return env.Undefined(); });
  });
}

/// mapBlockSync(map, chunk, out, offset, nJobs)
Napi::Value MapBlockSync(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto map = Unwrap<const BlockMap>(info[0], HandleKind::kBlockMap, "map");
    const Block block = ViewOf(info[1]).block;
    const Output output = OutputOf(info[2], info[3], *map, block.rows, block.cols());
    RunSync(info.Env(), info[4].As<Napi::Number>().Int32Value(),
            [&](const Context& ctx) { output.Apply(*map, block, ctx); });
    return info.Env().Undefined();
  });
}

/// A map of sparse rows, a copy of the rows, and where their results go.
struct SparseMapping {
  std::shared_ptr<const SparseRowMap> map;
  SparseRows rows{0};
  double* out = nullptr;

  explicit SparseMapping(const Napi::CallbackInfo& info)
      : map(UnwrapAs<const SparseRowMap, const BlockMap>(info[0], HandleKind::kBlockMap,
                                                         "sparse map")) {
    const SparseView view = SparseViewOf(info[1]);
    rows = SparseRows(view.cols);
    rows.Append(view, map->labels());
    const auto block_map = Unwrap<const BlockMap>(info[0], HandleKind::kBlockMap, "map");
    const Output output = OutputOf(info[2], info[3], *block_map, view.rows, view.cols);
    if (output.span.type != napi_float64_array)
      throw Napi::TypeError::New(info.Env(), "expected a Float64Array: output");
    out = static_cast<double*>(output.span.data) + output.offset;
  }
  void Run(const Context& ctx) const { map->Apply(rows, out, ctx); }
};

/// mapSparse(map, chunk, out, offset, job): Promise<void>
Napi::Value MapSparse(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto mapping = std::make_shared<const SparseMapping>(info);
    return StartJob(
        info.Env(), info[4], {info[0], info[2]},
        [mapping](const Context& ctx) { mapping->Run(ctx); },
        [](Napi::Env env) { return env.Undefined(); });
  });
}

/// mapSparseSync(map, chunk, out, offset, nJobs)
Napi::Value MapSparseSync(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const SparseMapping mapping(info);
    RunSync(info.Env(), info[4].As<Napi::Number>().Int32Value(),
            [&](const Context& ctx) { mapping.Run(ctx); });
    return info.Env().Undefined();
  });
}

}  // namespace

std::shared_ptr<OwnedBlock> TakeBlock(Napi::Value value) {
  auto& holder = HolderOf<OwnedBlock>(value, HandleKind::kBlock, "block");
  if (!holder.object) throw Napi::Error::New(value.Env(), "a staged block is used once");
  ReportBytes(value.Env(), holder, 0);
  return std::move(holder.object);
}

void ExportTables(Napi::Env env, Napi::Object exports) {
  exports.Set("stageBlock", Napi::Function::New(env, StageBlock));
  exports.Set("sinkPush", Napi::Function::New(env, SinkPush));
  exports.Set("stageSparse", Napi::Function::New(env, StageSparse));
  exports.Set("sinkPushEntries", Napi::Function::New(env, SinkPushEntries));
  exports.Set("sinkPushSparse", Napi::Function::New(env, SinkPushSparse));
  exports.Set("mapSparse", Napi::Function::New(env, MapSparse));
  exports.Set("mapSparseSync", Napi::Function::New(env, MapSparseSync));
  exports.Set("mapBlock", Napi::Function::New(env, MapBlock));
  exports.Set("mapBlockSync", Napi::Function::New(env, MapBlockSync));
}

}  // namespace treeline::binding
