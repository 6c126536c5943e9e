#pragma once

#include <napi.h>

#include <memory>

#include "binding/handle.h"
#include "matrix/sparse_rows.h"

namespace treeline::binding {

/// Registers stageBlock, sinkPush, sinkPushSparse, mapBlock, mapBlockSync, mapSparse,
/// mapSparseSync: how tables get in and out, whatever the
/// algorithm.
void ExportTables(Napi::Env env, Napi::Object exports);

/// Takes the block out of its handle: staged memory is used once and freed at once, not when the
/// collector comes by.
std::shared_ptr<OwnedBlock> TakeBlock(Napi::Value value);

inline Napi::Value WrapSink(Napi::Env env, std::shared_ptr<Sink> sink) {
  const std::size_t bytes = sink->bytes();
  return WrapHandle<Sink>(env, HandleKind::kSink, std::move(sink), bytes);
}

inline Napi::Value WrapBlockMap(Napi::Env env, std::shared_ptr<const BlockMap> map) {
  const std::size_t bytes = map->bytes();
  return WrapHandle<const BlockMap>(env, HandleKind::kBlockMap, std::move(map), bytes);
}

}  // namespace treeline::binding
