#include "linear/glm_problem.h"

#include <cmath>

namespace treeline {

namespace {

/// The columns' deviations (`factor` inverted) beside the size of their entries, at most 1.
std::vector<double> UnitsOf(const SparseStore& sparse, const std::vector<double>& factor) {
  std::vector<double> unit;
  for (std::int64_t j = 0; j < sparse.cols(); ++j) {
    const Moments& moments = sparse.moments()[j];
    const auto entries =
        static_cast<double>(sparse.by_column().end(j) - sparse.by_column().begin(j));
    const double squares = moments.m2 + moments.count * moments.mean * moments.mean;
    const double size = std::sqrt(squares / entries) * factor[j];
    unit.push_back(size > 1 ? 1 / size : 1);
  }
  return unit;
}

}  // namespace

void GlmProblem::Standardise() {
  shift.clear();
  factor.clear();
  for (const Moments& moments : table.moments()) {
    const double mean = moments.mean;
    const double deviation = std::sqrt(moments.Variance());
    const bool is_constant = !(deviation > 1e-14 * std::abs(mean));
    double scale = is_constant ? 0 : deviation;
    if (!fit_intercept) scale = std::sqrt(moments.Variance() + mean * mean);
    shift.push_back(fit_intercept ? mean : 0);
    factor.push_back(scale > 0 && std::isfinite(1 / scale) ? 1 / scale : 0);
  }
  unit.clear();
  if (table.sparse() != nullptr) unit = UnitsOf(*table.sparse(), factor);
}

std::vector<double> GlmProblem::ToInternal(const std::vector<double>& coef,
                                           const std::vector<double>& intercept) const {
  const std::int64_t cols = table.cols();
  std::vector<double> w(static_cast<std::size_t>(size()));
  for (std::int64_t k = 0; k < n_outputs(); ++k) {
    double shifted = intercept[k];
    for (std::int64_t j = 0; j < cols; ++j) {
      const double c = coef[k * cols + j];
      if (factor[j] != 0) w[k * width() + j] = c / factor[j];
      shifted += c * shift[j];
    }
    if (fit_intercept) w[k * width() + cols] = shifted;
  }
  return w;
}

void GlmProblem::ToOriginal(const std::vector<double>& w, std::vector<double>& coef,
                            std::vector<double>& intercept) const {
  const std::int64_t cols = table.cols();
  for (std::int64_t k = 0; k < n_outputs(); ++k) {
    double constant = fit_intercept ? w[k * width() + cols] : 0;
    for (std::int64_t j = 0; j < cols; ++j) {
      const double c = w[k * width() + j] * factor[j];
      coef.push_back(c);
      constant -= c * shift[j];
    }
    intercept.push_back(fit_intercept ? constant : 0);
  }
}

}  // namespace treeline
