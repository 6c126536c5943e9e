#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "boosting/tree.h"

namespace treeline::boosting {

/// Moves the values of a tree's leaves as little as its monotonic splits ask for: at each of them,
/// from the root down, no leaf on the lower side lies above the middle of the two sides' means, and
/// none on the upper side below. For leaves whose values were found after the tree had grown.
/// `signs`: per feature, as in GrowerParams; empty: nothing is asked for. `weights`: of every node;
/// those of leaves are what their rows weigh.
void KeepMonotonic(std::span<const std::int8_t> signs, std::vector<double> weights, Tree& tree);

}  // namespace treeline::boosting
