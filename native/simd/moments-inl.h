// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.

static void ColumnMoments(const double* values, std::int64_t n, std::int64_t* count, double* mean,
                          double* m2) noexcept {
  constexpr int kLanes = 8;
  double sums[kLanes] = {};
  double counts[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const double x = values[i + lane];
      const bool valid = x == x;
      sums[lane] += valid ? x : 0.0;
      counts[lane] += valid ? 1.0 : 0.0;
    }
  }
  for (int lane = 0; i + lane < n; ++lane) {
    const double x = values[i + lane];
    const bool valid = x == x;
    sums[lane] += valid ? x : 0.0;
    counts[lane] += valid ? 1.0 : 0.0;
  }
  double sum = 0;
  double total = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    sum += sums[lane];
    total += counts[lane];
  }
  *count = static_cast<std::int64_t>(total);
  *mean = total > 0 ? sum / total : 0;
  *m2 = 0;
  if (total == 0) return;
  const double centre = *mean;
  double squares[kLanes] = {};
  double residues[kLanes] = {};
  for (i = 0; i + kLanes <= n; i += kLanes) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const double x = values[i + lane];
      const double d = x == x ? x - centre : 0.0;
      squares[lane] += d * d;
      residues[lane] += d;
    }
  }
  for (int lane = 0; i + lane < n; ++lane) {
    const double x = values[i + lane];
    const double d = x == x ? x - centre : 0.0;
    squares[lane] += d * d;
    residues[lane] += d;
  }
  double square = 0;
  double residue = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    square += squares[lane];
    residue += residues[lane];
  }
  *m2 = square - residue * residue / total;
}
