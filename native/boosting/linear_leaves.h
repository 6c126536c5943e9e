#pragma once

#include <cstdint>
#include <span>

#include "boosting/raw_columns.h"
#include "boosting/row_data.h"
#include "boosting/row_partition.h"
#include "boosting/splitter.h"
#include "boosting/tree.h"
#include "core/context.h"

namespace treeline::boosting {

/// How the leaves of linear trees are fitted.
struct LinearLeafParams {
  bool is_on = false;
  double lambda = 0;  // ridge penalty on slopes
};

/// Rows in the leaves of a grown tree.
struct LeafRows {
  const RowPartition& partition;
  std::span<const std::int32_t> nodes;  // of the leaves of the partition
  const RowData& rows;
  const RawColumns& columns;
};

/// Gives every leaf of a tree that has its constant values a ridge regression on the numerical
/// features of its path, fitted to gradients and hessians, shrunk by `learning_rate` (Shi, Li, Li,
/// "Gradient Boosting With Piece-Wise Linear Regression Trees", 2019; LightGBM's linear_tree). Only
/// rows with finite values of all of these count; a leaf with too few of them stays constant, and
/// features that tell nothing new in it have slope 0. The same bits for any number of threads.
void FitLinearLeaves(const LeafRows& leaves, const QuantizedGradients& gradients,
                     const LinearLeafParams& params, double l2_regularization, double learning_rate,
                     Tree& tree, const Context& ctx);

/// Adds what the leaves say of the rows of some partitions, which hold every row, to their raw
/// predictions of one output.
void AddLinearLeaves(std::span<const RowPartition* const> partitions,
                     std::span<const std::int32_t> nodes, const RawColumns& columns,
                     const Tree& tree, std::int64_t output, RowData& rows, const Context& ctx);

}  // namespace treeline::boosting
