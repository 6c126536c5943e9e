#include "binding/booster.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "binding/arguments.h"
#include "binding/boosting_model.h"
#include "binding/handle.h"
#include "binding/job.h"
#include "binding/table.h"
#include "boosting/booster.h"
#include "core/error.h"

namespace treeline::binding {

namespace {

/// Rows with what belongs to them, copied: JavaScript may do what it likes with its own meanwhile.
struct Rows {
  std::shared_ptr<BinningSink> bins;
  std::vector<double> targets, weights, initial_raw;
  std::vector<std::int32_t> queries;
  std::shared_ptr<boosting::RawColumns> columns;  // of linear trees

  boosting::TrainingTable table() const {
    return {*bins, targets, weights, initial_raw, queries, columns.get()};
  }
};

/// What a booster handle holds: a fit, and the bins it looks at.
struct RunningFit {
  std::vector<std::shared_ptr<BinningSink>> bins;
  std::vector<std::shared_ptr<boosting::RawColumns>> columns;
  std::unique_ptr<boosting::Booster> booster;  // nullptr: finished
};

Holder<RunningFit>& HolderOfFit(Napi::Value value) {
  auto& holder = HolderOf<RunningFit>(value, HandleKind::kBooster, "booster");
  if (holder.busy) throw Napi::Error::New(value.Env(), "a booster does one thing at a time");
  if (!holder.object->booster) throw Napi::Error::New(value.Env(), "the booster is finished");
  return holder;
}

/// Rules that name features name those there are.
void CheckFeatures(const boosting::GrowerParams& params, std::int64_t n_features) {
  bool fits =
      params.monotonic.empty() || params.monotonic.size() == static_cast<std::size_t>(n_features);
  for (const std::vector<std::int32_t>& set : params.interaction_sets) {
    fits = fits && std::all_of(set.begin(), set.end(), [&](std::int32_t feature) {
             return feature >= 0 && feature < n_features;
           });
  }
  if (!fits) throw Error(ErrorCode::kInvalidData, "a constraint on a feature that does not exist");
}

void CheckRows(const Rows& rows, const boosting::BoosterParams& params) {
  const auto n = static_cast<std::size_t>(rows.bins->rows());
  const auto n_outputs = static_cast<std::size_t>(params.n_outputs);
  const bool has_columns = params.loss.kind != LossKind::kLogLoss &&
                           params.loss.kind != LossKind::kMultinomial &&
                           rows.targets.size() == n * n_outputs;
  if ((rows.targets.size() != n && !has_columns) ||
      (!rows.weights.empty() && rows.weights.size() != n) ||
      (!rows.initial_raw.empty() && rows.initial_raw.size() != n * n_outputs)) {
    throw Error(ErrorCode::kInvalidData, "X, y and sampleWeight differ in their number of rows");
  }
  if (params.linear.is_on && (!rows.columns || rows.columns->rows() != rows.bins->rows())) {
    throw Error(ErrorCode::kInvalidData, "X gave other rows than before: did it change?");
  }
  const bool is_ranked = params.loss.kind == LossKind::kLambdarank;
  if (is_ranked &&
      (rows.queries.size() != n || std::any_of(rows.queries.begin(), rows.queries.end(),
                                               [](std::int32_t query) { return query < 0; }))) {
    throw Error(ErrorCode::kInvalidData, "every row must have a query");
  }
  CheckFeatures(params.grower, rows.bins->mapper().n_features());
  if (rows.bins->train().rows() == 0)
    throw Error(ErrorCode::kInvalidData, "there are no rows to learn from, or to watch");
  if (params.loss.kind != LossKind::kMultinomial) return;
  for (const double target : rows.targets) {
    if (!(target >= 0 && target < static_cast<double>(params.n_outputs))) {
      throw Error(ErrorCode::kInvalidData, "a class code out of range");
    }
  }
}

/// The seam's BinnedRows { bins, targets, weights?, initialRaw?, queries?, columns? }.
Rows RowsOf(Napi::Value value, const boosting::BoosterParams& params) {
  const Napi::Object given = value.As<Napi::Object>();
  Rows rows;
  rows.bins = UnwrapAs<BinningSink, Sink>(given.Get("bins"), HandleKind::kSink, "binning sink");
  rows.targets = Doubles(given.Get("targets"), "targets");
  rows.weights = DoublesOrNone(given.Get("weights"), "weights");
  rows.initial_raw = DoublesOrNone(given.Get("initialRaw"), "initialRaw");
  if (!given.Get("queries").IsUndefined()) rows.queries = Int32s(given.Get("queries"), "queries");
  if (params.linear.is_on) {
    rows.columns = UnwrapAs<boosting::RawColumns, Sink>(given.Get("columns"), HandleKind::kSink,
                                                        "raw columns");
  }
  CheckRows(rows, params);
  rows.bins->Close();
  return rows;
}

/// createWatchedSink(bins, nRows): a sink that bins other rows with the same thresholds
Napi::Value CreateWatchedSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto bins = UnwrapAs<BinningSink, Sink>(info[0], HandleKind::kSink, "binning sink");
    return WrapSink(info.Env(), bins->ForOtherRows(info[1].As<Napi::Number>().Int64Value()));
  });
}

/// releaseBins(bins): the handle lets go of its bins; fits that read them keep them to their end
Napi::Value ReleaseBins(const Napi::CallbackInfo& info) {
  UnwrapAs<BinningSink, Sink>(info[0], HandleKind::kSink, "binning sink");
  auto& holder = HolderOf<Sink>(info[0], HandleKind::kSink, "binning sink");
  holder.object.reset();
  ReportBytes(info.Env(), holder, 0);
  return info.Env().Undefined();
}

/// createBooster(options, train, watched, previous | undefined, job): Promise<booster>
Napi::Value CreateBooster(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const boosting::BoosterParams params = BoosterParamsOf(info[0].As<Napi::Object>());
    auto all = std::make_shared<std::vector<Rows>>();
    all->push_back(RowsOf(info[1], params));
    const Napi::Array watched = info[2].As<Napi::Array>();
    for (std::uint32_t i = 0; i < watched.Length(); ++i)
      all->push_back(RowsOf(watched.Get(i), params));
    const auto previous = info[3].IsExternal() ? ModelOf(info[3]) : nullptr;
    auto fit = std::make_shared<RunningFit>();
    return StartJob(
        info.Env(), info[4], {},
        [params, all, previous, fit](const Context& ctx) {
          std::vector<boosting::TrainingTable> tables;
          for (const Rows& rows : *all) {
            ctx.cancel.ThrowIfCancelled();
            rows.bins->Finish();
            tables.push_back(rows.table());
            fit->bins.push_back(rows.bins);
            fit->columns.push_back(rows.columns);
          }
          fit->booster = std::make_unique<boosting::Booster>(
              params, tables[0], std::span(tables).subspan(1),
              previous ? *previous->model : boosting::Model(),
              previous ? previous->state : boosting::FitState());
        },
        [fit](Napi::Env env) {
          const std::size_t bytes = fit->booster->bytes();
          return WrapHandle<RunningFit>(env, HandleKind::kBooster, fit, bytes);
        });
  });
}

/// The gradients and hessians of a custom loss: none if `value` is undefined.
struct Given {
  std::vector<double> gradients, hessians;
};

/// boosterRun(booster, most, { gradient, hessian } | undefined, job): Promise<whether it is done>
Napi::Value BoosterRun(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto& holder = HolderOfFit(info[0]);
    const std::int64_t most = info[1].As<Napi::Number>().Int64Value();
    auto given = std::make_shared<Given>();
    if (info[2].IsObject()) {
      given->gradients = Doubles(info[2].As<Napi::Object>().Get("gradient"), "gradient");
      given->hessians = Doubles(info[2].As<Napi::Object>().Get("hessian"), "hessian");
    }
    holder.busy = true;
    auto is_done = std::make_shared<bool>(false);
    return StartJob(
        info.Env(), info[3], {info[0]},
        [fit = holder.object, most, given, is_done](const Context& ctx) {
          if (!given->gradients.empty()) fit->booster->Give(given->gradients, given->hessians);
          *is_done = fit->booster->Run(most, ctx);
        },
        [is_done](Napi::Env env) { return Napi::Boolean::New(env, *is_done); },
        [&holder](Napi::Env) { holder.busy = false; });
  });
}

/// boosterRaw(booster, set, job): Promise<raw predictions of the rows trained on (-1) or watched,
/// row-major>
Napi::Value BoosterRaw(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto& holder = HolderOfFit(info[0]);
    const std::int64_t set = info[1].As<Napi::Number>().Int64Value();
    if (set < -1 || set >= holder.object->booster->n_watched())
      throw Napi::RangeError::New(info.Env(), "there are no such rows");
    holder.busy = true;
    auto raw = std::make_shared<std::vector<double>>();
    return StartJob(
        info.Env(), info[2], {info[0]},
        [fit = holder.object, set, raw](const Context&) {
          *raw = fit->booster->rows(set).Scores();
        },
        [raw](Napi::Env env) { return ToFloat64Array(env, *raw); },
        [&holder](Napi::Env) { holder.busy = false; });
  });
}

/// boosterRecord(booster, train, validation | undefined): whether to stop
Napi::Value BoosterRecord(const Napi::CallbackInfo& info) {
  auto& holder = HolderOfFit(info[0]);
  std::optional<double> validation;
  if (info[2].IsNumber()) validation = info[2].As<Napi::Number>().DoubleValue();
  const bool stop =
      holder.object->booster->Record(info[1].As<Napi::Number>().DoubleValue(), validation);
  return Napi::Boolean::New(info.Env(), stop);
}

/// boosterState(booster): { nIterations, trainScore?, validationScore? }, the latest scores
Napi::Value BoosterState(const Napi::CallbackInfo& info) {
  const boosting::Booster& booster = *HolderOfFit(info[0]).object->booster;
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("nIterations", static_cast<double>(booster.n_iterations()));
  const auto latest = [&](const char* name, const std::vector<double>& scores) {
    if (!scores.empty()) result.Set(name, scores.back());
  };
  latest("trainScore", booster.state().train_score);
  latest("validationScore", booster.state().validation_score);
  return result;
}

/// boosterLosses(booster): of every watched set, the losses so far
Napi::Value BoosterLosses(const Napi::CallbackInfo& info) {
  const auto& losses = HolderOfFit(info[0]).object->booster->watched_losses();
  Napi::Array result = Napi::Array::New(info.Env(), losses.size());
  for (std::uint32_t set = 0; set < losses.size(); ++set)
    result.Set(set, ToFloat64Array(info.Env(), losses[set]));
  return result;
}

/// boosterFinish(booster): the model; the booster and its bins are freed
Napi::Value BoosterFinish(const Napi::CallbackInfo& info) {
  auto& holder = HolderOfFit(info[0]);
  auto fitted = std::make_shared<BoostingModel>();
  std::tie(*fitted->model, fitted->state) = holder.object->booster->Finish();
  holder.object->booster.reset();
  holder.object->bins.clear();
  holder.object->columns.clear();
  ReportBytes(info.Env(), holder, 0);
  return WrapModel(info.Env(), fitted);
}

}  // namespace

void ExportBooster(Napi::Env env, Napi::Object exports) {
  exports.Set("createWatchedSink", Napi::Function::New(env, CreateWatchedSink));
  exports.Set("releaseBins", Napi::Function::New(env, ReleaseBins));
  exports.Set("createBooster", Napi::Function::New(env, CreateBooster));
  exports.Set("boosterRun", Napi::Function::New(env, BoosterRun));
  exports.Set("boosterRaw", Napi::Function::New(env, BoosterRaw));
  exports.Set("boosterRecord", Napi::Function::New(env, BoosterRecord));
  exports.Set("boosterState", Napi::Function::New(env, BoosterState));
  exports.Set("boosterLosses", Napi::Function::New(env, BoosterLosses));
  exports.Set("boosterFinish", Napi::Function::New(env, BoosterFinish));
}

}  // namespace treeline::binding
