#include "binding/row_quantiles.h"

#include <memory>
#include <string>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "matrix/row_quantiles.h"

namespace treeline::binding {

namespace {

Between BetweenOf(Napi::Value value) {
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "linear") return Between::kLinear;
  if (name == "lower") return Between::kLower;
  if (name == "higher") return Between::kHigher;
  if (name == "midpoint") return Between::kMidpoint;
  if (name == "nearest") return Between::kNearest;
  throw Napi::TypeError::New(value.Env(), "unknown interpolation: " + name);
}

/// createRowQuantileMap(cols, q, interpolation, omitNaN): map
Napi::Value CreateRowQuantileMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    return WrapBlockMap(info.Env(),
                        std::make_shared<const RowQuantileMap>(
                            info[0].As<Napi::Number>().Int64Value(), Doubles(info[1], "q"),
                            BetweenOf(info[2]), info[3].ToBoolean()));
  });
}

}  // namespace

void ExportRowQuantiles(Napi::Env env, Napi::Object exports) {
  exports.Set("createRowQuantileMap", Napi::Function::New(env, CreateRowQuantileMap));
}

}  // namespace treeline::binding
