// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.

static double VectorDot(const double* x, const double* y, std::int64_t n) noexcept {
  double sums[kVectorLanes] = {};
  std::int64_t i = 0;
  for (; i + kVectorLanes <= n; i += kVectorLanes) {
    for (int lane = 0; lane < kVectorLanes; ++lane) sums[lane] += x[i + lane] * y[i + lane];
  }
  for (int lane = 0; i + lane < n; ++lane) sums[lane] += x[i + lane] * y[i + lane];
  double sum = 0;
  for (int lane = 0; lane < kVectorLanes; ++lane) sum += sums[lane];
  return sum;
}

static void VectorAxpy(double factor, const double* x, std::int64_t n, double* y) noexcept {
  for (std::int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

static void VectorRotate(double c, double s, std::int64_t n, double* x, double* y) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    const double first = x[i];
    const double second = y[i];
    x[i] = c * first - s * second;
    y[i] = s * first + c * second;
  }
}
