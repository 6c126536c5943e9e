// Compiled once per instruction set, inside a target region and a namespace of its own
// (target_*.cc): no #pragma once, no includes, no standard templates.

template <bool kSecond>
static void FindNearest(const double* products, std::int64_t panel_stride, std::int64_t n_panels,
                        std::int64_t rows, const double* norms, std::int32_t* label, double* score,
                        double* second) noexcept {
  constexpr int kWidth = static_cast<int>(sizeof(GemmF64) / sizeof(double)) * kGemmVectors;
  constexpr double kInfinity = __builtin_inf();
  for (std::int64_t i = 0; i < rows; ++i) {
    double best[kWidth];
    double next[kWidth];
    std::int64_t at[kWidth];
    for (int lane = 0; lane < kWidth; ++lane) {
      best[lane] = kInfinity;
      next[lane] = kInfinity;
      at[lane] = 0;
    }
    const double* row = products + i * kWidth;
    for (std::int64_t p = 0; p < n_panels; ++p) {
      const double* panel = row + p * panel_stride;
      const double* norm = norms + p * kWidth;
      for (int lane = 0; lane < kWidth; ++lane) {
        const double value = panel[lane] + norm[lane];
        const bool nearer = value < best[lane];
        if (kSecond) {
          const double other = nearer ? best[lane] : value;
          next[lane] = other < next[lane] ? other : next[lane];
        }
        best[lane] = nearer ? value : best[lane];
        at[lane] = nearer ? p : at[lane];
      }
    }
    int lane = 0;
    for (int other = 1; other < kWidth; ++other) {
      const bool nearer =
          best[other] < best[lane] || (best[other] == best[lane] && at[other] < at[lane]);
      lane = nearer ? other : lane;
    }
    label[i] = static_cast<std::int32_t>(at[lane] * kWidth + lane);
    score[i] = best[lane];
    if (!kSecond) continue;
    double least = next[lane];
    for (int other = 0; other < kWidth; ++other) {
      if (other != lane && best[other] < least) least = best[other];
    }
    second[i] = least;
  }
}

static void Nearest(const double* products, std::int64_t panel_stride, std::int64_t n_panels,
                    std::int64_t rows, const double* norms, std::int32_t* label, double* score,
                    double* second) noexcept {
  if (second == nullptr) {
    FindNearest<false>(products, panel_stride, n_panels, rows, norms, label, score, second);
  } else {
    FindNearest<true>(products, panel_stride, n_panels, rows, norms, label, score, second);
  }
}
