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

static void WeightedMoments(const double* values, const double* weights, std::int64_t n,
                            double* total, double* mean, double* m2) noexcept {
  constexpr int kLanes = 8;
  double sums[kLanes] = {};
  double totals[kLanes] = {};
  for (std::int64_t i = 0; i < n; i += kLanes) {
    for (int lane = 0; lane < kLanes && i + lane < n; ++lane) {
      const double x = values[i + lane];
      const bool counts = x == x && weights[i + lane] > 0;
      sums[lane] += counts ? x * weights[i + lane] : 0.0;
      totals[lane] += counts ? weights[i + lane] : 0.0;
    }
  }
  double sum = 0;
  *total = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    sum += sums[lane];
    *total += totals[lane];
  }
  *mean = *total > 0 ? sum / *total : 0;
  *m2 = 0;
  if (!(*total > 0)) return;
  const double centre = *mean;
  double squares[kLanes] = {};
  double residues[kLanes] = {};
  for (std::int64_t i = 0; i < n; i += kLanes) {
    for (int lane = 0; lane < kLanes && i + lane < n; ++lane) {
      const double x = values[i + lane];
      const double d = x == x && weights[i + lane] > 0 ? x - centre : 0.0;
      squares[lane] += weights[i + lane] * (d * d);
      residues[lane] += weights[i + lane] * d;
    }
  }
  double square = 0;
  double residue = 0;
  for (int lane = 0; lane < kLanes; ++lane) {
    square += squares[lane];
    residue += residues[lane];
  }
  *m2 = square - residue * residue / *total;
}
