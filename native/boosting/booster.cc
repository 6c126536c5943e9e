#include "boosting/booster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include "boosting/leaf_renewal.h"
#include "boosting/monotonic.h"
#include "core/error.h"

namespace treeline::boosting {

namespace {

/// Adds a number to the scores of a chunk's rows that are in a set.
void AddToRows(const RowSet& set, double value, std::int64_t chunk_rows, double* scores) {
  if (set.is_all) {
    for (std::int64_t i = 0; i < chunk_rows; ++i) scores[i] += value;
    return;
  }
  const std::uint16_t* list = set.list;
  std::uint16_t expanded[kChunkRows + 64];
  if (set.bitmap != nullptr && set.count > 0) {
    simd::Active().partition.expand_bitmap(set.bitmap, (chunk_rows + 63) / 64, expanded);
    list = expanded;
  }
  for (std::int64_t i = 0; i < set.count; ++i) scores[list[i]] += value;
}

/// Adds a tree's leaf values, an array an output, to the raw predictions of the outputs from the
/// first on. Every row is in one of the partitions.
void AddTree(std::span<const RowPartition* const> partitions,
             std::span<const std::vector<double>> leaf_values, RowData& data,
             std::int64_t first_output, const Context& ctx) {
  ctx.ParallelFor(data.n_chunks(), [&](std::int64_t c, int) {
    std::int64_t output = first_output;
    for (const std::vector<double>& values : leaf_values) {
      double* scores = data.scores(c, output++);
      for (const RowPartition* partition : partitions) {
        for (std::size_t leaf = 0; leaf < values.size(); ++leaf)
          AddToRows(partition->rows(static_cast<std::int64_t>(leaf), c), values[leaf], data.rows(c),
                    scores);
      }
    }
  });
}

/// Sends rows (all, or those of `only`) through the splits of a tree.
void RouteRows(std::span<const GrowStep> steps, const RowBitmaps* only, RowPartition& partition,
               const Context& ctx) {
  partition.Reset(only);
  for (const GrowStep& step : steps) partition.Split(step.leaf, step.split, ctx);
}

using LeafValues = std::vector<std::vector<double>>;  // an array an output

LeafValues Scaled(LeafValues values, double factor) {
  for (std::vector<double>& of_output : values) {
    for (double& value : of_output) value *= factor;
  }
  return values;
}

std::optional<QueryLoss> QueryLossOf(const BoosterParams& params, const RowData& rows,
                                     std::span<const std::int32_t> queries) {
  if (params.loss.kind != LossKind::kLambdarank) return std::nullopt;
  return std::make_optional<QueryLoss>(params.lambdarank, rows, queries);
}

std::vector<bool> MissingFeatures(const BinningSink& bins) {
  std::vector<bool> has_missing(static_cast<std::size_t>(bins.mapper().n_features()));
  for (std::size_t j = 0; j < has_missing.size(); ++j)
    has_missing[j] = bins.has_missing(static_cast<std::int64_t>(j));
  return has_missing;
}

}  // namespace

Booster::Watched::Watched(const BoosterParams& params, const BinnedStore& store,
                          const TrainingTable& of, RowUse use)
    : rows(store, params.n_outputs, of.targets, of.weights, of.bins.row_use(), use),
      partition(store),
      queries(QueryLossOf(params, rows, of.queries)),
      columns(of.columns) {}

Booster::Booster(const BoosterParams& params, const TrainingTable& table,
                 std::span<const TrainingTable> watched, Model model, FitState state)
    : params_(params),
      bins_(table.bins),
      columns_(table.columns),
      model_(std::move(model)),
      state_(std::move(state)),
      train_(table.bins.train(), params.n_outputs, table.targets, table.weights,
             table.bins.row_use(), RowUse::kTrain),
      queries_(QueryLossOf(params, train_, table.queries)),
      gradients_(params.loss, train_, params.seed),
      sampler_(params.sampling, table.bins.train(), params.seed),
      grower_(table.bins.train(), table.bins.mapper(), MissingFeatures(table.bins), params.grower,
              state_.trace),
      dart_(params.dart, params.grower.learning_rate, params.seed) {
  model_.n_features = table.bins.mapper().n_features();
  model_.n_outputs = params.n_outputs;
  model_.has_vector_leaves = params.has_vector_leaves;
  model_.has_linear_leaves = model_.has_linear_leaves || params.linear.is_on;
  model_.categories = table.bins.mapper().categories();
  if (model_.baseline.empty()) {
    model_.baseline = params.has_given_gradients || !table.initial_raw.empty()
                          ? std::vector<double>(static_cast<std::size_t>(params.n_outputs))
                          : train_.Baseline(params.loss);
  }
  train_.SetScores(model_.baseline, table.initial_raw);
  if (!state_.exponents.empty()) gradients_.exponents() = state_.exponents;
  const auto watch = [&](const BinnedStore& store, const TrainingTable& of, RowUse use) {
    watched_.push_back(std::make_unique<Watched>(params, store, of, use));
    watched_.back()->rows.SetScores(model_.baseline, of.initial_raw);
  };
  if (table.bins.validation().rows() > 0) watch(table.bins.validation(), table, RowUse::kValidate);
  for (const TrainingTable& of : watched) watch(of.bins.train(), of, RowUse::kTrain);
  watched_losses_.resize(watched_.size());
  if (sampler_.IsActive(std::numeric_limits<std::int64_t>::max()) || params.dart.is_on)
    routed_.emplace(table.bins.train());
  StartTrace();
  for (const TrainingTable& of : watched) state_.trace.spilled_bytes += of.bins.spilled_bytes();
}

bool Booster::Run(std::int64_t most, const Context& ctx) {
  if (!std::exchange(has_begun_, true))
    RecordLosses(params_.early_stopping && state_.train_score.empty(), ctx);
  bool is_done = model_.n_iterations() >= params_.max_iter;
  for (std::int64_t step = 0; step < most && !is_done; ++step) {
    Iterate(ctx);
    const bool should_stop = RecordLosses(params_.early_stopping, ctx);
    const double loss = state_.train_score.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                   : -state_.train_score.back();
    ctx.progress.Report(model_.n_iterations(), params_.max_iter, loss);
    is_done = should_stop || model_.n_iterations() >= params_.max_iter;
  }
  state_.exponents = gradients_.exponents();
  state_.trace.SeePeak(bytes());
  return is_done;
}

void Booster::Give(std::span<const double> gradients, std::span<const double> hessians) {
  const std::int64_t n = train_.n_rows();
  const auto size = static_cast<std::size_t>(n * params_.n_outputs);
  if (gradients.size() != size || hessians.size() != size) {
    throw Error(ErrorCode::kInvalidData,
                "the loss must return " + std::to_string(size) + " gradients and hessians, got " +
                    std::to_string(gradients.size()) + " and " + std::to_string(hessians.size()));
  }
  std::vector<float>& g = gradients_.given().gradients;
  std::vector<float>& h = gradients_.given().hessians;
  g.resize(size);
  h.resize(size);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t k = 0; k < params_.n_outputs; ++k) {
      const std::int64_t from = i * params_.n_outputs + k;
      if (!std::isfinite(gradients[from]) || !std::isfinite(hessians[from]) || hessians[from] < 0) {
        throw Error(ErrorCode::kInvalidData,
                    "the loss must return finite gradients and non-negative hessians, got " +
                        std::to_string(gradients[from]) + " and " + std::to_string(hessians[from]) +
                        " in row " + std::to_string(i));
      }
      g[k * n + i] = static_cast<float>(gradients[from]);
      h[k * n + i] = static_cast<float>(hessians[from]);
    }
  }
}

bool Booster::Record(double train, std::optional<double> validation) {
  state_.train_score.push_back(train);
  if (validation) state_.validation_score.push_back(*validation);
  return ShouldStop();
}

std::pair<Model, FitState> Booster::Finish() { return {std::move(model_), std::move(state_)}; }

void Booster::StartTrace() {
  FitTrace& trace = state_.trace;
  trace = bins_.trace();
  trace.rows = bins_.rows();
  trace.spilled_bytes = bins_.spilled_bytes();
  trace.features = bins_.mapper().n_features();
  trace.stored_columns = bins_.train().layout().n_columns();
}

std::size_t Booster::bytes() const noexcept {
  std::size_t bytes =
      bins_.bytes() + train_.bytes() + gradients_.bytes() + sampler_.bytes() + grower_.bytes();
  if (routed_) bytes += routed_->bytes();
  if (queries_) bytes += queries_->bytes();
  if (columns_ != nullptr) bytes += columns_->bytes();
  for (const auto& watched : watched_) {
    bytes += watched->rows.bytes() + watched->partition.bytes();
    if (watched->columns != nullptr) bytes += watched->columns->bytes();
  }
  return bytes;
}

void Booster::Iterate(const Context& ctx) {
  const std::int64_t iteration = model_.n_iterations();
  if (params_.dart.is_on) {
    dropped_ = dart_.Drop(iteration);
    DropTrees(ctx);
  }
  ComputeGradients(iteration, ctx);
  for (std::int64_t t = 0; t < model_.trees_per_iteration(); ++t) GrowTree(ctx);
  if (params_.dart.is_on) {
    ReturnTrees(ctx);
    dart_.Note();
  }
}

void Booster::ComputeGradients(std::int64_t iteration, const Context& ctx) {
  const StageTimer timer(state_.trace, Stage::kGradient);
  const bool is_goss = params_.sampling.is_goss;
  const bool is_active = sampler_.IsActive(iteration);
  if (queries_) queries_->Compute(gradients_.given(), ctx);
  if (!is_active || is_goss) gradients_.Compute(iteration, {}, ctx);
  if (!is_active) return;
  sampler_.Draw(iteration, gradients_, ctx);
  gradients_.Compute(iteration, {&sampler_.chosen(), &sampler_.factors(), !is_goss}, ctx);
}

/// Grows the next tree: for the next output, or for all.
void Booster::GrowTree(const Context& ctx) {
  const auto number = static_cast<std::int64_t>(model_.trees.size());
  const std::int64_t first_output = model_.output_of(number);
  const auto gradients =
      gradients_.outputs().subspan(static_cast<std::size_t>(first_output),
                                   params_.has_vector_leaves ? gradients_.outputs().size() : 1);
  model_.trees.push_back(grower_.Grow(gradients, number, ctx));
  ++state_.trace.trees;
  const StageTimer timer(state_.trace, Stage::kScore);
  const LeafValues leaf_values = FinishLeaves(model_.trees.back(), first_output, ctx);
  if (params_.linear.is_on) return AddLinearTree(first_output, ctx);
  const std::vector<GrowStep>& steps = grower_.steps();
  if (gradients[0].rows != nullptr) {
    RouteRows(steps, &sampler_.left_out(), *routed_, ctx);
    AddTree(std::array{&grower_.partition(), &*std::as_const(routed_)}, leaf_values, train_,
            first_output, ctx);
  } else {
    AddTree(std::array{&grower_.partition()}, leaf_values, train_, first_output, ctx);
  }
  for (const auto& watched : watched_) {
    RouteRows(steps, nullptr, watched->partition, ctx);
    AddTree(std::array{&std::as_const(watched->partition)}, leaf_values, watched->rows,
            first_output, ctx);
  }
  if (!params_.dart.is_on) return;
  Route& route = routes_.emplace_back(Route{steps, leaf_values, {}});
  for (std::size_t leaf = 0; leaf < leaf_values[0].size(); ++leaf)
    route.nodes.push_back(grower_.node_of(static_cast<std::int64_t>(leaf)));
}

/// Fits the regressions of the last tree's leaves and adds what they say to the raw predictions.
void Booster::AddLinearTree(std::int64_t output, const Context& ctx) {
  Tree& tree = model_.trees.back();
  std::vector<std::int32_t> nodes;
  for (std::int64_t leaf = 0; leaf < grower_.partition().n_leaves(); ++leaf)
    nodes.push_back(grower_.node_of(leaf));
  const QuantizedGradients& gradients = gradients_.output(output);
  const GrowerParams& rules = params_.grower;
  FitLinearLeaves({grower_.partition(), nodes, train_, *columns_}, gradients, params_.linear,
                  rules.l2_regularization, rules.learning_rate, tree, ctx);
  std::vector<const RowPartition*> partitions{&grower_.partition()};
  if (gradients.rows != nullptr) {
    RouteRows(grower_.steps(), &sampler_.left_out(), *routed_, ctx);
    partitions.push_back(&*routed_);
  }
  AddLinearLeaves(partitions, nodes, *columns_, tree, output, train_, ctx);
  for (const auto& watched : watched_) {
    RouteRows(grower_.steps(), nullptr, watched->partition, ctx);
    AddLinearLeaves(std::array{&std::as_const(watched->partition)}, nodes, *watched->columns, tree,
                    output, watched->rows, ctx);
  }
}

/// The values of the last tree's leaves, by leaf of its partition: the grower's, or better ones,
/// which the tree gets too.
Booster::LeafValues Booster::FinishLeaves(Tree& tree, std::int64_t first_output,
                                          const Context& ctx) {
  const std::int64_t n_leaves = grower_.partition().n_leaves();
  if (RenewalQuantile(params_.loss) && !params_.has_given_gradients) {
    for (std::int64_t k = 0; k < tree.n_values; ++k) {
      const std::vector<double> renewed =
          RenewedLeaves(params_.loss, grower_.partition(), train_, first_output + k, ctx);
      for (std::int64_t leaf = 0; leaf < n_leaves; ++leaf)
        tree.value(grower_.node_of(leaf), k) = renewed[leaf] * params_.grower.learning_rate;
    }
    if (!params_.grower.monotonic.empty()) {
      const std::vector<double> of_leaves = LeafWeights(grower_.partition(), train_, ctx);
      std::vector<double> weights(tree.nodes.size());
      for (std::int64_t leaf = 0; leaf < n_leaves; ++leaf)
        weights[grower_.node_of(leaf)] = of_leaves[leaf];
      KeepMonotonic(params_.grower.monotonic, std::move(weights), tree);
    }
  }
  LeafValues values(static_cast<std::size_t>(tree.n_values));
  for (std::int64_t k = 0; k < tree.n_values; ++k) {
    for (std::int64_t leaf = 0; leaf < n_leaves; ++leaf) {
      double& value = tree.value(grower_.node_of(leaf), k);
      if (params_.dart.is_on) value *= dart_.new_factor();
      values[k].push_back(value);
    }
  }
  return values;
}

/// Takes the dropped trees out of the raw predictions of the training rows.
void Booster::DropTrees(const Context& ctx) {
  const StageTimer timer(state_.trace, Stage::kScore);
  const std::int64_t n_trees = model_.trees_per_iteration();
  for (const std::int64_t iteration : dropped_) {
    for (std::int64_t t = 0; t < n_trees; ++t) {
      const Route& route = routes_[iteration * n_trees + t];
      RouteRows(route.steps, nullptr, *routed_, ctx);
      AddTree(std::array{&*std::as_const(routed_)}, Scaled(route.values, -1), train_, t, ctx);
    }
  }
}

/// Puts them back with what they weigh now; the watched rows, which kept them, get the difference.
void Booster::ReturnTrees(const Context& ctx) {
  const StageTimer timer(state_.trace, Stage::kScore);
  const std::int64_t n_trees = model_.trees_per_iteration();
  const std::int64_t first_route =
      static_cast<std::int64_t>(model_.trees.size()) - static_cast<std::int64_t>(routes_.size());
  for (const std::int64_t iteration : dropped_) {
    for (std::int64_t t = 0; t < n_trees; ++t) {
      const std::int64_t index = iteration * n_trees + t;
      Route& route = routes_[index];
      LeafValues change = route.values;
      route.values = Scaled(std::move(route.values), dart_.dropped_factor());
      for (std::size_t k = 0; k < change.size(); ++k) {
        for (std::size_t leaf = 0; leaf < change[k].size(); ++leaf) {
          change[k][leaf] = route.values[k][leaf] - change[k][leaf];
          model_.trees[first_route + index].value(route.nodes[leaf], static_cast<std::int64_t>(k)) =
              route.values[k][leaf];
        }
      }
      RouteRows(route.steps, nullptr, *routed_, ctx);
      AddTree(std::array{&*std::as_const(routed_)}, route.values, train_, t, ctx);
      for (const auto& watched : watched_) {
        RouteRows(route.steps, nullptr, watched->partition, ctx);
        AddTree(std::array{&std::as_const(watched->partition)}, change, watched->rows, t, ctx);
      }
    }
  }
}

/// The mean loss of rows; of queries the negatives of metrics.
std::vector<double> Booster::LossesOf(const RowData& rows, const std::optional<QueryLoss>& queries,
                                      std::span<const RankingMetric> metrics,
                                      const Context& ctx) const {
  if (!queries) return {rows.MeanLoss(params_.loss, ctx)};
  std::vector<double> losses = queries->MeanScores(metrics, ctx);
  for (double& loss : losses) loss = -loss;
  return losses;
}

/// Keeps the losses of now that are asked for, as scores too; whether it is time to stop.
bool Booster::RecordLosses(bool as_scores, const Context& ctx) {
  const StageTimer timer(state_.trace, Stage::kScore);
  const std::span<const RankingMetric> all(params_.ranking_metrics);
  const std::span<const RankingMetric> first = all.first(std::min<std::size_t>(1, all.size()));
  for (std::size_t set = 0; set < watched_.size(); ++set) {
    const bool is_validation = set == 0 && params_.first_is_validation;
    if (!params_.watch_loss && !(as_scores && is_validation)) continue;
    const Watched& watched = *watched_[set];
    for (const double loss :
         LossesOf(watched.rows, watched.queries, is_validation ? first : all, ctx))
      watched_losses_[set].push_back(loss);
  }
  if (!as_scores) return false;
  const double train = -LossesOf(train_, queries_, first, ctx)[0];
  return params_.first_is_validation ? Record(train, -watched_losses_[0].back())
                                     : Record(train, std::nullopt);
}

/// Early stopping's rule (scikit-learn's _should_stop).
bool Booster::ShouldStop() const {
  const std::vector<double>& scores =
      params_.first_is_validation ? state_.validation_score : state_.train_score;
  const auto n = static_cast<std::int64_t>(scores.size());
  if (n < params_.n_iter_no_change + 1) return false;
  const double reference = scores[n - params_.n_iter_no_change - 1] + params_.tol;
  return std::none_of(scores.end() - params_.n_iter_no_change, scores.end(),
                      [&](double score) { return score > reference; });
}

void Boost(const BoosterParams& params, const TrainingTable& table, Model& model, FitState& state,
           const Context& ctx) {
  BoosterParams all = params;
  all.first_is_validation = table.bins.validation().rows() > 0;
  Booster booster(all, table, {}, std::move(model), std::move(state));
  booster.Run(params.max_iter, ctx);
  std::tie(model, state) = booster.Finish();
}

}  // namespace treeline::boosting
