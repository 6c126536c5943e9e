#include "binding/arguments.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace treeline::binding {

namespace {

[[noreturn]] void Refuse(Napi::Env env, const std::string& message) {
  throw Napi::TypeError::New(env, message);
}

DType TypeOf(Napi::Env env, napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array: return DType::kFloat32;
    case napi_float64_array: return DType::kFloat64;
    case napi_int8_array: return DType::kInt8;
    case napi_int16_array: return DType::kInt16;
    case napi_int32_array: return DType::kInt32;
    case napi_bigint64_array: return DType::kInt64;
    case napi_uint8_array:
    case napi_uint8_clamped_array: return DType::kUint8;
    case napi_uint16_array: return DType::kUint16;
    case napi_uint32_array: return DType::kUint32;
    case napi_biguint64_array: return DType::kUint64;
    default: Refuse(env, "a typed array of an unknown type");
  }
}

std::int64_t IntegerOr(Napi::Object object, const char* name, std::int64_t fallback) {
  const Napi::Value value = object.Get(name);
  return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : fallback;
}

/// More rows or cells than this in one chunk are a mistake; below it no product of sizes overflows.
constexpr std::int64_t kMaxChunkRows = std::int64_t{1} << 31;
constexpr std::int64_t kMaxChunkCells = std::int64_t{1} << 40;

/// Throws unless bits [offset, offset + rows) lie inside `bytes` bytes.
void CheckBits(std::int64_t offset, std::int64_t rows, std::size_t bytes, const char* what) {
  const auto bits = static_cast<std::int64_t>(bytes) * 8;
  if (offset < 0 || rows > bits || offset > bits - rows) {
    throw Error(ErrorCode::kInvalidData,
                std::string(what) + " is shorter than its column: was its buffer transferred?");
  }
}

/// Throws unless elements offset + i * stride, i in [0, rows), lie inside `length` elements.
void CheckElements(std::int64_t offset, std::int64_t stride, std::int64_t rows, std::size_t length,
                   const char* what) {
  if (rows == 0) return;
  const std::int64_t room =
      static_cast<std::int64_t>(length) - 1 - offset;  // steps of one after the first element
  if (offset < 0 || stride < 0 || room < 0 || (stride > 0 && rows - 1 > room / stride)) {
    throw Error(ErrorCode::kInvalidData,
                std::string(what) +
                    " is shorter than its shape says: was its buffer transferred or resized?");
  }
}

/// A seam ChunkColumn, its properties read but its memory not yet looked at.
struct RawColumn {
  Napi::Value values;
  Napi::Value validity;
  std::int64_t offset;
  std::int64_t stride;
  std::int64_t validity_offset;
  bool bits;
};

/// Reads the properties. May run user code (a getter), which may transfer any buffer: so no pointer
/// is taken here.
RawColumn ReadProperties(Napi::Object object) {
  const Napi::Value bits = object.Get("bits");
  return {object.Get("values"),
          object.Get("validity"),
          IntegerOr(object, "offset", 0),
          IntegerOr(object, "stride", 1),
          IntegerOr(object, "validityOffset", 0),
          bits.IsBoolean() && bits.As<Napi::Boolean>().Value()};
}

/// The view of a column. Runs no JavaScript: the pointers of one chunk's columns are all valid
/// together.
Column ColumnOf(const RawColumn& raw, std::int64_t rows) {
  const TypedSpan span = TypedSpanOf(raw.values, "column values");
  Column column;
  if (raw.bits) {
    if (span.type != napi_uint8_array)
      Refuse(raw.values.Env(), "a bit-packed column must be a Uint8Array");
    CheckBits(raw.offset, rows, span.length, "a bit-packed column");
    column.type = DType::kBool;
    column.values = span.data;
    column.value_offset = raw.offset;
  } else {
    CheckElements(raw.offset, raw.stride, rows, span.length, "a column");
    column.type = TypeOf(raw.values.Env(), span.type);
    column.stride = raw.stride;
    column.values =
        static_cast<const std::uint8_t*>(span.data) + raw.offset * ElementBytes(column.type);
  }
  if (!raw.validity.IsUndefined()) {
    const TypedSpan bitmap = TypedSpanOf(raw.validity, "validity");
    if (bitmap.type != napi_uint8_array)
      Refuse(raw.values.Env(), "a validity bitmap must be a Uint8Array");
    CheckBits(raw.validity_offset, rows, bitmap.length, "a validity bitmap");
    column.validity_offset = raw.validity_offset;
    column.validity = static_cast<const std::uint8_t*>(bitmap.data);
  }
  return column;
}

ChunkView ViewOfColumns(Napi::Array array, Block block) {
  std::vector<RawColumn> raw;
  for (std::uint32_t j = 0; j < array.Length(); ++j) {
    const Napi::Value column = array.Get(j);
    if (!column.IsObject()) Refuse(array.Env(), "expected the columns of a chunk");
    raw.push_back(ReadProperties(column.As<Napi::Object>()));
  }
  ChunkView view{std::move(block), {}};
  for (const RawColumn& column : raw) {
    view.block.columns.push_back(ColumnOf(column, view.block.rows));
    view.arrays.push_back(column.values);
    if (!column.validity.IsUndefined()) view.arrays.push_back(column.validity);
  }
  return view;
}

ChunkView ViewOfMatrix(Napi::Object object, Block block) {
  const std::int64_t cols = IntegerProperty(object, "cols");
  const std::int64_t row_stride = IntegerProperty(object, "rowStride");
  const std::int64_t col_stride = IntegerProperty(object, "colStride");
  const std::int64_t offset = IntegerProperty(object, "offset");
  const Napi::Value values = object.Get("values");  // last: from here on no JavaScript runs
  const TypedSpan span = TypedSpanOf(values, "chunk values");
  const DType type = TypeOf(object.Env(), span.type);
  if (cols < 0 || cols > kMaxChunkCells / std::max<std::int64_t>(block.rows, 1) || row_stride < 0 ||
      col_stride < 0) {
    Refuse(object.Env(), "a chunk of impossible shape");
  }
  if (block.rows > 0) {
    CheckElements(offset, col_stride, cols, span.length,
                  "a matrix");  // the first row, then the last column
    if (cols > 0)
      CheckElements(offset + (cols - 1) * col_stride, row_stride, block.rows, span.length,
                    "a matrix");
  }
  block.is_row_major = col_stride == 1 && (type == DType::kFloat32 || type == DType::kFloat64);
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.type = type;
    column.stride = row_stride;
    const std::int64_t first = block.rows > 0 ? offset + j * col_stride : 0;
    column.values = static_cast<const std::uint8_t*>(span.data) + first * ElementBytes(type);
    block.columns.push_back(column);
  }
  return {std::move(block), {values}};
}

}  // namespace

TypedSpan TypedSpanOf(Napi::Value value, const char* what) {
  TypedSpan span{};
  if (!value.IsTypedArray() ||
      napi_get_typedarray_info(value.Env(), value, &span.type, &span.length, &span.data, nullptr,
                               nullptr) != napi_ok) {
    Refuse(value.Env(), std::string("expected a typed array: ") + what);
  }
  return span;
}

std::vector<double> Doubles(Napi::Value value, const char* what) {
  const TypedSpan span = TypedSpanOf(value, what);
  if (span.type != napi_float64_array)
    Refuse(value.Env(), std::string("expected a Float64Array: ") + what);
  const auto* data = static_cast<const double*>(span.data);
  return std::vector<double>(data, data + span.length);
}

std::vector<std::int32_t> Int32s(Napi::Value value, const char* what) {
  const TypedSpan span = TypedSpanOf(value, what);
  if (span.type != napi_int32_array)
    throw Napi::TypeError::New(value.Env(), std::string("expected an Int32Array: ") + what);
  const auto* data = static_cast<const std::int32_t*>(span.data);
  return std::vector<std::int32_t>(data, data + span.length);
}

Napi::Value ToFloat64Array(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size() * sizeof(double));
  return array;
}

std::vector<double> DoublesOrNone(Napi::Value value, const char* what) {
  return value.IsUndefined() ? std::vector<double>() : Doubles(value, what);
}

double NumberProperty(Napi::Object object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) Refuse(object.Env(), std::string("expected a number: ") + name);
  return value.As<Napi::Number>().DoubleValue();
}

std::int64_t IntegerProperty(Napi::Object object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsNumber()) Refuse(object.Env(), std::string("expected an integer: ") + name);
  return value.As<Napi::Number>().Int64Value();
}

bool BooleanProperty(Napi::Object object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsBoolean()) Refuse(object.Env(), std::string("expected a boolean: ") + name);
  return value.As<Napi::Boolean>().Value();
}

std::string StringProperty(Napi::Object object, const char* name) {
  const Napi::Value value = object.Get(name);
  if (!value.IsString()) Refuse(object.Env(), std::string("expected a string: ") + name);
  return value.As<Napi::String>().Utf8Value();
}

ChunkView ViewOf(Napi::Value chunk) {
  if (!chunk.IsObject()) Refuse(chunk.Env(), "expected a chunk");
  const Napi::Object object = chunk.As<Napi::Object>();
  Block block;
  block.rows = IntegerProperty(object, "rows");
  block.first_row = IntegerProperty(object, "firstRow");
  if (block.rows < 0 || block.rows > kMaxChunkRows)
    Refuse(chunk.Env(), "a chunk of impossible length");
  const Napi::Value columns = object.Get("columns");
  return columns.IsArray() ? ViewOfColumns(columns.As<Napi::Array>(), std::move(block))
                           : ViewOfMatrix(object, std::move(block));
}

SparseView SparseViewOf(Napi::Value chunk) {
  if (!chunk.IsObject()) Refuse(chunk.Env(), "expected a sparse chunk");
  const Napi::Object object = chunk.As<Napi::Object>();
  SparseView view;
  view.rows = IntegerProperty(object, "rows");
  view.first_row = IntegerProperty(object, "firstRow");
  view.cols = IntegerProperty(object, "cols");
  const Napi::Value starts = object.Get("indptr");
  const Napi::Value columns = object.Get("indices");
  const Napi::Value values = object.Get("data");  // last: from here on no JavaScript runs
  const TypedSpan places = TypedSpanOf(starts, "indptr");
  const TypedSpan indices = TypedSpanOf(columns, "indices");
  const TypedSpan data = TypedSpanOf(values, "data");
  if (view.rows < 0 || view.rows > kMaxChunkRows || view.cols < 0 || view.cols > kMaxChunkCells ||
      indices.type != napi_int32_array ||
      (places.type != napi_int32_array && places.type != napi_float64_array) ||
      (data.type != napi_float32_array && data.type != napi_float64_array)) {
    Refuse(chunk.Env(), "a sparse chunk of impossible shape or types");
  }
  CheckElements(view.first_row, 1, view.rows + 1, places.length, "indptr");
  view.starts.type = TypeOf(chunk.Env(), places.type);
  view.starts.values = static_cast<const std::uint8_t*>(places.data) +
                       view.first_row * ElementBytes(view.starts.type);
  view.columns.type = DType::kInt32;
  view.columns.values = indices.data;
  view.values.type = TypeOf(chunk.Env(), data.type);
  view.values.values = data.data;
  view.entries = static_cast<std::int64_t>(std::min(indices.length, data.length));
  return view;
}

bool ChunkView::IsShared() const {
  for (const Napi::Value& array : arrays) {
    const Napi::Value buffer = array.As<Napi::TypedArray>().ArrayBuffer();
    if (buffer.IsArrayBuffer()) return false;  // false for a SharedArrayBuffer
  }
  return !arrays.empty();
}

FeatureLabels LabelsOf(Napi::Value value) {
  if (!value.IsObject()) Refuse(value.Env(), "expected an object: labels");
  const Napi::Object object = value.As<Napi::Object>();
  std::vector<std::string> names;
  const Napi::Value given = object.Get("names");
  if (given.IsArray()) {
    const Napi::Array array = given.As<Napi::Array>();
    for (std::uint32_t j = 0; j < array.Length(); ++j) {
      names.push_back(array.Get(j).ToString().Utf8Value());
    }
  }
  const std::int64_t n_features = IntegerProperty(object, "nFeatures");
  constexpr std::int64_t kMostFeatures = std::int64_t{1} << 31;
  if (n_features < 0 || n_features > kMostFeatures) Refuse(value.Env(), "nFeatures out of range");
  return FeatureLabels(StringProperty(object, "where"), std::move(names), n_features);
}

}  // namespace treeline::binding
