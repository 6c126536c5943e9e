#pragma once

#include <napi.h>

#include <cstdint>
#include <string>
#include <vector>

#include "matrix/block.h"
#include "matrix/feature_labels.h"
#include "matrix/sparse_rows.h"

namespace treeline::binding {

/// The memory behind a typed array (SharedArrayBuffer-backed ones too).
struct TypedSpan {
  napi_typedarray_type type;
  void* data;
  std::size_t length;  // in elements
};

/// Throws a TypeError naming `what` unless value is a typed array.
TypedSpan TypedSpanOf(Napi::Value value, const char* what);

/// The doubles of a Float64Array, copied.
std::vector<double> Doubles(Napi::Value value, const char* what);

/// The integers of an Int32Array, copied.
std::vector<std::int32_t> Int32s(Napi::Value value, const char* what);

/// A Float64Array holding a copy of `values`.
Napi::Value ToFloat64Array(Napi::Env env, const std::vector<double>& values);

/// Properties of an options object; a missing or mistyped one throws a TypeError with its name.
double NumberProperty(Napi::Object object, const char* name);
std::int64_t IntegerProperty(Napi::Object object, const char* name);
bool BooleanProperty(Napi::Object object, const char* name);
std::string StringProperty(Napi::Object object, const char* name);

/// The doubles of a Float64Array, copied; none if `value` is undefined.
std::vector<double> DoublesOrNone(Napi::Value value, const char* what);

/// The seam's FeatureLabels { where, names, nFeatures }.
FeatureLabels LabelsOf(Napi::Value value);

/// A view of a seam Chunk (src/native/addon-types.ts) and the typed arrays it looks into. Valid
/// until JavaScript runs again: ordinary buffers may be transferred then.
struct ChunkView {
  Block block;
  std::vector<Napi::Value> arrays;

  /// All of it lies in SharedArrayBuffers, which cannot be taken away: it may be borrowed while the
  /// arrays are kept.
  bool IsShared() const;
};

/// Every element a kernel may read is checked to lie inside its array.
ChunkView ViewOf(Napi::Value chunk);

/// A view of a seam SparseChunk, valid as long. Places and columns are not looked at: whoever
/// copies them checks them.
SparseView SparseViewOf(Napi::Value chunk);

}  // namespace treeline::binding
