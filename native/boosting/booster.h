#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "bins/binning_sink.h"
#include "bins/fit_trace.h"
#include "boosting/dart.h"
#include "boosting/gradients.h"
#include "boosting/grower.h"
#include "boosting/linear_leaves.h"
#include "boosting/query_loss.h"
#include "boosting/row_sampler.h"
#include "boosting/tree.h"
#include "core/context.h"
#include "loss/pointwise.h"

namespace treeline::boosting {

struct BoosterParams {
  Loss loss;
  LambdarankParams lambdarank;                 // of that loss
  std::vector<RankingMetric> ranking_metrics;  // then watched; early stopping looks at the first
  std::int64_t n_outputs = 1;
  bool has_vector_leaves = false;  // one tree an iteration for all outputs
  std::int64_t max_iter = 100;
  GrowerParams grower;
  LinearLeafParams linear;
  SamplingParams sampling;
  DartParams dart;
  bool first_is_validation = false;  // watched set 0 is what early stopping looks at
  bool has_given_gradients = false;  // every iteration is given its gradients from outside
  bool early_stopping = false;       // by the loss; else the caller records scores
  bool watch_loss = false;           // the loss of the watched rows is kept
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

/// Rows, binned, with what belongs to them.
struct TrainingTable {
  const BinningSink& bins;
  std::span<const double> targets;  // a column of all rows; or one an output, one after another
  std::span<const double> weights;  // empty: all 1
  std::span<const double>
      initial_raw;  // raw predictions to start from, rows × n_outputs; empty: the baseline
  std::span<const std::int32_t> queries = {};  // lambdarank: the query of every row
  const RawColumns* columns = nullptr;         // of linear trees
};

/// One gradient boosting fit: the rows' state and the loop over iterations. Goes on from a model
/// and its state, or begins with empty ones.
class Booster {
 public:
  /// Keeps referring to the bins of the tables. `table`'s rows that are held out are watched row
  /// set 0; then come those of `watched` (binned with the same thresholds, all to train on).
  Booster(const BoosterParams& params, const TrainingTable& table,
          std::span<const TrainingTable> watched, Model model, FitState state);

  /// Iterates until there are max_iter iterations, at most `most` times, or until early stopping
  /// stops: when none of the last n_iter_no_change scores is better than the one before them by
  /// tol, as in scikit-learn. Reports progress an iteration. Whether it is done.
  /// @throws Error kAborted, kInvalidData
  bool Run(std::int64_t most, const Context& ctx);

  /// Gradients and hessians for the next iteration, row-major, weights included.
  /// @throws Error kInvalidData for a wrong number of them, one that is not finite, a negative
  /// hessian
  void Give(std::span<const double> gradients, std::span<const double> hessians);

  /// Adds scores of now (greater is better) from outside; whether it is time to stop.
  bool Record(double train, std::optional<double> validation);

  /// Rows trained on (-1) or watched, in their order.
  const RowData& rows(std::int64_t set) const { return set < 0 ? train_ : watched_[set]->rows; }
  std::int64_t n_watched() const noexcept { return static_cast<std::int64_t>(watched_.size()); }
  /// Of every watched set: the loss before the first iteration of this fit and after each, where
  /// watch_loss asks for it; of lambdarank the negative metrics, one after another.
  const std::vector<std::vector<double>>& watched_losses() const noexcept {
    return watched_losses_;
  }
  std::int64_t n_iterations() const noexcept { return model_.n_iterations(); }
  const FitState& state() const noexcept { return state_; }
  std::size_t bytes() const noexcept;

  /// The model and its state; the booster is of no further use.
  std::pair<Model, FitState> Finish();

 private:
  struct Watched {
    Watched(const BoosterParams& params, const BinnedStore& store, const TrainingTable& of,
            RowUse use);
    RowData rows;
    RowPartition partition;  // where the splits of a tree send them
    std::optional<QueryLoss> queries;
    const RawColumns* columns;
  };
  /// Values of a tree's leaves: an array an output, by leaf of the partition.
  using LeafValues = std::vector<std::vector<double>>;
  /// What DART needs to take a tree out again.
  struct Route {
    std::vector<GrowStep> steps;
    LeafValues values;
    std::vector<std::int32_t> nodes;
  };

  void StartTrace();
  void Iterate(const Context& ctx);
  void ComputeGradients(std::int64_t iteration, const Context& ctx);
  void GrowTree(const Context& ctx);
  LeafValues FinishLeaves(Tree& tree, std::int64_t first_output, const Context& ctx);
  void DropTrees(const Context& ctx);
  void ReturnTrees(const Context& ctx);
  std::vector<double> LossesOf(const RowData& rows, const std::optional<QueryLoss>& queries,
                               std::span<const RankingMetric> metrics, const Context& ctx) const;
  bool RecordLosses(bool as_scores, const Context& ctx);
  void AddLinearTree(std::int64_t output, const Context& ctx);
  bool ShouldStop() const;

  BoosterParams params_;
  const BinningSink& bins_;
  const RawColumns* columns_;
  Model model_;
  FitState state_;
  RowData train_;
  std::optional<QueryLoss> queries_;  // lambdarank
  GradientEngine gradients_;
  RowSampler sampler_;
  Grower grower_;
  std::optional<RowPartition> routed_;  // rows that the grower's partition does not have
  std::vector<std::unique_ptr<Watched>> watched_;
  std::vector<std::vector<double>> watched_losses_;
  bool has_begun_ = false;
  Dart dart_;
  std::vector<std::int64_t> dropped_;
  std::vector<Route> routes_;  // DART: of the trees of this fit
};

/// Runs a Booster to its end: for one that needs nothing from outside.
void Boost(const BoosterParams& params, const TrainingTable& table, Model& model, FitState& state,
           const Context& ctx);

}  // namespace treeline::boosting
