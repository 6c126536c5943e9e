#pragma once

#include <vector>

#include "matrix/sparse_rows.h"
#include "matrix/strip_map.h"

namespace treeline {

/// What a linear model of one-against-all outputs says of a row.
enum class MarginOutput {
  kDecision,    // coef x + intercept, of every output
  kClass,       // the code of the class with the largest one; for one output 1 where it is positive
  kSigmoid,     // probabilities by 1 / (1 + e^-decision), for more than one output divided by their
                // sum
  kClipped,     // the same by (clip(decision, -1, 1) + 1) / 2 (modified Huber loss)
  kLogSigmoid,  // logarithms of kSigmoid
  kLogClipped,  // logarithms of kClipped
};

/// Rows to decisions, probabilities or classes. One output stands for two classes.
class MarginMap final : public StripMap, public SparseRowMap {
 public:
  /// coef: n_outputs x n_features; intercept: n_outputs.
  MarginMap(FeatureLabels labels, std::vector<double> coef, std::vector<double> intercept,
            MarginOutput output);
  using StripMap::Apply;
  void Apply(const SparseRows& rows, double* out, const Context& ctx) const override;
  const FeatureLabels& labels() const noexcept override { return StripMap::labels(); }
  std::size_t bytes() const noexcept override { return 8 * (coef_.size() + intercept_.size()); }

 protected:
  void MapStrip(const double* z, double* out) const override;

 private:
  /// Where a strip's margins lie among its values.
  double* MarginsIn(double* values) const noexcept {
    return output_ == MarginOutput::kClass ? values + kStripRows : values;
  }
  void Link(double* values) const;
  void Probabilities(double* out) const;

  std::vector<double> coef_;
  std::vector<double> intercept_;
  MarginOutput output_;
};

}  // namespace treeline
