#pragma once

#include <optional>
#include <vector>

#include "matrix/strip_map.h"

namespace treeline {

/// What a naive Bayes model says of a row: log of prior times likelihood, of every class;
/// probabilities; their logarithms; the most probable class's code.
enum class BayesOutput { kJoint, kProbability, kLogProbability, kClass };

/// The likelihood of a row, by class. Gaussian: intercept - sum of scale (x - centre)^2. Linear
/// (multinomial, complement, Bernoulli): intercept + sum of coef x. Categorical: intercept + the
/// entry of x in a table per column.
struct BayesModel {
  enum class Kind { kGaussian, kLinear, kCategorical };
  Kind kind = Kind::kGaussian;
  std::vector<double> intercept;  // n_classes
  std::vector<double> centre;     // Gaussian: n_classes x n_features
  std::vector<double> scale;      // Gaussian: n_classes x n_features; linear: the coefficients;
                                  // categorical: the tables of the columns, categories x n_classes
  std::vector<double> offsets;    // categorical: n_features + 1 places of the tables in `scale`
  std::optional<double> threshold;  // Bernoulli: x counts as 1 where it is larger, else as 0

  std::int64_t n_classes() const noexcept { return static_cast<std::int64_t>(intercept.size()); }
};

/// Rows to what a naive Bayes model says of them. Refuses values that are not finite; a categorical
/// model refuses categories that fit did not see.
class BayesMap final : public StripMap {
 public:
  BayesMap(const FeatureLabels& labels, BayesModel model, BayesOutput output);
  std::size_t bytes() const noexcept override;

 protected:
  void MapStrip(const double* z, double* out) const override;

 private:
  void AddGaussian(const double* z, double* scores) const noexcept;
  void AddLinear(const double* z, double* scores, double* binary) const noexcept;
  void AddCategorical(const double* z, double* scores) const;

  BayesModel model_;
  BayesOutput output_;
  std::string where_;
};

}  // namespace treeline
