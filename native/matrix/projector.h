#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/block.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline {

/// Multiplies rows, less a shift, by a fixed matrix that was packed once.
class Projector {
 public:
  /// weights: n_inputs x n_outputs, row-major; shift: n_inputs.
  Projector(const std::vector<double>& weights, std::vector<double> shift, std::int64_t n_outputs);

  std::int64_t n_inputs() const noexcept { return static_cast<std::int64_t>(shift_.size()); }
  std::int64_t n_outputs() const noexcept { return n_outputs_; }
  /// Columns of a result panel, and all of them.
  std::int64_t panel_width() const noexcept { return width_; }
  std::int64_t padded_outputs() const noexcept { return padded_; }
  std::size_t bytes() const noexcept { return packed_.bytes() + 8 * shift_.size(); }

  /// Rows a multiple of which Multiply works on.
  static std::int64_t RowStep() noexcept;
  /// Reads rows [begin, begin + count) of a block less the shift, row-major; zero rows up to
  /// `padded_rows`.
  void ReadShifted(const Block& block, std::int64_t begin, std::int64_t count,
                   std::int64_t padded_rows, double* rows) const noexcept;
  /// Products of `count` rows, a multiple of RowStep(), row-major: panel p of the result, rows of
  /// panel_width() numbers, begins at out + p * panel_stride.
  void Multiply(const double* rows, std::int64_t count, double* out,
                std::int64_t panel_stride) const noexcept;

 private:
  std::int64_t n_outputs_;
  std::int64_t width_;
  std::int64_t padded_;
  std::vector<double> shift_;
  AlignedBuffer<double> packed_;
};

/// Rows to (x - shift) W + offset: what PCA and its like do to a row block, there and back.
class ProjectionMap final : public BlockMap {
 public:
  /// weights: labels.size() x offset.size(), row-major.
  ProjectionMap(FeatureLabels labels, const std::vector<double>& weights, std::vector<double> shift,
                std::vector<double> offset);
  std::int64_t n_inputs() const noexcept override { return projector_.n_inputs(); }
  std::int64_t n_outputs() const noexcept override { return projector_.n_outputs(); }
  /// Throws Error{kInvalidData} naming row and column for a value that is not finite.
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override { return projector_.bytes(); }

 private:
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;

  FeatureLabels labels_;
  std::vector<double> offset_;
  Projector projector_;
};

}  // namespace treeline
