#include "binding/arguments.h"

#include <cstring>

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

/// Throws unless bits [offset, offset + rows) lie inside `bytes` bytes.
void CheckBits(std::int64_t offset, std::int64_t rows, std::size_t bytes, const char* what) {
  if (offset < 0 || (offset + rows + 7) / 8 > static_cast<std::int64_t>(bytes)) {
    throw Error(ErrorCode::kInvalidData,
                std::string(what) + " is shorter than its column: was its buffer transferred?");
  }
}

/// Throws unless elements offset + i * stride, i in [0, rows), lie inside `length` elements.
void CheckElements(std::int64_t offset, std::int64_t stride, std::int64_t rows, std::size_t length,
                   const char* what) {
  const std::int64_t last = offset + (rows - 1) * stride;
  if (rows == 0) return;
  if (offset < 0 || stride < 0 || last < 0 || last >= static_cast<std::int64_t>(length)) {
    throw Error(ErrorCode::kInvalidData,
                std::string(what) +
                    " is shorter than its shape says: was its buffer transferred or resized?");
  }
}

Column ColumnOf(Napi::Object object, std::int64_t rows) {
  const Napi::Env env = object.Env();
  const TypedSpan span = TypedSpanOf(object.Get("values"), "column values");
  Column column;
  column.stride = IntegerOr(object, "stride", 1);
  const std::int64_t offset = IntegerOr(object, "offset", 0);
  const Napi::Value bits = object.Get("bits");
  if (bits.IsBoolean() && bits.As<Napi::Boolean>().Value()) {
    CheckBits(offset, rows, span.length, "a bit-packed column");
    column.type = DType::kBool;
    column.values = span.data;
    column.value_offset = offset;
    column.stride = 1;
  } else {
    CheckElements(offset, column.stride, rows, span.length, "a column");
    column.type = TypeOf(env, span.type);
    column.values =
        static_cast<const std::uint8_t*>(span.data) + offset * ElementBytes(column.type);
  }
  const Napi::Value validity = object.Get("validity");
  if (validity.IsTypedArray()) {
    const TypedSpan bitmap = TypedSpanOf(validity, "validity");
    column.validity_offset = IntegerOr(object, "validityOffset", 0);
    CheckBits(column.validity_offset, rows, bitmap.length, "a validity bitmap");
    column.validity = static_cast<const std::uint8_t*>(bitmap.data);
  }
  return column;
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

Napi::Value ToFloat64Array(Napi::Env env, const std::vector<double>& values) {
  Napi::Float64Array array = Napi::Float64Array::New(env, values.size());
  if (!values.empty()) std::memcpy(array.Data(), values.data(), values.size() * sizeof(double));
  return array;
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

Block BlockOf(Napi::Value chunk) {
  if (!chunk.IsObject()) Refuse(chunk.Env(), "expected a chunk");
  const Napi::Object object = chunk.As<Napi::Object>();
  Block block;
  block.rows = IntegerProperty(object, "rows");
  block.first_row = IntegerProperty(object, "firstRow");
  if (block.rows < 0) Refuse(chunk.Env(), "a chunk of negative rows");
  const Napi::Value columns = object.Get("columns");
  if (columns.IsArray()) {
    const Napi::Array array = columns.As<Napi::Array>();
    block.columns.reserve(array.Length());
    for (std::uint32_t j = 0; j < array.Length(); ++j) {
      block.columns.push_back(ColumnOf(array.Get(j).As<Napi::Object>(), block.rows));
    }
    return block;
  }
  const TypedSpan span = TypedSpanOf(object.Get("values"), "chunk values");
  const DType type = TypeOf(chunk.Env(), span.type);
  const std::int64_t cols = IntegerProperty(object, "cols");
  const std::int64_t row_stride = IntegerProperty(object, "rowStride");
  const std::int64_t col_stride = IntegerProperty(object, "colStride");
  const std::int64_t offset = IntegerProperty(object, "offset");
  if (cols < 0 || row_stride < 0 || col_stride < 0)
    Refuse(chunk.Env(), "a chunk of negative shape");
  if (cols > 0)
    CheckElements(offset + (cols - 1) * col_stride, row_stride, block.rows, span.length,
                  "a matrix");
  CheckElements(offset, row_stride, block.rows, span.length, "a matrix");
  block.is_row_major = col_stride == 1 && (type == DType::kFloat32 || type == DType::kFloat64);
  const int bytes = ElementBytes(type);
  for (std::int64_t j = 0; j < cols; ++j) {
    Column column;
    column.type = type;
    column.stride = row_stride;
    column.values = static_cast<const std::uint8_t*>(span.data) + (offset + j * col_stride) * bytes;
    block.columns.push_back(column);
  }
  return block;
}

}  // namespace treeline::binding
