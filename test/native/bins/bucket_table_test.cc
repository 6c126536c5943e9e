#include "bins/bucket_table.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"

using namespace treeline;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// The thresholds, their neighbours, and values of every size.
template <typename T>
std::vector<T> ValuesAround(const std::vector<double>& thresholds) {
  std::vector<T> x = {static_cast<T>(kNaN),
                      static_cast<T>(kInf),
                      static_cast<T>(-kInf),
                      0,
                      std::numeric_limits<T>::denorm_min(),
                      std::numeric_limits<T>::max(),
                      std::numeric_limits<T>::lowest()};
  for (const double threshold : thresholds) {
    const auto t = static_cast<T>(threshold);
    for (const double to : {kInf, -kInf}) x.push_back(std::nextafter(t, static_cast<T>(to)));
    x.push_back(t);
    x.push_back(t * static_cast<T>(1.1));
  }
  for (std::uint64_t i = 0; i < 300; ++i)
    x.push_back(static_cast<T>(100 * RandomUniform(1, 2, i) - 50));
  return x;
}

template <typename T, typename Bin>
void CheckBins(const std::vector<double>& thresholds, const simd::BucketTable<T>& table, Bin bin) {
  const std::vector<T> x = ValuesAround<T>(thresholds);
  for (std::size_t n = 0; n <= x.size(); n = n < 70 ? n + 1 : n + x.size() / 3) {
    std::vector<std::uint8_t> bins(x.size() + 1, 77);
    bin(table, x.data(), static_cast<std::int64_t>(n), bins.data());
    for (std::size_t i = 0; i < n; ++i) {
      const auto below = std::count_if(thresholds.begin(), thresholds.end(),
                                       [&](double t) { return t < static_cast<double>(x[i]); });
      REQUIRE(bins[i] == (std::isnan(x[i]) ? simd::kMissingBin : below));
    }
    CHECK(bins[n] == 77);
  }
}

void CheckThresholds(const std::vector<double>& thresholds, bool fits) {
  CAPTURE(thresholds.size());
  simd::BucketTable<float> floats;
  simd::BucketTable<double> doubles;
  CHECK(FillBucketTable(thresholds, doubles) == fits);
  if (!fits) return;
  for (const simd::Kernels* kernels : simd::Supported())
    CheckBins(thresholds, doubles, kernels->predict.bin_doubles);
  if (!FillBucketTable(thresholds, floats)) return;
  for (const simd::Kernels* kernels : simd::Supported())
    CheckBins(thresholds, floats, kernels->predict.bin_floats);
}

}  // namespace

TEST_CASE("bins by buckets are the numbers of thresholds below, whatever the thresholds") {
  CheckThresholds({0}, true);
  CheckThresholds({kInf}, true);
  CheckThresholds({-1e300, 5, kInf}, true);
  CheckThresholds({1, std::nextafter(1.0, 2.0)}, true);
  CheckThresholds({-1e308, 0, 1e308}, true);
  CheckThresholds({0, 1e-310, 2e-310}, true);
  std::vector<double> even, normal, heavy, crowded;
  for (int i = 0; i < 254; ++i) {
    const double p = (i + 0.5) / 254;
    even.push_back(i - 100);
    normal.push_back(std::log(p / (1 - p)));
    heavy.push_back(std::tan(3.1 * (p - 0.5)));
    crowded.push_back(i < 250 ? i : 1e6 * i);
  }
  CheckThresholds(even, true);
  CheckThresholds(normal, true);
  CheckThresholds(heavy, true);
  CheckThresholds(crowded, true);
  std::vector<double> too_crowded;
  for (int i = 0; i < 200; ++i) too_crowded.push_back(i % 100 * 1e-9 + (i < 100 ? -1e5 : 1e5));
  CheckThresholds(too_crowded, false);
}
