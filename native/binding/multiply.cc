#include "binding/multiply.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "binding/arguments.h"
#include "binding/job.h"
#include "matrix/gemm.h"

namespace treeline::binding {

namespace {

napi_typedarray_type TypeOf(float) { return napi_float32_array; }
napi_typedarray_type TypeOf(double) { return napi_float64_array; }

/// The numbers of a rows x cols array, copied.
template <typename T>
std::shared_ptr<std::vector<T>> Copied(Napi::Value value, std::int64_t rows, std::int64_t cols,
                                       const char* what) {
  const TypedSpan span = TypedSpanOf(value, what);
  if (span.type != TypeOf(T{}) || rows < 0 || cols < 0 ||
      static_cast<std::int64_t>(span.length) != rows * cols) {
    throw Napi::TypeError::New(value.Env(), std::string(what) + " does not have its shape or type");
  }
  const T* data = static_cast<const T*>(span.data);
  return std::make_shared<std::vector<T>>(data, data + span.length);
}

template <typename T>
Napi::Value Multiply(const Napi::CallbackInfo& info) {
  const auto size = [&](std::size_t at) { return info[at].As<Napi::Number>().Int64Value(); };
  const std::int64_t rows = size(2);
  const std::int64_t inner = size(3);
  const std::int64_t cols = size(4);
  auto a = Copied<T>(info[0], rows, inner, "a");
  auto b = Copied<T>(info[1], inner, cols, "b");
  auto c = std::make_shared<std::vector<T>>();
  return StartJob(
      info.Env(), info[5], {},
      [=](const Context& ctx) {
        c->resize(static_cast<std::size_t>(rows * cols));
        Gemm(RowMajor(a->data(), rows, inner), RowMajor(b->data(), inner, cols), Into::kReplace,
             c->data(), cols, ctx);
      },
      [c](Napi::Env env) {
        auto array = Napi::TypedArrayOf<T>::New(env, c->size());
        if (!c->empty()) std::memcpy(array.Data(), c->data(), sizeof(T) * c->size());
        return Napi::Value(env, array);
      });
}

/// multiply(a, b, rows, inner, cols, job): Promise of the product, an array like a and b
Napi::Value MultiplyJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const bool is_narrow = TypedSpanOf(info[0], "a").type == napi_float32_array;
    return is_narrow ? Multiply<float>(info) : Multiply<double>(info);
  });
}

}  // namespace

void ExportMultiply(Napi::Env env, Napi::Object exports) {
  exports.Set("multiply", Napi::Function::New(env, MultiplyJob));
}

}  // namespace treeline::binding
