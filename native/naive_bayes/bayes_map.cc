#include "naive_bayes/bayes_map.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// A row that no class explains at all is one that all explain alike.
void LiftImpossible(double* scores, std::int64_t stride, std::int64_t n, std::int64_t rows) {
  for (std::int64_t i = 0; i < rows; ++i) {
    double best = scores[i];
    for (std::int64_t k = 1; k < n; ++k) best = std::max(best, scores[k * stride + i]);
    if (best != -std::numeric_limits<double>::infinity()) continue;
    for (std::int64_t k = 0; k < n; ++k) scores[k * stride + i] = 0;
  }
}

std::int64_t OutputsOf(const BayesModel& model, BayesOutput output) noexcept {
  return output == BayesOutput::kClass ? 1 : model.n_classes();
}

}  // namespace

BayesMap::BayesMap(const FeatureLabels& labels, BayesModel model, BayesOutput output)
    : StripMap(labels, OutputsOf(model, output),
               model.n_classes() + 2 + (model.threshold ? labels.size() : 0)),
      model_(std::move(model)),
      output_(output),
      where_(labels.where()) {}

std::size_t BayesMap::bytes() const noexcept {
  return 8 * (model_.intercept.size() + model_.centre.size() + model_.scale.size());
}

void BayesMap::MapStrip(const double* z, double* out) const {
  const std::int64_t n = model_.n_classes();
  double* scores = output_ == BayesOutput::kClass ? out + kStripRows : out;
  double* scratch = scores + n * kStripRows;
  for (std::int64_t k = 0; k < n; ++k)
    std::fill_n(scores + k * kStripRows, kStripRows, model_.intercept[k]);
  if (model_.kind == BayesModel::Kind::kGaussian) AddGaussian(z, scores);
  if (model_.kind == BayesModel::Kind::kLinear) AddLinear(z, scores, scratch);
  if (model_.kind == BayesModel::Kind::kCategorical) AddCategorical(z, scores);
  if (output_ == BayesOutput::kJoint) return;
  LiftImpossible(scores, kStripRows, n, kStripRows);
  if (output_ == BayesOutput::kClass) return ArgMaxRows(scores, kStripRows, n, kStripRows, out);
  simd::Active().linear.softmax(scores, kStripRows, n, kStripRows,
                                output_ == BayesOutput::kLogProbability, scratch);
}

void BayesMap::AddGaussian(const double* z, double* scores) const noexcept {
  for (std::int64_t k = 0; k < model_.n_classes(); ++k) {
    simd::Active().rows.subtract_scaled_squares(
        z, kStripRows, n_inputs(), kStripRows, model_.centre.data() + k * n_inputs(),
        model_.scale.data() + k * n_inputs(), scores + k * kStripRows);
  }
}

/// `binary`: n_inputs columns of memory where values are made 0 or 1.
void BayesMap::AddLinear(const double* z, double* scores, double* binary) const noexcept {
  if (model_.threshold) {
    for (std::int64_t i = 0; i < n_inputs() * kStripRows; ++i)
      binary[i] = z[i] > *model_.threshold ? 1.0 : 0.0;
    z = binary;
  }
  for (std::int64_t k = 0; k < model_.n_classes(); ++k) {
    simd::Active().linear.add_margins(z, kStripRows, n_inputs(), kStripRows,
                                      model_.scale.data() + k * n_inputs(),
                                      scores + k * kStripRows);
  }
}

void BayesMap::AddCategorical(const double* z, double* scores) const {
  const std::int64_t n = model_.n_classes();
  for (std::int64_t j = 0; j < n_inputs(); ++j) {
    const auto begin = static_cast<std::int64_t>(model_.offsets[j]);
    const std::int64_t categories = (static_cast<std::int64_t>(model_.offsets[j + 1]) - begin) / n;
    for (std::int64_t i = 0; i < kStripRows; ++i) {
      const double value = z[j * kStripRows + i];
      if (!(value >= 0 && value < static_cast<double>(categories) && value == std::floor(value))) {
        throw Error(ErrorCode::kInvalidData,
                    where_ + ": column " + std::to_string(j) +
                        " has a category that fit did not see, fit saw 0 to " +
                        std::to_string(categories - 1));
      }
      const double* entry = model_.scale.data() + begin + static_cast<std::int64_t>(value) * n;
      for (std::int64_t k = 0; k < n; ++k) scores[k * kStripRows + i] += entry[k];
    }
  }
}

}  // namespace treeline
