// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.

static void AbsoluteDistances(const double* row, std::int64_t cols, const double* others,
                              std::int64_t stride, double* out) noexcept {
  double sum[kPairwiseLanes];
  for (int lane = 0; lane < kPairwiseLanes; ++lane) sum[lane] = 0;
  for (std::int64_t j = 0; j < cols; ++j, others += stride) {
    const double x = row[j];
    for (int lane = 0; lane < kPairwiseLanes; ++lane) sum[lane] += __builtin_fabs(x - others[lane]);
  }
  for (int lane = 0; lane < kPairwiseLanes; ++lane) out[lane] = sum[lane];
}
