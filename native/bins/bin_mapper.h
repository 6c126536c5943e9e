#pragma once

#include <cstdint>
#include <vector>

#include "bins/categories.h"
#include "core/aligned_buffer.h"
#include "matrix/block.h"
#include "matrix/sparse_block.h"
#include "simd/kernels.h"

namespace treeline {

/// Maps values to bins, feature by feature: the number of thresholds below the value, or the bin of
/// a category; NaN to MissingBin.
class BinMapper {
 public:
  /// `thresholds` per feature: ascending, fewer than kMostBins; the last may be +inf. `categories`
  /// per feature, or none at all; those that are categorical have no thresholds.
  explicit BinMapper(std::vector<std::vector<double>> thresholds,
                     std::vector<Categories> categories = {});

  std::int64_t n_features() const noexcept { return static_cast<std::int64_t>(thresholds_.size()); }
  int n_bins(std::int64_t feature) const noexcept {
    return is_categorical(feature) ? categories_[feature].n_bins()
                                   : static_cast<int>(thresholds_[feature].size()) + 1;
  }
  bool is_categorical(std::int64_t feature) const noexcept {
    return !categories_.empty() && categories_[feature].is_categorical;
  }
  bool is_wide(std::int64_t feature) const noexcept { return IsWide(n_bins(feature)); }
  /// One a feature, or none at all: no feature is categorical.
  const std::vector<Categories>& categories() const noexcept { return categories_; }
  /// The largest value of a bin; +inf for the last one.
  double UpperBound(std::int64_t feature, int bin) const noexcept;

  /// Bins `n` values of a feature that is not wide. float32 values get the bin their exact double
  /// would get.
  void Bin(std::int64_t feature, const float* x, std::int64_t n, std::uint8_t* bins) const noexcept;
  void Bin(std::int64_t feature, const double* x, std::int64_t n,
           std::uint8_t* bins) const noexcept;

  /// The same for any feature; made for wide ones.
  void Bin(std::int64_t feature, const float* x, std::int64_t n,
           std::uint16_t* bins) const noexcept;
  void Bin(std::int64_t feature, const double* x, std::int64_t n,
           std::uint16_t* bins) const noexcept;

  /// Bins `n` values of a sparse column, rows [begin, begin + n) of its block: all zeros but
  /// `entries`. As Bin of the dense values, at the price of the entries and of filling `bins`.
  template <typename Bins>
  void BinSparse(std::int64_t feature, SparseEntries entries, std::int64_t begin, std::int64_t n,
                 Bins* bins) const noexcept;

  std::size_t bytes() const noexcept;

 private:
  template <typename T>
  void BinWords(std::int64_t feature, const T* x, std::int64_t n,
                std::uint16_t* bins) const noexcept;
  template <typename T>
  void ToCategories(std::int64_t feature, const T* x, std::int64_t n,
                    std::uint8_t* bins) const noexcept;
  /// What bins lie between: thresholds, or the codes of categories.
  const std::vector<double>& Bounds(std::int64_t feature) const noexcept {
    return is_categorical(feature) ? categories_[feature].codes : thresholds_[feature];
  }

  std::vector<std::vector<double>> thresholds_;
  std::vector<Categories> categories_;
  AlignedBuffer<simd::BinTable<float>> float_tables_;
  AlignedBuffer<simd::BinTable<double>> double_tables_;
};

extern template void BinMapper::BinSparse(std::int64_t, SparseEntries, std::int64_t, std::int64_t,
                                          std::uint8_t*) const noexcept;
extern template void BinMapper::BinSparse(std::int64_t, SparseEntries, std::int64_t, std::int64_t,
                                          std::uint16_t*) const noexcept;

/// The largest float32 not above a threshold: x <= t and x <= FloorToFloat(t) are the same for
/// every float32 x.
float FloorToFloat(double threshold) noexcept;

/// Whether every element type of the block is exact in float32, so that the float tables may be
/// used.
bool FitsFloat(const Block& block) noexcept;

}  // namespace treeline
