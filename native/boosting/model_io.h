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
///   u32 "TTGB", u32 version (3; older ones are read too: 2 has no vector leaves, 1 no categories
///     and sets either)
///   features; baseline: list of f64, one an output; u8 flags (1: a tree an iteration has vector
///     leaves, 2: there are linear leaves)
///   categories: list, one a feature or none: u8 flags (1: is categorical, 2: has rare ones),
///     list of f64 codes
///   trees: list, iteration by iteration: list of nodes (i32 feature, left, right; u8 missing left;
///     i32 set; f64 threshold, value, gain; count), list of sets (32 bytes for 256 bins), list of
///     f64: of vector leaves the values, leaf by leaf in the order of the nodes
///     and, if there are linear leaves, a list, empty or one a leaf: f64 constant, list of i32
///     features, list of f64 slopes
///   training scores, validation scores: lists of f64
///   exponents of the gradient scale: list of two integers, one an output
std::vector<std::uint8_t> WriteModel(const Model& model, const FitState& state);

/// Reads what WriteModel wrote; every index is checked, so that no bytes can make a model that
/// crashes.
/// @throws Error kInvalidData for anything else.
void ReadModel(std::span<const std::uint8_t> bytes, Model& model, FitState& state);

}  // namespace treeline::boosting
