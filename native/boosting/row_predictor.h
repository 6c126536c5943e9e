#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "boosting/forest_map.h"
#include "boosting/tree.h"
#include "boosting/walked_forest.h"
#include "loss/pointwise.h"

namespace treeline::boosting {

/// Predicts one row at a time, without allocating: for serving. The same bits as ForestMap.
class RowPredictor {
 public:
  /// `output`: kRaw or kResponse.
  RowPredictor(std::shared_ptr<const Model> model, LossKind loss, ForestOutput output);

  std::int64_t n_inputs() const noexcept { return model_->n_features; }
  std::int64_t n_outputs() const noexcept {
    return output_ == ForestOutput::kResponse && loss_ == LossKind::kLogLoss ? 2
                                                                             : model_->n_outputs;
  }
  /// Not for two threads at once.
  void Predict(const double* features, double* out);
  std::size_t bytes() const noexcept { return forest_.bytes(); }

 private:
  std::shared_ptr<const Model> model_;
  LossKind loss_;
  ForestOutput output_;
  WalkedForest forest_;
  std::vector<double> row_, raw_;
};

}  // namespace treeline::boosting
