#include "boosting/booster.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "boosting/leaf_renewal.h"
#include "boosting/monotonic.h"

namespace treeline::boosting {

namespace {

/// Adds a tree's leaf values to the raw predictions of one output.
void AddTree(const RowPartition& partition, std::span<const double> leaf_values, RowData& data,
             std::int64_t output, const Context& ctx) {
  ctx.ParallelFor(data.n_chunks(), [&](std::int64_t c, int) {
    alignas(64) std::uint16_t leaves[kChunkRows];
    partition.MarkLeaves(c, leaves);
    simd::Active().gradients.add_by_leaf(leaf_values.data(), leaves, data.rows(c),
                                         data.scores(c, output));
  });
}

/// Early stopping's rule (scikit-learn's _should_stop).
bool ShouldStop(const std::vector<double>& scores, const BoosterParams& params) {
  const auto n = static_cast<std::int64_t>(scores.size());
  if (n < params.n_iter_no_change + 1) return false;
  const double reference = scores[n - params.n_iter_no_change - 1] + params.tol;
  return std::none_of(scores.end() - params.n_iter_no_change, scores.end(),
                      [&](double score) { return score > reference; });
}

std::vector<bool> MissingFeatures(const BinningSink& bins) {
  std::vector<bool> has_missing(static_cast<std::size_t>(bins.mapper().n_features()));
  for (std::size_t j = 0; j < has_missing.size(); ++j)
    has_missing[j] = bins.has_missing(static_cast<std::int64_t>(j));
  return has_missing;
}

/// One fit: the rows' state and the loop over iterations.
class Booster {
 public:
  Booster(const BoosterParams& params, const TrainingTable& table, Model& model, FitState& state)
      : params_(params),
        model_(model),
        state_(state),
        train_(table.bins.train(), params.n_outputs, table.targets, table.weights,
               table.bins.row_use(), RowUse::kTrain),
        gradients_(params.loss, train_, params.seed),
        grower_(table.bins.train(), table.bins.mapper(), MissingFeatures(table.bins), params.grower,
                state.trace) {
    if (table.bins.validation().rows() > 0) {
      validation_ = std::make_unique<Watched>(
          Watched{RowData(table.bins.validation(), params.n_outputs, table.targets, table.weights,
                          table.bins.row_use(), RowUse::kValidate),
                  RowPartition(table.bins.validation())});
    }
    StartTrace(table.bins);
    Start(table);
  }

  void Run(const Context& ctx) {
    if (params_.early_stopping && state_.train_score.empty()) RecordScores(ctx);
    for (std::int64_t iteration = model_.n_iterations(); iteration < params_.max_iter;
         ++iteration) {
      ComputeGradients(iteration, ctx);
      for (std::int64_t k = 0; k < params_.n_outputs; ++k) GrowTree(k, ctx);
      const bool stop = params_.early_stopping && RecordScores(ctx);
      const double loss = state_.train_score.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                     : -state_.train_score.back();
      ctx.progress.Report(iteration + 1, params_.max_iter, loss);
      if (stop) break;
    }
    state_.exponents = gradients_.exponents();
    state_.trace.SeePeak(bytes_before_ + grower_.bytes());
  }

 private:
  void StartTrace(const BinningSink& bins) {
    FitTrace& trace = state_.trace;
    trace = bins.trace();
    trace.rows = bins.rows();
    trace.spilled_bytes = bins.spilled_bytes();
    trace.features = bins.mapper().n_features();
    trace.stored_columns = bins.train().layout().n_columns();
    bytes_before_ = bins.bytes() + train_.bytes() + gradients_.bytes();
    if (validation_) bytes_before_ += validation_->rows.bytes() + validation_->partition.bytes();
  }

  void ComputeGradients(std::int64_t iteration, const Context& ctx) {
    const StageTimer timer(state_.trace, Stage::kGradient);
    gradients_.Compute(iteration, ctx);
  }

  /// The baseline and the raw predictions to start from.
  void Start(const TrainingTable& table) {
    if (model_.baseline.empty()) {
      model_.baseline = train_.Baseline(params_.loss);
    }
    train_.SetScores(model_.baseline, table.initial_raw);
    if (validation_) validation_->rows.SetScores(model_.baseline, table.initial_raw);
    if (!state_.exponents.empty()) gradients_.exponents() = state_.exponents;
  }

  void GrowTree(std::int64_t output, const Context& ctx) {
    const auto number = static_cast<std::int64_t>(model_.trees.size());
    model_.trees.push_back(grower_.Grow(gradients_.output(output), number, ctx));
    ++state_.trace.trees;
    const StageTimer timer(state_.trace, Stage::kScore);
    const std::vector<double> leaf_values = LeafValues(model_.trees.back(), ctx);
    AddTree(grower_.partition(), leaf_values, train_, output, ctx);
    if (!validation_) return;
    validation_->partition.Reset();
    for (const GrowStep& step : grower_.steps())
      validation_->partition.Split(step.leaf, step.split, ctx);
    AddTree(validation_->partition, leaf_values, validation_->rows, output, ctx);
  }

  /// The values of the last tree's leaves: the grower's, or better ones, which the tree gets too.
  std::vector<double> LeafValues(Tree& tree, const Context& ctx) {
    if (!RenewalQuantile(params_.loss)) return grower_.leaf_values();
    std::vector<double> values = RenewedLeaves(params_.loss, grower_.partition(), train_, ctx);
    const auto value_of = [&](std::size_t leaf) -> double& {
      return tree.nodes[grower_.node_of(static_cast<std::int64_t>(leaf))].value;
    };
    for (std::size_t leaf = 0; leaf < values.size(); ++leaf)
      value_of(leaf) = values[leaf] * params_.grower.learning_rate;
    KeepMonotonic(params_.grower.monotonic, tree);
    for (std::size_t leaf = 0; leaf < values.size(); ++leaf) values[leaf] = value_of(leaf);
    return values;
  }

  /// Records the scores of now; whether it is time to stop.
  bool RecordScores(const Context& ctx) {
    const StageTimer timer(state_.trace, Stage::kScore);
    state_.train_score.push_back(-train_.MeanLoss(params_.loss, ctx));
    if (validation_)
      state_.validation_score.push_back(-validation_->rows.MeanLoss(params_.loss, ctx));
    return ShouldStop(validation_ ? state_.validation_score : state_.train_score, params_);
  }

  /// Rows held out, and where the splits of the last tree send them.
  struct Watched {
    RowData rows;
    RowPartition partition;
  };

  const BoosterParams& params_;
  Model& model_;
  FitState& state_;
  RowData train_;
  GradientEngine gradients_;
  Grower grower_;
  std::unique_ptr<Watched> validation_;  // none: nullptr
  std::size_t bytes_before_ = 0;         // of all but the grower
};

}  // namespace

void Boost(const BoosterParams& params, const TrainingTable& table, Model& model, FitState& state,
           const Context& ctx) {
  model.n_features = table.bins.mapper().n_features();
  model.n_outputs = params.n_outputs;
  model.categories = table.bins.mapper().categories();
  Booster(params, table, model, state).Run(ctx);
}

}  // namespace treeline::boosting
