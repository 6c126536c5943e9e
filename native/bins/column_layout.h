#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace treeline {

/// Bins of one feature of one byte in a histogram: 255 and the missing one.
inline constexpr std::int64_t kHistogramBins = 256;

/// Most columns whose codes lie side by side in one record.
inline constexpr int kGroupColumns = 32;

/// Up to 32 neighbouring stored columns, whose codes make one record a row: what a histogram reads.
/// Or one wide column, whose codes take two bytes.
struct ColumnGroup {
  std::int64_t first_column;
  int n_columns;
  int record_bytes;           // 8, 16, 24 or 32: from one row to the next; 2: a wide column
  std::int64_t first_record;  // offset of row 0 in a chunk's records, for chunks of one row

  bool is_wide() const noexcept { return record_bytes == 2; }
};

/// Where a feature's bins are in the stored columns: bin = code / place mod radix, where the last
/// digit is the missing bin if values are missing.
struct StoredFeature {
  std::int64_t column = -1;  // -1: the feature has one bin only, nothing is stored
  int place = 1;
  int radix = 1;
  bool has_missing = false;
  bool is_wide = false;
  std::int64_t number = -1;  // among the wide features, or among those that are not
};

/// How features become the columns that histograms are made of. Features of few bins share a column
/// as long as the product of their numbers of bins is at most 256: a code of mixed radix, one
/// addition for all of them. Sums by bin of a feature are sums of the column's: integers, so the
/// trees are the same. A histogram holds only the codes a column can have. Features of more bins
/// than a byte can number have wide columns of their own, behind the others: bin = code.
class ColumnLayout {
 public:
  ColumnLayout() = default;
  /// Bins (without the missing one) of each feature, and whether training rows miss it. `bundle`:
  /// whether features may share a column.
  ColumnLayout(std::span<const int> n_bins, const std::vector<bool>& has_missing,
               bool bundle = true);

  std::int64_t n_features() const noexcept { return static_cast<std::int64_t>(features_.size()); }
  std::int64_t n_columns() const noexcept { return static_cast<std::int64_t>(codes_.size()); }
  std::int64_t n_wide() const noexcept { return static_cast<std::int64_t>(wide_.size()); }
  /// The wide features, ascending.
  const std::vector<std::int64_t>& wide_features() const noexcept { return wide_; }
  const std::vector<ColumnGroup>& groups() const noexcept { return groups_; }
  /// Of one row, all groups but the wide ones.
  std::int64_t record_bytes() const noexcept { return record_bytes_ - 2 * n_wide(); }

  /// Bins of a feature, the missing one aside.
  int n_bins(std::int64_t feature) const noexcept {
    return features_[feature].radix - (features_[feature].has_missing ? 1 : 0);
  }
  const StoredFeature& feature(std::int64_t feature) const noexcept { return features_[feature]; }
  /// The features of a column, by place.
  std::span<const std::int64_t> members(std::int64_t column) const noexcept {
    return std::span(members_).subspan(
        static_cast<std::size_t>(first_member_[column]),
        static_cast<std::size_t>(first_member_[column + 1] - first_member_[column]));
  }
  /// Codes of a column are 0 … n_codes - 1.
  int n_codes(std::int64_t column) const noexcept { return codes_[column]; }
  /// Where a column's sums begin in a histogram; a multiple of 8.
  std::int64_t first_sum(std::int64_t column) const noexcept { return first_sum_[column]; }
  /// Length of a histogram; kHistogramBins more than its columns take, so that 256 sums can be read
  /// from any column's first.
  std::int64_t n_sums() const noexcept { return first_sum_[n_columns()] + kHistogramBins; }

  /// Codes of `n` rows of a column that is not wide from the bins of its features; feature f's
  /// begin at bins + f * stride.
  void Encode(std::int64_t column, const std::uint8_t* bins, std::int64_t stride, std::int64_t n,
              std::uint8_t* codes) const noexcept;
  /// table[code] = the bin of a feature that is not wide (kMissingBin for a missing value).
  void FillBinTable(std::int64_t feature, std::uint8_t* table) const noexcept;
  /// The feature's sums by bin, and at MissingBin if it misses values: no others may be read.
  /// `column_sums`: of its column. The result lies there or in `scratch`, which has room for
  /// kHistogramBins.
  const std::int64_t* FeatureSums(std::int64_t feature, const std::int64_t* column_sums,
                                  std::int64_t* scratch) const noexcept;

  std::size_t bytes() const noexcept;

 private:
  void AssignColumns(bool bundle);
  void AddColumn(std::span<const std::int64_t> members, int codes);
  void MakeGroups();

  std::vector<StoredFeature> features_;
  std::vector<std::int64_t> wide_;
  std::vector<std::int64_t> members_, first_member_{0};  // by column
  std::vector<int> codes_;
  std::vector<std::int64_t> first_sum_{0};
  std::vector<ColumnGroup> groups_;
  std::int64_t record_bytes_ = 0;
};

}  // namespace treeline
