#pragma once

#include <vector>

#include "core/context.h"
#include "linear/linear_data.h"
#include "linear/scaled_gram.h"

namespace treeline {

/// The upper triangular R of a QR factorisation of the centred, scaled columns and the centred
/// targets, rows times the root of their weights: (n + n_targets) squared, row-major, n =
/// columns.size(). Slots are folded into group after group of consecutive slots, the groups merged
/// in order: the same bits for any number of threads.
std::vector<double> RowFactor(const LinearData& data, const std::vector<double>& mean,
                              const ScaledGram& columns, const Context& ctx);

}  // namespace treeline
