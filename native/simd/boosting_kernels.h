#pragma once

#include <cstdint>

#include "simd/loss_kernels.h"

namespace treeline::simd {

/// The bin of missing values, whatever the number of bins.
inline constexpr int kMissingBin = 255;

/// Thresholds of one feature, laid out for two rounds of 16 comparisons: fine[0 … n_thresholds)
/// ascending, +inf behind; coarse[i] = fine[16 * i + 15], the last one +inf.
template <typename T>
struct BinTable {
  alignas(64) T coarse[16];
  alignas(64) T fine[256];
  std::int32_t n_thresholds;
};

/// Values to bins: the number of thresholds below a value, kMissingBin for NaN.
struct BinningKernels {
  void (*bin_floats)(const BinTable<float>& table, const float* x, std::int64_t n,
                     std::uint8_t* bins) noexcept;
  void (*bin_doubles)(const BinTable<double>& table, const double* x, std::int64_t n,
                      std::uint8_t* bins) noexcept;
};

/// A set of bins: bit b % 8 of byte b / 8.
struct BinSet {
  std::uint8_t bytes[32] = {};
  bool Has(int bin) const noexcept { return ((bytes[bin >> 3] >> (bin & 7)) & 1) != 0; }
  void Add(int bin) noexcept { bytes[bin >> 3] |= static_cast<std::uint8_t>(1 << (bin & 7)); }
  void Remove(int bin) noexcept { bytes[bin >> 3] &= static_cast<std::uint8_t>(~(1 << (bin & 7))); }
  bool operator==(const BinSet&) const = default;
};

/// Which bins of a column go left: those with (bin + shift) mod 256 <= limit or, if there is a set,
/// its members.
struct BinTest {
  std::uint8_t shift = 0;
  std::uint8_t limit = 0;
  const std::uint8_t* set = nullptr;  // bytes of a BinSet
};

/// Sets of rows of a chunk, as bitmaps (64 rows a word) or lists of row numbers, split by a column
/// of bins. Contracts in bytes-inl.h.
struct PartitionKernels {
  std::int64_t (*split_bitmap)(const std::uint8_t* bins, std::int64_t words, const BinTest& test,
                               std::uint64_t* rows, std::uint64_t* right) noexcept;
  std::int64_t (*split_list)(const std::uint8_t* bins, std::int64_t n, const BinTest& test,
                             std::uint16_t* list, std::uint16_t* right) noexcept;
  std::int64_t (*expand_bitmap)(const std::uint64_t* rows, std::int64_t words,
                                std::uint16_t* out) noexcept;
  void (*mark_range)(const std::uint16_t* bins, std::int64_t n, std::uint16_t first,
                     std::uint16_t count, std::uint8_t* marks) noexcept;
};

/// Factors that make integers of gradients and hessians (powers of two: exact where the values
/// are), and what shifts the dither of the rounding.
struct QuantizationScale {
  float gradient;
  float hessian;
  std::uint32_t dither;
};

/// Up to 2^16 consecutive rows of a loss: raw predictions, targets, weights (nullptr: all 1).
struct GradientRows {
  const double* scores;
  const double* targets;
  const float* weights;
  const float* probabilities;  // multinomial only: of the class at hand
  std::uint32_t first_row;     // global index of row 0, modulo 2^32
  std::int64_t n;
  float parameter = 0;  // of the loss (LossKind)
};

/// What a gradient kernel saw: exact sums of the integers, largest float values.
struct GradientTotals {
  std::int64_t gradient = 0;
  std::int64_t absolute_gradient = 0;
  std::int64_t hessian = 0;
  float max_gradient = 0;
  float max_hessian = 0;
};

/// Gradient and hessian of the loss in every row, as pairs of 16-bit integers (gradient << 16 |
/// hessian).
struct GradientKernels {
  /// One a point loss.
  GradientTotals (*point[kPointLosses])(const GradientRows& rows, const QuantizationScale& scale,
                                        std::uint32_t* pairs) noexcept;
  /// Of gradients and hessians computed elsewhere; of `rows` it uses the weights only.
  GradientTotals (*given)(const GradientRows& rows, const float* gradients, const float* hessians,
                          const QuantizationScale& scale, std::uint32_t* pairs) noexcept;
  /// `target`: the class whose probabilities rows holds.
  GradientTotals (*multinomial)(const GradientRows& rows, float target,
                                const QuantizationScale& scale, std::uint32_t* pairs) noexcept;
  /// out = e^(score - top), added to total.
  void (*softmax_term)(const double* scores, const double* top, std::int64_t n, float* out,
                       float* total) noexcept;
};

/// From one column's sums to the next while rows are added: one cache line more than 256 sums, so
/// that columns of few codes do not compete for the same lines of the nearest cache.
inline constexpr std::int64_t kSumStride = 256 + 8;
/// Columns whose sums (34 KB) rows are added to in one pass: those of 32 do not fit the nearest
/// cache, and every other addition would wait for the next one.
inline constexpr int kPassColumns = 16;

/// Histograms: packed sums (gradient << 32 | hessian) by column and code.
struct HistogramKernels {
  /// By number of columns, less one: sums[j * kSumStride + codes[j]] += the row's summand, for n
  /// rows whose codes are record_bytes apart, a multiple of 8.
  void (*add_rows[kPassColumns])(const std::uint8_t* codes, std::int64_t record_bytes,
                                 const std::int64_t* summands, std::int64_t n,
                                 std::int64_t* sums) noexcept;
  /// sums = the sum of the parts, which become 0; rest -= sums (rest: nullptr, or the histogram of
  /// a parent, which becomes that of the sibling).
  void (*merge)(std::int64_t* const* parts, std::int64_t n_parts, std::int64_t n,
                std::int64_t* sums, std::int64_t* rest) noexcept;
};

/// A node to split: its totals and the rules its children must obey.
struct SplitQuery {
  double gradient, hessian;            // sums over the node's rows
  double gradient_unit, hessian_unit;  // what one integer unit of the histogram is worth
  double parent_loss;                  // what the node's own value gains, 0 at the root
  double regularization;               // added to every hessian
  double min_hessian;                  // of each child; positive
  double min_gain;                     // a split must gain more; not negative
  std::int64_t n_rows;                 // of the node; with counts only
  std::int64_t min_rows;               // of each child; with counts only
  std::int32_t n_bins;                 // without the missing bin
  bool has_missing;
  std::int32_t missing_bin = kMissingBin;  // where its sums are

  /// False: a child's value is -gradient / (hessian + regularization), its gain gradient² /
  /// (hessian + regularization), and what follows is not looked at.
  bool has_value_rules;
  /// Gains are those of the quadratic loss at the child's value (LightGBM's); else the gradient
  /// times the value (scikit-learn's). They differ where a bound cuts the value.
  bool is_quadratic;
  std::int8_t monotonic;    // 1: left <= right, -1: left >= right, 0: no matter
  std::int32_t only_bin;    // the one split to try; -1: all
  double l1;                // shrinks gradients towards 0
  double max_value;         // of |value|, before it is smoothed; may be infinite
  double lower, upper;      // bounds of a child's value
  double smoothing;         // rows at which a child's value is half its own, half smooth_value
  double smooth_value;      // the node's own
  double rows_per_hessian;  // estimates rows; for smoothing
};

/// The best split of a feature: bins 0 … bin go left. bin < 0: none is allowed.
struct FeatureSplit {
  double gain;
  std::int32_t bin;
  bool missing_left;
};

struct SplitKernels {
  /// `histogram`: packed sums (gradient << 32 | hessian) by bin; `counts`: row counts by bin or
  /// nullptr.
  FeatureSplit (*find)(const std::int64_t* histogram, const std::int64_t* counts,
                       const SplitQuery& query) noexcept;
  /// The value of a child with these sums.
  double (*value)(double gradient, double hessian, const SplitQuery& query) noexcept;
  /// What a child with these sums and this value gains.
  double (*gain)(double gradient, double hessian, double value, const SplitQuery& query) noexcept;
};

/// Rows that trees are evaluated on at once, and so the distance of the columns of their bins.
inline constexpr std::int64_t kTileRows = 512;
/// Trees whose leaf values are added in one pass over a tile.
inline constexpr std::int64_t kTreesAtOnce = 8;

/// An inner node of a FlatTree: of the rows in leaf `slot`, those whose bin, as a signed byte, is
/// above `limit` or, if set >= 0, no member of that set, move to a new leaf, whose number is the
/// number of splits before this one plus 1.
struct FlatSplit {
  std::int32_t column;
  std::int16_t set;
  std::uint8_t slot, limit;
};

/// A tree of at most 256 leaves for prediction: splits in an order that has parents before their
/// children. Every row begins in leaf 0.
struct FlatTree {
  const FlatSplit* splits;
  const BinSet* sets;  // of bytes as the columns have them
  std::int32_t n_splits;
};

/// Buckets of a BucketTable, and how many thresholds one of them may hold.
inline constexpr int kBuckets = 1024;
inline constexpr int kMostInBucket = 3;

/// Thresholds of one feature for a look-up by buckets (bucket-inl.h).
template <typename T>
struct BucketTable {
  T centre, spread, low, scale;       // of the function from values to buckets
  std::int32_t most;                  // thresholds in a bucket
  T thresholds[256];                  // ascending, +inf behind
  std::uint8_t before[kBuckets + 1];  // thresholds in the buckets before; kMissingBin for NaN's
};

/// `n_rows`: a multiple of kTileRows is worked on, of which as many are asked for.
struct PredictKernels {
  /// The leaf of every row; column c of the bins starts at bins + c * kTileRows.
  void (*find_leaves)(const FlatTree& tree, const std::uint8_t* bins, std::int64_t n_rows,
                      std::uint8_t* leaves) noexcept;
  /// scores[i] += values[t][leaves[t * kTileRows + i]], tree by tree.
  void (*add_leaf_values)(const double* const* values, std::int64_t n_trees,
                          const std::uint8_t* leaves, std::int64_t n_rows, double* scores) noexcept;
  /// out[i] = (bins[i] + shift) mod 256
  void (*shift_bins)(const std::uint8_t* bins, std::uint8_t shift, std::int64_t n,
                     std::uint8_t* out) noexcept;
  /// The number of thresholds below a value, kMissingBin for NaN.
  void (*bin_floats)(const BucketTable<float>& table, const float* x, std::int64_t n,
                     std::uint8_t* bins) noexcept;
  void (*bin_doubles)(const BucketTable<double>& table, const double* x, std::int64_t n,
                      std::uint8_t* bins) noexcept;
  /// The buckets of values; kBuckets for NaN.
  void (*find_buckets_float)(const BucketTable<float>& table, const float* x, std::int64_t n,
                             std::int32_t* buckets) noexcept;
  void (*find_buckets_double)(const BucketTable<double>& table, const double* x, std::int64_t n,
                              std::int32_t* buckets) noexcept;
  /// out[j * out_stride + i] = x[i * x_stride + j]
  void (*transpose)(const float* x, std::int64_t x_stride, std::int64_t rows, std::int64_t cols,
                    float* out, std::int64_t out_stride) noexcept;
};

}  // namespace treeline::simd
