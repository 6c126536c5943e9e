#pragma once

#include <vector>

#include "matrix/centers.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline {

enum class CentersOutput { kLabel, kSquaredDistance };

/// Rows to the nearest centre's number, or to the squared distance from it. Refuses values that are
/// not finite.
class CentersMap final : public BlockMap {
 public:
  /// centers: n x labels.size(), less the shift.
  CentersMap(FeatureLabels labels, const std::vector<double>& centers, std::vector<double> shift,
             CentersOutput output);
  std::int64_t n_inputs() const noexcept override { return labels_.size(); }
  std::int64_t n_outputs() const noexcept override { return 1; }
  void Apply(const Block& block, double* out, const Context& ctx) const override;
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override {
    return static_cast<std::size_t>(16 * centers_.size() * centers_.cols());
  }

 private:
  template <typename T>
  void ApplyTo(const Block& block, T* out, const Context& ctx) const;

  FeatureLabels labels_;
  std::vector<double> values_;
  std::vector<double> shift_;
  CentersOutput output_;
  Centers centers_;
};

}  // namespace treeline
