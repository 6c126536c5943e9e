#pragma once

#include <napi.h>

#include <memory>

#include "boosting/booster.h"
#include "boosting/tree.h"

namespace treeline::binding {

/// What a boosting model handle holds. Never changed after its fit.
struct BoostingModel {
  std::shared_ptr<boosting::Model> model = std::make_shared<boosting::Model>();
  boosting::FitState state;

  std::size_t bytes() const noexcept;
};

Napi::Value WrapModel(Napi::Env env, std::shared_ptr<BoostingModel> model);

/// The model behind a handle; throws a TypeError for anything else.
std::shared_ptr<BoostingModel> ModelOf(Napi::Value value);

/// The seam's BoostingOptions.
boosting::BoosterParams BoosterParamsOf(Napi::Object options);

}  // namespace treeline::binding
