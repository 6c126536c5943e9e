#include "bins/column_layout.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "bins/bin_set.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr int kMostCodes = 256;
constexpr std::size_t kOpenColumns = 64;  // that a feature may still join: bounds the search

/// A column that is being filled.
struct Draft {
  std::vector<std::int64_t> members;
  int codes = 1;
};

/// First-fit in order of falling radix: few columns, and the same ones every time.
std::vector<Draft> Bundle(const std::vector<StoredFeature>& features) {
  std::vector<std::int64_t> order;
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (features[f].radix > 1 && !features[f].is_wide)
      order.push_back(static_cast<std::int64_t>(f));
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return features[a].radix > features[b].radix;
  });
  std::vector<Draft> drafts;
  std::size_t first_open = 0;
  for (const std::int64_t f : order) {
    const int radix = features[f].radix;
    auto place = std::find_if(
        drafts.begin() + static_cast<std::ptrdiff_t>(first_open), drafts.end(),
        [&](const Draft& draft) { return static_cast<int>(draft.codes) * radix <= kMostCodes; });
    if (place == drafts.end()) place = drafts.insert(drafts.end(), Draft{});
    place->members.push_back(f);
    place->codes *= radix;
    while (drafts.size() - first_open > kOpenColumns) ++first_open;
  }
  return drafts;
}

}  // namespace

ColumnLayout::ColumnLayout(std::span<const int> n_bins, const std::vector<bool>& has_missing,
                           bool bundle) {
  std::int64_t n_narrow = 0;
  for (std::size_t f = 0; f < n_bins.size(); ++f) {
    const bool is_wide = IsWide(n_bins[f]);
    features_.push_back({-1, 1, n_bins[f] + (has_missing[f] ? 1 : 0), has_missing[f], is_wide,
                         is_wide ? n_wide() : n_narrow++});
    if (is_wide) wide_.push_back(static_cast<std::int64_t>(f));
  }
  AssignColumns(bundle);
  MakeGroups();
}

/// Columns in order of their first feature, those of wide features behind the others.
void ColumnLayout::AssignColumns(bool bundle) {
  std::vector<Draft> drafts;
  if (bundle) {
    drafts = Bundle(features_);
  } else {
    for (std::size_t f = 0; f < features_.size(); ++f) {
      if (features_[f].radix > 1 && !features_[f].is_wide)
        drafts.push_back({{static_cast<std::int64_t>(f)}, features_[f].radix});
    }
  }
  for (Draft& draft : drafts) std::sort(draft.members.begin(), draft.members.end());
  std::sort(drafts.begin(), drafts.end(),
            [](const Draft& a, const Draft& b) { return a.members[0] < b.members[0]; });
  for (const Draft& draft : drafts) AddColumn(draft.members, draft.codes);
  for (const std::int64_t f : wide_) AddColumn(std::span(&f, 1), features_[f].radix);
}

void ColumnLayout::AddColumn(std::span<const std::int64_t> members, int codes) {
  int place = 1;
  for (const std::int64_t f : members) {
    features_[f].column = n_columns();
    features_[f].place = place;
    place *= features_[f].radix;
    members_.push_back(f);
  }
  codes_.push_back(codes);
  first_member_.push_back(static_cast<std::int64_t>(members_.size()));
  first_sum_.push_back(first_sum_.back() + (codes + 7) / 8 * 8);
}

/// Columns shared out evenly over as few groups as possible; wide ones have a group each.
void ColumnLayout::MakeGroups() {
  const std::int64_t n_narrow = n_columns() - n_wide();
  const std::int64_t n_groups = (n_narrow + kGroupColumns - 1) / kGroupColumns;
  for (std::int64_t g = 0; g < n_groups; ++g) {
    const std::int64_t first = n_narrow * g / n_groups;
    const int n = static_cast<int>(n_narrow * (g + 1) / n_groups - first);
    const int bytes = (n + 7) / 8 * 8;
    groups_.push_back({first, n, bytes, record_bytes_});
    record_bytes_ += bytes;
  }
  for (std::int64_t column = n_narrow; column < n_columns(); ++column) {
    groups_.push_back({column, 1, 2, record_bytes_});
    record_bytes_ += 2;
  }
}

void ColumnLayout::Encode(std::int64_t column, const std::uint8_t* bins, std::int64_t stride,
                          std::int64_t n, std::uint8_t* codes) const noexcept {
  bool is_first = true;
  for (const std::int64_t f : members(column)) {
    const StoredFeature& feature = features_[f];
    const std::uint8_t* from = bins + f * stride;
    // kMissingBin becomes the last digit; other bins are below it, so the minimum does it.
    const auto last = static_cast<std::uint8_t>(feature.radix - 1);
    const auto place = static_cast<std::uint8_t>(feature.place);
    if (is_first) {
      for (std::int64_t i = 0; i < n; ++i) codes[i] = std::min(from[i], last);
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        codes[i] = static_cast<std::uint8_t>(codes[i] + std::min(from[i], last) * place);
      }
    }
    is_first = false;
  }
}

void ColumnLayout::FillBinTable(std::int64_t index, std::uint8_t* table) const noexcept {
  const StoredFeature& feature = features_[index];
  for (int code = 0; code < kMostCodes; ++code) {
    const int digit = code / feature.place % feature.radix;
    const bool is_missing = feature.has_missing && digit == feature.radix - 1;
    table[code] = static_cast<std::uint8_t>(is_missing ? simd::kMissingBin : digit);
  }
}

const std::int64_t* ColumnLayout::FeatureSums(std::int64_t index, const std::int64_t* column_sums,
                                              std::int64_t* scratch) const noexcept {
  const StoredFeature& feature = features_[index];
  const int radix = feature.radix;
  const int codes = codes_[feature.column];
  const bool moves_missing = feature.has_missing && radix <= simd::kMissingBin;
  if (feature.is_wide || (radix == codes && !moves_missing)) return column_sums;
  if (radix == codes) {
    std::memcpy(scratch, column_sums, static_cast<std::size_t>(radix) * sizeof(std::int64_t));
  } else {
    std::fill_n(scratch, radix, 0);
    for (int code = 0; code < codes;) {
      for (int digit = 0; digit < radix; ++digit) {
        std::int64_t sum = 0;
        for (int i = 0; i < feature.place; ++i) sum += column_sums[code++];
        scratch[digit] += sum;
      }
    }
  }
  if (moves_missing) scratch[simd::kMissingBin] = scratch[radix - 1];
  return scratch;
}

std::size_t ColumnLayout::bytes() const noexcept {
  return features_.size() * sizeof(StoredFeature) +
         8 * (wide_.size() + members_.size() + first_member_.size() + first_sum_.size()) +
         4 * codes_.size();
}

}  // namespace treeline
