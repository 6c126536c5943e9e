#include "bins/bucket_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "bins/bin_mapper.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

void FindBuckets(const simd::BucketTable<float>& table, const float* x, std::int64_t n,
                 std::int32_t* buckets) {
  simd::Active().predict.find_buckets_float(table, x, n, buckets);
}
void FindBuckets(const simd::BucketTable<double>& table, const double* x, std::int64_t n,
                 std::int32_t* buckets) {
  simd::Active().predict.find_buckets_double(table, x, n, buckets);
}

/// Counts the thresholds of every bucket. Returns the most.
template <typename T>
int CountBuckets(const std::vector<T>& thresholds, simd::BucketTable<T>& table) {
  std::vector<std::int32_t> buckets(thresholds.size());
  FindBuckets(table, thresholds.data(), static_cast<std::int64_t>(thresholds.size()),
              buckets.data());
  std::array<int, simd::kBuckets + 1> count{};
  for (const std::int32_t bucket : buckets) ++count[static_cast<std::size_t>(bucket)];
  int before = 0;
  for (int b = 0; b < simd::kBuckets; ++b) {
    table.before[b] = static_cast<std::uint8_t>(before);
    before += count[static_cast<std::size_t>(b)];
  }
  table.before[simd::kBuckets] = simd::kMissingBin;
  return *std::max_element(count.begin(), count.end());
}

/// Where the bent scale of a table puts a value: about what kernels compute.
template <typename T>
T Bent(const simd::BucketTable<T>& table, T x) {
  const T away = x - table.centre;
  const T bent = 1 - table.spread / (std::abs(away) + table.spread);
  return away < 0 ? -bent : bent;
}

template <typename T>
bool Fill(const std::vector<T>& thresholds, simd::BucketTable<T>& table) {
  constexpr T kInfinity = std::numeric_limits<T>::infinity();
  std::fill(std::begin(table.thresholds), std::end(table.thresholds), kInfinity);
  std::copy(thresholds.begin(), thresholds.end(), table.thresholds);
  std::size_t n = thresholds.size();
  while (n > 0 && !(std::abs(thresholds[n - 1]) <= std::numeric_limits<T>::max())) --n;
  table.centre = n > 0 ? thresholds[n / 2] : 0;
  const T range = n > 0 ? thresholds[n * 3 / 4 < n ? n * 3 / 4 : n - 1] - thresholds[n / 4] : 0;
  simd::BucketTable<T> tried = table;
  table.most = simd::kMostInBucket + 1;
  for (const double wide : {0.5, 2.0, 0.125, 32.0}) {
    tried.spread = range > 0 && range < kInfinity ? range * static_cast<T>(wide) : 1;
    tried.spread = std::max(tried.spread, std::numeric_limits<T>::min());  // 0 / 0 has no place
    tried.low = n > 0 ? Bent(tried, thresholds[0]) : 0;
    const T width = n > 0 ? Bent(tried, thresholds[n - 1]) - tried.low : 0;
    tried.scale = static_cast<T>(simd::kBuckets - 1) / (width > 0 ? width : 1);
    tried.most = CountBuckets(thresholds, tried);
    if (tried.most < table.most) table = tried;
    if (table.most <= 1) break;
  }
  return table.most <= simd::kMostInBucket;
}

}  // namespace

bool FillBucketTable(const std::vector<double>& thresholds, simd::BucketTable<float>& table) {
  std::vector<float> narrow;
  for (const double threshold : thresholds) narrow.push_back(FloorToFloat(threshold));
  return Fill(narrow, table);
}

bool FillBucketTable(const std::vector<double>& thresholds, simd::BucketTable<double>& table) {
  return Fill(thresholds, table);
}

}  // namespace treeline
