#pragma once

#include <vector>

#include "simd/boosting_kernels.h"

namespace treeline {

/// Lays out ascending thresholds for simd::PredictKernels::bin_*. False: they crowd so much that
/// some bucket has more than simd::kMostInBucket of them.
bool FillBucketTable(const std::vector<double>& thresholds, simd::BucketTable<float>& table);
bool FillBucketTable(const std::vector<double>& thresholds, simd::BucketTable<double>& table);

}  // namespace treeline
