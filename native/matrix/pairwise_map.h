#pragma once

#include <cstdint>
#include <vector>

#include "matrix/centers.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline {

/// What two rows are to each other.
enum class Pairwise {
  kEuclidean,         // |x - y|
  kSquaredEuclidean,  // |x - y|^2
  kManhattan,         // sum of |x_j - y_j|
  kCosine,            // 1 - cosine of the angle between x and y; 1 where one is zero
  kCosineSimilarity,  // the cosine; 0 where one is zero
  kRbf,               // exp(-gamma |x - y|^2)
  kLaplacian,         // exp(-gamma times the sum of |x_j - y_j|)
};

/// Every row of a block against some rows in memory: rows x n numbers, formed a few rows at a time.
/// The same bits for any chunks, threads and instruction set. Refuses values that are not finite.
class PairwiseMap final : public BlockMap {
 public:
  /// `others`: n x labels.size(), row-major.
  PairwiseMap(FeatureLabels labels, std::vector<double> others, Pairwise kind, double gamma);
  std::int64_t n_inputs() const noexcept override { return labels_.size(); }
  std::int64_t n_outputs() const noexcept override { return others_.size(); }
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override {
    return static_cast<std::size_t>(16 * others_.size() * others_.cols()) + turned_.bytes();
  }

 private:
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;
  void ReadTask(const Block& block, std::int64_t begin, std::int64_t count, double* rows) const;
  void Compare(double* rows, std::int64_t count, double* out) const;
  void CompareAngles(double* rows, std::int64_t count, double* out) const;
  void AbsoluteDistances(const double* rows, std::int64_t count, double* out) const;
  void TurnOthers();

  FeatureLabels labels_;
  Pairwise kind_;
  double gamma_;
  std::vector<double> shift_;  // what distances do not depend on, and lose digits to
  std::vector<bool> is_zero_;  // cosines: of the others
  Centers others_;
  AlignedBuffer<double> turned_;  // sums of absolute differences: by column
};

}  // namespace treeline
