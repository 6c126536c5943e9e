#pragma once

#include <algorithm>
#include <cstdint>

#include "core/aligned_buffer.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline {

/// A BlockMap that sees strips of rows as columns, all of them finite: what maps of linear and
/// Bayesian models have in common. NaN and infinities are refused by name.
class StripMap : public BlockMap {
 public:
  /// Rows of a strip: a strip of a few dozen columns stays in the first-level cache.
  static constexpr std::int64_t kStripRows = 128;

  std::int64_t n_inputs() const noexcept final { return labels_.size(); }
  std::int64_t n_outputs() const noexcept final { return n_outputs_; }
  void Apply(const Block& block, double* out, const Context& ctx) const final;
  void Apply(const Block& block, float* out, const Context& ctx) const final;

 protected:
  /// `n_scratch`: columns of memory MapStrip needs besides its outputs.
  StripMap(FeatureLabels labels, std::int64_t n_outputs, std::int64_t n_scratch)
      : labels_(std::move(labels)), n_outputs_(n_outputs), n_scratch_(n_scratch) {}

  /// From n_inputs() columns of kStripRows rows at `z` to n_outputs() columns at `out`, behind
  /// which lie the columns of scratch memory. Rows past the end of the table are zeros.
  virtual void MapStrip(const double* z, double* out) const = 0;

  const FeatureLabels& labels() const noexcept { return labels_; }

  /// Calls strip(first row, rows, thread, values) for every strip, on all threads; `values` is
  /// memory for outputs and scratch, and what strip leaves there, as MapStrip does, is written to
  /// `out`.
  template <typename T, typename Strip>
  void ForEachStrip(std::int64_t rows, T* out, const Context& ctx, Strip&& strip) const {
    const std::int64_t width = n_outputs();
    ctx.ParallelFor((rows + kRowsPerTask - 1) / kRowsPerTask, [&](std::int64_t task, int thread) {
      AlignedBuffer<double> values(static_cast<std::size_t>((width + n_scratch_) * kStripRows));
      const std::int64_t end = std::min(rows, (task + 1) * kRowsPerTask);
      for (std::int64_t row = task * kRowsPerTask; row < end; row += kStripRows) {
        const std::int64_t count = std::min(kStripRows, end - row);
        strip(row, count, thread, values.data());
        for (std::int64_t k = 0; k < width; ++k) {
          const double* from = values.data() + k * kStripRows;
          T* to = out + row * width + k;
          for (std::int64_t i = 0; i < count; ++i) to[i * width] = static_cast<T>(from[i]);
        }
      }
    });
  }

 private:
  static constexpr std::int64_t kRowsPerTask = 2048;
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;

  FeatureLabels labels_;
  std::int64_t n_outputs_;
  std::int64_t n_scratch_;
};

/// The column with the largest value of each row (the first of equals): `scores` are n columns of
/// `rows` rows, `stride` apart.
void ArgMaxRows(const double* scores, std::int64_t stride, std::int64_t n, std::int64_t rows,
                double* out) noexcept;

}  // namespace treeline
