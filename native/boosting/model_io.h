#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "boosting/booster.h"
#include "boosting/tree.h"

namespace treeline::boosting {

/// A model and its fit state as bytes: little-endian on every machine, with a version inside. The
/// same model gives the same bytes.
std::vector<std::uint8_t> WriteModel(const Model& model, const FitState& state);

/// Reads what WriteModel wrote; every index is checked, so that no bytes can make a model that
/// crashes.
/// @throws Error kInvalidData for anything else.
void ReadModel(std::span<const std::uint8_t> bytes, Model& model, FitState& state);

}  // namespace treeline::boosting
