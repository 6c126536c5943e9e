#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace treeline {

/// The sample of one column of a sparse table: what is not 0, in row order, NaN included.
struct SparseColumnSample {
  std::vector<double> values;
  std::vector<std::uint32_t> rows;  // of the sample, of each value; only where rows have weights

  std::size_t bytes() const noexcept { return 8 * values.capacity() + 4 * rows.capacity(); }
};

/// The rows of a sample by weight, lightest first, and the weights: what every column's zeros are
/// counted by. As made by default: all weights are 1.
class SampleWeights {
 public:
  SampleWeights() = default;
  /// `weights` must outlive it.
  explicit SampleWeights(std::span<const double> weights);

  bool is_empty() const noexcept { return order_.empty(); }
  double operator[](std::size_t row) const noexcept { return weights_[row]; }
  const std::vector<std::uint32_t>& order() const noexcept { return order_; }

 private:
  std::span<const double> weights_;
  std::vector<std::uint32_t> order_;
};

/// FindThresholds of a column of `sample_rows` values, all zeros but those of `sample`: to the bit
/// the thresholds of the dense column.
std::vector<double> FindSparseThresholds(const SparseColumnSample& sample, std::size_t sample_rows,
                                         const SampleWeights& weights, int max_bins);

}  // namespace treeline
