#pragma once

#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/sparse_rows.h"

namespace treeline {

/// What a fitted linear model says of a row.
enum class LogisticOutput { kDecision, kProbability, kLogProbability, kClass, kExponential };

/// Rows to decision values (one per output) or their exponentials, to probabilities or
/// log-probabilities (one per class), or to the most probable class's code. Refuses values that are
/// not finite.
class LogisticMap final : public BlockMap, public SparseRowMap {
 public:
  /// coef: n_outputs x n_features; intercept: n_outputs; one output for two classes.
  LogisticMap(FeatureLabels labels, std::vector<double> coef, std::vector<double> intercept,
              LogisticOutput output);

  std::int64_t n_inputs() const noexcept override { return labels_.size(); }
  std::int64_t n_outputs() const noexcept override;
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  void Apply(const SparseRows& rows, double* out, const Context& ctx) const override;
  const FeatureLabels& labels() const noexcept override { return labels_; }
  std::size_t bytes() const noexcept override { return 8 * (coef_.size() + intercept_.size()); }

 private:
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;
  template <typename T>
  void Finish(std::int64_t count, double* margins, T* out) const;
  /// Sets of margins a strip needs: two for the probabilities of two classes.
  std::int64_t n_margins() const noexcept {
    return static_cast<std::int64_t>(intercept_.size()) + (intercept_.size() == 1 ? 1 : 0);
  }
  void Margins(const Block& block, std::int64_t begin, std::int64_t count, double* z,
               double* margins) const;
  void Link(std::int64_t rows, double* margins, double* scratch) const;
  template <typename T>
  void Write(const double* values, std::int64_t count, T* out) const;

  FeatureLabels labels_;
  std::vector<double> coef_;
  std::vector<double> intercept_;
  LogisticOutput output_;
};

}  // namespace treeline
