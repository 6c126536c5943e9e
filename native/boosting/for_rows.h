#pragma once

#include <bit>
#include <cstdint>

#include "boosting/row_partition.h"

namespace treeline::boosting {

/// visit(row of the chunk) for every row of a leaf in a chunk, in their order.
template <typename Visit>
void ForRows(const RowSet& rows, Visit&& visit) {
  if (rows.is_all) {
    for (std::int64_t i = 0; i < rows.count; ++i) visit(i);
  } else if (rows.bitmap != nullptr) {
    std::int64_t left = rows.count;
    for (std::int64_t word = 0; left > 0; ++word) {
      for (std::uint64_t bits = rows.bitmap[word]; bits != 0; bits &= bits - 1, --left)
        visit(64 * word + std::countr_zero(bits));
    }
  } else {
    for (std::int64_t i = 0; i < rows.count; ++i) visit(std::int64_t{rows.list[i]});
  }
}

}  // namespace treeline::boosting
