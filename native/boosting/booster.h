#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "boosting/binning_sink.h"
#include "boosting/fit_trace.h"
#include "boosting/gradients.h"
#include "boosting/grower.h"
#include "boosting/tree.h"
#include "core/context.h"
#include "loss/pointwise.h"

namespace treeline::boosting {

struct BoosterParams {
  Loss loss;
  std::int64_t n_outputs = 1;
  std::int64_t max_iter = 100;
  GrowerParams grower;
  bool early_stopping = false;
  std::int64_t n_iter_no_change = 10;
  double tol = 1e-7;
  std::uint64_t seed = 0;
};

/// What a fit learns besides the trees, and what a warm start needs to go on as if it had never
/// stopped.
struct FitState {
  std::vector<double>
      train_score;  // negative loss before the first iteration and after each; early stopping only
  std::vector<double> validation_score;
  std::vector<GradientExponents> exponents;
  FitTrace trace;  // of the last fit; not saved
};

/// The rows to learn from, binned, with what belongs to them.
struct TrainingTable {
  const BinningSink& bins;
  std::span<const double> targets;
  std::span<const double> weights;  // empty: all 1
  std::span<const double>
      initial_raw;  // raw predictions to start from, rows × n_outputs; empty: the baseline
};

/// Gradient boosting. Grows `model` and `state` (empty, or what an earlier fit left) up to max_iter
/// iterations; stops early as scikit-learn does: when none of the last n_iter_no_change scores is
/// better than the one before them by tol. Reports progress a tree.
/// @throws Error kAborted, kInvalidData
void Boost(const BoosterParams& params, const TrainingTable& table, Model& model, FitState& state,
           const Context& ctx);

}  // namespace treeline::boosting
