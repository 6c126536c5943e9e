#include "boosting/row_predictor.h"

#include <algorithm>
#include <utility>

namespace treeline::boosting {

RowPredictor::RowPredictor(std::shared_ptr<const Model> model, LossKind loss, ForestOutput output)
    : model_(std::move(model)),
      loss_(loss),
      output_(output),
      forest_(*model_, 0, model_->n_iterations()),
      row_(static_cast<std::size_t>(forest_.row_size())),
      raw_(model_->baseline.size()) {}

void RowPredictor::Predict(const double* features, double* out) {
  const std::vector<std::int64_t>& used = forest_.used_features();
  for (std::size_t u = 0; u < used.size(); ++u) row_[u] = features[used[u]];
  forest_.Prepare(row_.data());
  std::copy(model_->baseline.begin(), model_->baseline.end(), raw_.begin());
  forest_.AddTrees(row_.data(), raw_.data());
  if (output_ == ForestOutput::kRaw) {
    std::copy(raw_.begin(), raw_.end(), out);
  } else {
    RawToResponse(loss_, raw_.data(), 1, model_->n_outputs, out);
  }
}

}  // namespace treeline::boosting
