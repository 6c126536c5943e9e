#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "boosting/booster.h"
#include "boosting/tree.h"

namespace treeline::boosting {

/// A model and its fit state as bytes: little-endian on every machine, with a version inside. The
/// same model gives the same bytes. In order, counts and integers being i64, lists a count and what
/// it counts:
///   u32 "TTGB", u32 version (2; 1 is read too: it has no categories and sets)
///   features; baseline: list of f64, one an output
///   categories: list, one a feature or none: u8 flags (1: is categorical, 2: has rare ones),
///     list of f64 codes
///   trees: list, iteration by iteration: list of nodes (i32 feature, left, right; u8 missing left;
///     i32 set; f64 threshold, value, gain; count), list of sets (32 bytes for 256 bins)
///   training scores, validation scores: lists of f64
///   exponents of the gradient scale: list of two integers, one an output
std::vector<std::uint8_t> WriteModel(const Model& model, const FitState& state);

/// Reads what WriteModel wrote; every index is checked, so that no bytes can make a model that
/// crashes.
/// @throws Error kInvalidData for anything else.
void ReadModel(std::span<const std::uint8_t> bytes, Model& model, FitState& state);

}  // namespace treeline::boosting
