#pragma once

#include <cstdint>

namespace treeline::simd {

/// Lanes in which sums over rows are kept, whatever the width of a register, and the rows a tile is
/// rounded up to.
inline constexpr int kLinearLanes = 8;
inline constexpr std::int64_t kLinearRowAlign = 64;

/// Loops over tiles of columns for linear models; linear-inl.h says what each does. `rows` is a
/// multiple of kLinearRowAlign except in scan_* and narrow_exactly.
struct LinearKernels {
  void (*centre_f32)(const float* x, std::int64_t x_stride, std::int64_t cols, std::int64_t rows,
                     const double* shift, double* z, std::int64_t z_stride) noexcept;
  void (*centre_f64)(const double* x, std::int64_t x_stride, std::int64_t cols, std::int64_t rows,
                     const double* shift, double* z, std::int64_t z_stride) noexcept;
  void (*add_margins)(const double* z, std::int64_t z_stride, std::int64_t cols, std::int64_t rows,
                      const double* coef, double* out) noexcept;
  void (*add_products)(const double* a, std::int64_t a_stride, std::int64_t na, const double* b,
                       std::int64_t b_stride, std::int64_t nb, std::int64_t rows, bool upper,
                       double* lanes) noexcept;
  void (*scale_rows)(const double* z, std::int64_t z_stride, std::int64_t cols, std::int64_t rows,
                     const double* weight, double* out, std::int64_t out_stride) noexcept;
  void (*binomial_loss)(const double* margin, const std::int32_t* code, const double* weight,
                        std::int64_t rows, double* residual, double* curvature, double* scratch,
                        double* loss) noexcept;
  void (*multinomial_loss)(double* margin, std::int64_t stride, std::int64_t classes,
                           const std::int32_t* code, const double* weight, std::int64_t rows,
                           double* residual, double* scratch, double* loss) noexcept;
  void (*sigmoids)(const double* margin, std::int64_t rows, double* out) noexcept;
  void (*log_sigmoids)(const double* margin, std::int64_t rows, double* out) noexcept;
  void (*softmax)(double* margin, std::int64_t stride, std::int64_t classes, std::int64_t rows,
                  bool logarithms, double* scratch) noexcept;
  void (*scan_f32)(const float* values, std::int64_t rows, double* mean, double* m2) noexcept;
  void (*scan_f64)(const double* values, std::int64_t rows, double* mean, double* m2) noexcept;
  bool (*narrow_exactly)(const double* values, std::int64_t rows, float* out) noexcept;
};

/// Rows of one tile for a loss of a generalised linear model: half a deviance of the target, given
/// the margin.
struct GlmRows {
  const double* margin = nullptr;
  const double* target = nullptr;
  const double* weight = nullptr;  // a row that weighs 0 counts for nothing, whatever its loss is
  std::int64_t rows = 0;
  /// What the loss is told: the power of a Tweedie loss; epsilon and the scale of a Huber loss.
  const double* parameters = nullptr;
  double* residual = nullptr;      // weight * d loss / d margin
  double* curvature = nullptr;     // weight * a positive second derivative; null: not wanted
  double* loss = nullptr;          // kLinearLanes sums, added to
  double* scratch = nullptr;       // `rows` doubles
  double* scale_column = nullptr;  // Huber's loss only: (target - margin) / scale
};

/// Losses of generalised linear models over a tile; glm-inl.h says what each is.
struct GlmKernels {
  void (*squared)(const GlmRows& rows) noexcept;
  void (*poisson)(const GlmRows& rows) noexcept;
  void (*gamma)(const GlmRows& rows) noexcept;
  void (*tweedie_log)(const GlmRows& rows) noexcept;
  void (*tweedie_identity)(const GlmRows& rows) noexcept;
  void (*huber)(const GlmRows& rows) noexcept;
};

}  // namespace treeline::simd
