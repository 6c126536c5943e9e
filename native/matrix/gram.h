#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/feature_labels.h"
#include "matrix/row_cutter.h"
#include "matrix/sink.h"

namespace treeline {

/// Sums over the rows x of a table: of (x - shift) and of (x - shift)(x - shift)^T.
struct Gram {
  std::int64_t rows = 0;
  std::vector<double> shift;
  std::vector<double> sums;
  std::vector<double> products;  // cols x cols, symmetric

  std::vector<double> Mean() const;
  /// Products about the mean, divided by `divisor`: the covariance where it is rows - 1.
  std::vector<double> Covariance(double divisor) const;
};

enum class GramShift {
  kNone,     // products of the values as they are
  kNearMean  // of values less the mean of the first slot: no digits are lost to a mean far from 0
};

/// X^T X and column sums in one pass: per slot by matrix products (gemm.h), merged in slot order.
class GramSink final : public Sink {
 public:
  GramSink(FeatureLabels labels, GramShift shift);
  /// Throws Error{kInvalidData} naming row and column for a value that is not finite.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override {
    return cutter_.bytes() + 8 * (total_.products.size() + partials_.size());
  }

  /// The sums so far. Further pushes may follow.
  Gram Result(const Context& ctx);
  std::int64_t rows() const noexcept { return cutter_.rows(); }

 private:
  struct Scratch {
    AlignedBuffer<double> rows;
    AlignedBuffer<double> panels;
  };
  void Consume(std::span<const RowSlot> slots, const Context& ctx, Gram& total);
  void FindShift(const RowSlot& slot, Gram& total) const;
  void SumSlot(const RowSlot& slot, const std::vector<double>& shift, Scratch& scratch,
               double* sums, double* products) const;
  void Merge(const RowSlot& slot, const double* partial, Gram& total) const;

  FeatureLabels labels_;
  GramShift shift_;
  RowCutter cutter_;
  Gram total_;
  AlignedBuffer<double> partials_;
};

}  // namespace treeline
