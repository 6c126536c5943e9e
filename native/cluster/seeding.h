#pragma once

#include <cstdint>
#include <vector>

#include "cluster/point_store.h"

namespace treeline {

/// First centres by greedy k-means++ (Arthur, Vassilvitskii 2007; of 2 + ln k candidates each time
/// the one that lowers the inertia most, as scikit-learn): n x cols. `weights`: one a row, or
/// empty. Draws depend on the seed only.
std::vector<double> SeedPlusPlus(const PointStore& points, const std::vector<double>& weights,
                                 std::int64_t n, std::uint64_t seed, const Context& ctx);

/// First centres by k-means|| (Bahmani and others 2012): a few passes over all points, each of
/// which samples 2 n more, then k-means++ of the sample, weighted. For many points and centres.
std::vector<double> SeedParallel(const PointStore& points, const std::vector<double>& weights,
                                 std::int64_t n, std::uint64_t seed, const Context& ctx);

/// n different rows, by weight.
std::vector<double> SeedRandom(const PointStore& points, const std::vector<double>& weights,
                               std::int64_t n, std::uint64_t seed);

}  // namespace treeline
