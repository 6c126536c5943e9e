#pragma once

#include <vector>

#include "core/context.h"
#include "linear/linear_data.h"

namespace treeline {

/// Weighted sums, over the rows of a sparse table that a filter lets through, of the products of
/// all pairs of: columns less `shift`, targets less theirs, a column of 1. Upper triangle,
/// row-major.
///
/// Nothing is centred: what the shift takes away is subtracted from the sums. Costs what there are
/// pairs of entries in rows, and pairs of columns.
std::vector<double> SparseProducts(const LinearData& data, const std::vector<double>& shift,
                                   const RowFilter& filter, const Context& ctx);

/// Sum over the rows that weigh something of weight * (column j - centre)^2, no digit lost where
/// the column is constant. `total`: the weight of all rows; `n_rows`: how many weigh something.
double SquaresAbout(const SparseRows& columns, std::int64_t j, double centre,
                    const std::vector<double>& weight, double total, std::int64_t n_rows) noexcept;

}  // namespace treeline
