#include "binding/boosting_explain.h"

#include <memory>

#include "binding/boosting.h"
#include "binding/job.h"
#include "binding/table.h"
#include "boosting/row_predictor.h"
#include "boosting/shap_map.h"

namespace treeline::binding {

namespace {

/// A predictor of single rows and the arrays it reads and writes, which it keeps.
struct RowCall {
  boosting::RowPredictor predictor;
  Napi::Reference<Napi::Float64Array> input, output;
  const double* from;
  double* to;
  std::int64_t reported_bytes;
};

/// run(): the one crossing of a prediction, so it asks Node-API for nothing but its own data.
napi_value RunRow(napi_env env, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(env, info, nullptr, nullptr, nullptr, &data);
  auto* call = static_cast<RowCall*>(data);
  call->predictor.Predict(call->from, call->to);
  return nullptr;
}

/// createRowPredictor(model, loss, output): { input, output, run }
Napi::Value CreateRowPredictor(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Env env = info.Env();
    const bool is_raw = info[2].As<Napi::String>().Utf8Value() == "raw";
    boosting::RowPredictor predictor(
        BoostingModelOf(info[0]), BoostingLossOf(info[1]),
        is_raw ? boosting::ForestOutput::kRaw : boosting::ForestOutput::kResponse);
    auto input = Napi::Float64Array::New(env, static_cast<std::size_t>(predictor.n_inputs()));
    auto output = Napi::Float64Array::New(env, static_cast<std::size_t>(predictor.n_outputs()));
    auto call = std::make_unique<RowCall>(RowCall{std::move(predictor), Napi::Persistent(input),
                                                  Napi::Persistent(output), input.Data(),
                                                  output.Data(), 0});
    call->reported_bytes = static_cast<std::int64_t>(call->predictor.bytes());
    napi_value run;
    if (napi_create_function(env, "run", NAPI_AUTO_LENGTH, RunRow, call.get(), &run) != napi_ok)
      throw Napi::Error::New(env, "cannot make a function");
    Napi::Function function(env, run);
    function.AddFinalizer(
        [](Napi::Env finalizer_env, RowCall* owned) {
          Napi::MemoryManagement::AdjustExternalMemory(finalizer_env, -owned->reported_bytes);
          delete owned;
        },
        call.get());
    Napi::MemoryManagement::AdjustExternalMemory(env, call->reported_bytes);
    call.release();  // NOLINT(bugprone-unused-return-value): the function's finalizer has it now
    Napi::Object result = Napi::Object::New(env);
    result.Set("input", input);
    result.Set("output", output);
    result.Set("run", function);
    return result;
  });
}

/// createShapMap(model, interactions): map
Napi::Value CreateShapMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapBlockMap(
        info.Env(), std::make_shared<const boosting::ShapMap>(BoostingModelOf(info[0]),
                                                              info[1].As<Napi::Boolean>().Value()));
  });
}

}  // namespace

void ExportBoostingExplain(Napi::Env env, Napi::Object exports) {
  exports.Set("createRowPredictor", Napi::Function::New(env, CreateRowPredictor));
  exports.Set("createShapMap", Napi::Function::New(env, CreateShapMap));
}

}  // namespace treeline::binding
