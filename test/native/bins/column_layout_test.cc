#include "bins/column_layout.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using namespace treeline;

TEST_CASE("features of few bins share a column, as many as 256 codes allow") {
  const std::vector<int> flags(16, 2);
  const ColumnLayout eight(flags, std::vector<bool>(16, false));
  CHECK(eight.n_columns() == 2);
  CHECK(eight.n_codes(0) == 256);
  CHECK(eight.record_bytes() == 8);
  const ColumnLayout five(flags, std::vector<bool>(16, true));  // three digits: 3^5 = 243
  CHECK(five.n_columns() == 4);
  const ColumnLayout alone(flags, std::vector<bool>(16, false), false);
  CHECK(alone.n_columns() == 16);
  const ColumnLayout mixed(std::vector<int>{255, 1, 128, 255, 2, 86},
                           {true, false, false, false, false, false});
  CHECK(mixed.n_columns() == 4);
  CHECK(mixed.feature(1).column == -1);  // nothing to split
  CHECK(mixed.feature(2).column == mixed.feature(4).column);
  CHECK(mixed.n_codes(mixed.feature(0).column) == 256);
  const ColumnLayout none(std::vector<int>{1, 1}, {false, false});
  CHECK(none.n_columns() == 0);
  CHECK(none.groups().empty());
}

TEST_CASE("groups hold every column once and records are no longer than they need") {
  for (const int n : {1, 8, 9, 17, 24, 25, 32, 33, 70, 200}) {
    const ColumnLayout layout(std::vector<int>(static_cast<std::size_t>(n), 255),
                              std::vector<bool>(static_cast<std::size_t>(n), true));
    std::int64_t next = 0;
    std::int64_t record = 0;
    for (const ColumnGroup& group : layout.groups()) {
      CHECK(group.first_column == next);
      CHECK(group.first_record == record);
      CHECK(group.n_columns <= kGroupColumns);
      CHECK(
          (group.record_bytes - group.n_columns >= 0 && group.record_bytes - group.n_columns < 8));
      next += group.n_columns;
      record += group.record_bytes;
    }
    CHECK(next == n);
    CHECK(record == layout.record_bytes());
  }
}

TEST_CASE("codes turn back into bins, and sums by code into sums by bin") {
  std::vector<int> n_bins;
  std::vector<bool> has_missing;
  for (std::uint64_t f = 0; f < 60; ++f) {
    const std::uint64_t draw = RandomBits(1, 0, f);
    n_bins.push_back(draw % 4 == 0 ? 1 + static_cast<int>(draw >> 8 & 0xff) % 255
                                   : 1 + static_cast<int>(draw >> 8 & 0xff) % 6);
    has_missing.push_back(draw % 3 == 0);
  }
  const ColumnLayout layout(n_bins, has_missing);
  const std::int64_t rows = 500;
  std::vector<std::uint8_t> bins(static_cast<std::size_t>(layout.n_features() * rows));
  std::vector<std::int64_t> weights(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < rows; ++i) {
    weights[i] = static_cast<std::int64_t>(RandomBits(3, 0, static_cast<std::uint64_t>(i)) % 1000);
    for (std::int64_t f = 0; f < layout.n_features(); ++f) {
      const std::uint64_t draw =
          RandomBits(2, static_cast<std::uint64_t>(f), static_cast<std::uint64_t>(i));
      const bool is_missing = has_missing[f] && draw % 5 == 0;
      bins[f * rows + i] = static_cast<std::uint8_t>(
          is_missing ? simd::kMissingBin : static_cast<int>(draw >> 8 & 0xffff) % n_bins[f]);
    }
  }
  std::int64_t n_members = 0;
  for (std::int64_t column = 0; column < layout.n_columns(); ++column) {
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(rows));
    layout.Encode(column, bins.data(), rows, rows, codes.data());
    std::vector<std::int64_t> sums(static_cast<std::size_t>(kHistogramBins));
    for (std::int64_t i = 0; i < rows; ++i) sums[codes[i]] += weights[i];
    for (const std::int64_t f : layout.members(column)) {
      ++n_members;
      CHECK(layout.feature(f).column == column);
      std::uint8_t table[256];
      layout.FillBinTable(f, table);
      std::vector<std::int64_t> expected(static_cast<std::size_t>(kHistogramBins));
      for (std::int64_t i = 0; i < rows; ++i) {
        REQUIRE(codes[i] < layout.n_codes(column));
        REQUIRE(table[codes[i]] == bins[f * rows + i]);
        expected[bins[f * rows + i]] += weights[i];
      }
      std::int64_t scratch[kHistogramBins];
      const std::int64_t* found = layout.FeatureSums(f, sums.data(), scratch);
      for (int b = 0; b < n_bins[f]; ++b) CHECK(found[b] == expected[b]);
      if (has_missing[f]) CHECK(found[simd::kMissingBin] == expected[simd::kMissingBin]);
    }
  }
  CHECK(n_members == std::count_if(n_bins.begin(), n_bins.end(), [&](const int& n) {
          return n > 1 || has_missing[static_cast<std::size_t>(&n - n_bins.data())];
        }));
}
