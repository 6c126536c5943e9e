#pragma once

#include <cstdint>
#include <vector>

#include "neighbors/row_blocks.h"

namespace treeline {

/// A row as whole numbers, two of 16 bits a word.
struct RowCode {
  std::vector<std::int32_t> words;
  std::int64_t norm = 0;  // of the whole numbers, squared
  double error = 0;       // how far the row (moved into the range of the codes) is from its code
};

/// Rows rounded to multiples of one step: products of whole numbers tell which rows may be within
/// some Euclidean distance, four times as fast as products of float64 and the same on every
/// instruction set. Rows outside of the range of the blocks' rows are moved to its edge, which
/// makes no distance larger. What is found is to be measured exactly; what is not, is farther.
class RowCodes {
 public:
  explicit RowCodes(const RowBlocks& blocks);

  std::int64_t n_words() const noexcept { return n_words_; }
  /// False where the range of the values leaves no step: all rows may be near.
  bool is_usable() const noexcept { return step_ > 0; }
  RowCode Of(const double* row, std::int64_t cols) const;

  /// Panels of block b for simd::NeighborKernels::find_near, as many as hold its rows, and halves
  /// of their norms.
  const std::int32_t* panels(std::int64_t b) const noexcept {
    return panels_.data() + first_panel_[b] * n_words_ * 16;
  }
  const std::int32_t* half_norms(std::int64_t b) const noexcept {
    return half_norms_.data() + first_panel_[b] * 16;
  }
  std::int64_t n_panels(std::int64_t b) const noexcept {
    return first_panel_[b + 1] - first_panel_[b];
  }
  /// The least product, less half a norm, of the rows of block b that may be within the computed
  /// squared distance `square` of the row with this code.
  std::int32_t Least(const RowCode& code, double square, std::int64_t b) const noexcept;
  std::size_t bytes() const noexcept;

 private:
  void FindStep(const RowBlocks& blocks);

  std::int64_t n_words_;
  std::int32_t most_;  // of a whole number
  double step_ = 0;
  double slack_;                // of rounding, in a distance, as a share of it
  std::vector<double> middle_;  // of the range of each column
  std::vector<std::int64_t> first_panel_;
  AlignedBuffer<std::int32_t> panels_;
  std::vector<std::int32_t> half_norms_;
  std::vector<double> error_;  // of a block's rows, the largest
};

}  // namespace treeline
