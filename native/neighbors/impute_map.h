#pragma once

#include <cstdint>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline {

/// Rows with the missing values filled in by the nearest rows that have them. Distances are
/// Euclidean over the columns that both rows have, scaled up to all columns (scikit-learn's
/// nan_euclidean_distances); rows without a column in common are no donors. Where there is no donor
/// the mean of the column stands, NaN where it holds no value. Refuses infinite values.
class ImputeMap final : public BlockMap {
 public:
  /// `values`: rows x labels.size(), row-major, NaN where missing. `by_distance`: donors weigh
  /// 1 / distance (those at distance 0 alone, where there are such), else all alike.
  ImputeMap(FeatureLabels labels, const std::vector<double>& values, std::int64_t k,
            bool by_distance);
  std::int64_t n_inputs() const noexcept override { return labels_.size(); }
  std::int64_t n_outputs() const noexcept override { return labels_.size(); }
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override { return 8 * (values_.size() + has_.size()); }

 private:
  void FillRow(double* row) const;
  std::vector<double> DistancesFrom(const double* row) const;
  double Imputed(const std::vector<double>& distances, std::int64_t column) const;

  FeatureLabels labels_;
  std::int64_t rows_;
  std::int64_t k_;
  bool by_distance_;
  std::vector<double> values_;  // 0 where missing
  std::vector<double> has_;     // 1, or 0 where missing
  std::vector<double> means_;
};

}  // namespace treeline
