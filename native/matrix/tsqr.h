#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/projector.h"
#include "matrix/row_cutter.h"
#include "matrix/sink.h"

namespace treeline {

/// R of a QR factorisation: height x cols, row-major, zeros below the diagonal.
struct UpperFactor {
  std::int64_t height = 0;
  std::int64_t cols = 0;
  std::vector<double> values;
};

/// R of the QR factorisation of a table, in one pass: each slot is factored by itself, the factors
/// are merged in slot order (TSQR: Demmel, Grigori, Hoemmen, Langou 2012). As accurate as
/// Householder's on the whole table, where R from X^T X keeps half the digits.
class TsqrSink final : public Sink {
 public:
  /// With `intercept`, of the table with a column of ones before the first: R without its first row
  /// and column is then R of the table less its column means. With `projection`, of (X - shift) W.
  TsqrSink(FeatureLabels labels, bool intercept, std::optional<Projector> projection);
  /// Throws Error{kInvalidData} naming row and column for a value that is not finite.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override {
    return cutter_.bytes() + 8 * total_.values.size() + (projection_ ? projection_->bytes() : 0);
  }

  /// The factor so far. Further pushes may follow.
  UpperFactor Result(const Context& ctx) const;
  std::int64_t rows() const noexcept { return cutter_.rows(); }

 private:
  std::int64_t cols() const noexcept;
  void Consume(std::span<const RowSlot> slots, const Context& ctx, UpperFactor& total) const;
  UpperFactor FactorSlot(const RowSlot& slot) const;
  void FillColumns(const RowSlot& slot, double* columns) const;

  FeatureLabels labels_;
  bool intercept_;
  std::optional<Projector> projection_;
  RowCutter cutter_;
  UpperFactor total_;
};

/// R of two factors' rows, one above the other.
UpperFactor MergeFactors(const UpperFactor& a, UpperFactor b);

/// Z = (X - shift)^T (X - shift) Q in one pass: a step of subspace iteration towards the leading
/// right singular vectors (Halko, Martinsson, Tropp 2011). Partial sums per slot, in slot order.
class SubspaceSink final : public Sink {
 public:
  /// Q and the shift are the projector's.
  SubspaceSink(FeatureLabels labels, Projector projector);
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override {
    return cutter_.bytes() + 8 * total_.size() + projector_.bytes();
  }

  /// Z so far: n_features x projector.n_outputs(), row-major.
  std::vector<double> Result(const Context& ctx) const;
  std::int64_t rows() const noexcept { return cutter_.rows(); }

 private:
  void Consume(std::span<const RowSlot> slots, const Context& ctx,
               std::vector<double>& total) const;
  void SumSlot(const RowSlot& slot, std::vector<double>& partial) const;

  FeatureLabels labels_;
  Projector projector_;
  RowCutter cutter_;
  std::vector<double> total_;
};

}  // namespace treeline
