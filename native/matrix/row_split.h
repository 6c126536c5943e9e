#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/context.h"

namespace treeline {

/// How a table's rows are to be divided at random: of each group, so many rows to each part.
struct RowSplitPlan {
  std::int64_t n_rows = 0;
  std::uint64_t seed = 0;
  /// Group of every row, 0 … n_groups - 1; empty: all rows are of group 0.
  std::span<const std::int32_t> groups;
  /// Rows of each group for the test and the train part; rows left over belong to neither.
  std::vector<std::int64_t> test;
  std::vector<std::int64_t> train;
};

/// Two bitmaps over the rows, least significant bit first.
struct RowSplit {
  std::vector<std::uint8_t> test;
  std::vector<std::uint8_t> train;
};

/// Divides rows at random and exactly: every row draws a key from (seed, global row); of each group
/// the rows with the smallest keys are the test part, the next ones the train part. Depends on
/// nothing but the plan. The keys are drawn again in each of three passes, so that memory stays at
/// 2 bits a row and a few histograms. Throws kInvalidArgument for groups out of range or more rows
/// wanted than a group has.
RowSplit SplitRows(const RowSplitPlan& plan, const Context& ctx);

}  // namespace treeline
