// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.
//
// Loops over one vector, or two. Sums are kept in kRowLanes lanes: lane l adds the elements l,
// l + kRowLanes, … in that order, and the lanes are added in theirs, whatever the width of a
// register is.

/// The lanes added in order.
static inline double AddLanes(const double* lanes) noexcept {
  double sum = 0;
  for (int lane = 0; lane < kRowLanes; ++lane) sum += lanes[lane];
  return sum;
}

static double RowSum(const double* values, std::int64_t n) noexcept {
  double lanes[kRowLanes] = {};
  std::int64_t i = 0;
  for (; i + kRowLanes <= n; i += kRowLanes) {
    for (int lane = 0; lane < kRowLanes; ++lane) lanes[lane] += values[i + lane];
  }
  for (int lane = 0; i + lane < n; ++lane) lanes[lane] += values[i + lane];
  return AddLanes(lanes);
}

template <typename T>
static double RowDot(const T* a, const double* b, std::int64_t n) noexcept {
  double lanes[kRowLanes] = {};
  std::int64_t i = 0;
  for (; i + kRowLanes <= n; i += kRowLanes) {
    for (int lane = 0; lane < kRowLanes; ++lane)
      lanes[lane] += static_cast<double>(a[i + lane]) * b[i + lane];
  }
  for (int lane = 0; i + lane < n; ++lane)
    lanes[lane] += static_cast<double>(a[i + lane]) * b[i + lane];
  return AddLanes(lanes);
}

template <typename T>
static void RowAddScaled(const T* x, double factor, std::int64_t n, double* out) noexcept {
  for (std::int64_t i = 0; i < n; ++i) out[i] += factor * static_cast<double>(x[i]);
}

static bool RowIsFinite(const double* values, std::int64_t n) noexcept {
  constexpr std::uint64_t kExponent = 0x7ff0000000000000ULL;
  std::uint64_t bad = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const std::uint64_t bits = __builtin_bit_cast(std::uint64_t, values[i]);
    bad |= (bits & kExponent) == kExponent ? 1 : 0;
  }
  return bad == 0;
}

static void SubtractScaledSquares(const double* z, std::int64_t z_stride, std::int64_t cols,
                                  std::int64_t rows, const double* centre, const double* scale,
                                  double* out) noexcept {
  for (std::int64_t j = 0; j < cols; ++j) {
    const double* column = z + j * z_stride;
    const double c = centre[j];
    const double s = scale[j];
    for (std::int64_t i = 0; i < rows; ++i) {
      const double d = column[i] - c;
      out[i] -= s * (d * d);
    }
  }
}
