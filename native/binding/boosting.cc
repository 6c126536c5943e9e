#include "binding/boosting.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "binding/arguments.h"
#include "binding/boosting_model.h"
#include "binding/job.h"
#include "binding/ranking.h"
#include "binding/table.h"
#include "boosting/booster.h"
#include "boosting/forest_map.h"
#include "boosting/model_io.h"
#include "boosting/raw_columns.h"
#include "core/error.h"

namespace treeline::binding {

std::size_t BoostingModel::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const boosting::Tree& tree : model->trees) {
    bytes += tree.nodes.size() * sizeof(boosting::TreeNode) +
             tree.sets.size() * sizeof(simd::BinSet) + tree.vectors.size() * sizeof(double);
    for (const boosting::LinearLeaf& leaf : tree.linear)
      bytes += sizeof(leaf) + leaf.features.size() * (sizeof(std::int32_t) + sizeof(double));
  }
  return bytes;
}

Napi::Value WrapModel(Napi::Env env, std::shared_ptr<BoostingModel> model) {
  const std::size_t bytes = model->bytes();
  return WrapHandle<BoostingModel>(env, HandleKind::kBoostingModel, std::move(model), bytes);
}

std::shared_ptr<BoostingModel> ModelOf(Napi::Value value) {
  return Unwrap<BoostingModel>(value, HandleKind::kBoostingModel, "boosting model");
}

namespace {

std::span<const std::uint8_t> Bytes(Napi::Value value, const char* what) {
  const TypedSpan span = TypedSpanOf(value, what);
  if (span.type != napi_uint8_array)
    throw Napi::TypeError::New(value.Env(), std::string("expected a Uint8Array: ") + what);
  return {static_cast<const std::uint8_t*>(span.data), span.length};
}

/// BoostingLoss of src/native/addon-boosting.ts, in the order of LossKind.
constexpr std::array kLossNames = {"squaredError", "absoluteError", "quantile", "huber",
                                   "fair",         "mape",          "poisson",  "gamma",
                                   "tweedie",      "crossEntropy",  "logLoss",  "multinomial",
                                   "custom",       "lambdarank"};
static_assert(kLossNames.size() == static_cast<std::size_t>(LossKind::kLambdarank) + 1);

LossKind LossOf(Napi::Value value) {
  const std::string name = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
  const auto* const found = std::find(kLossNames.begin(), kLossNames.end(), name);
  if (found == kLossNames.end()) throw Napi::TypeError::New(value.Env(), "unknown loss: " + name);
  return static_cast<LossKind>(found - kLossNames.begin());
}

/// createSketchSink({ nFeatures, nRows, seed, rowUse?, weights?, categorical? }): sink
Napi::Value CreateSketchSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Object options = info[0].As<Napi::Object>();
    SketchParams params;
    params.n_features = IntegerProperty(options, "nFeatures");
    params.n_rows = IntegerProperty(options, "nRows");
    params.seed = static_cast<std::uint64_t>(IntegerProperty(options, "seed"));
    if (options.Get("sampleRows").IsNumber())
      params.sample_rows = IntegerProperty(options, "sampleRows");
    if (options.Get("rowUse").IsTypedArray()) {
      const auto row_use = Bytes(options.Get("rowUse"), "rowUse");
      params.row_use.assign(row_use.begin(), row_use.end());
    }
    params.weights = DoublesOrNone(options.Get("weights"), "weights");
    if (options.Get("categorical").IsTypedArray()) {
      const auto flags = Bytes(options.Get("categorical"), "categorical");
      params.categorical.assign(flags.begin(), flags.end());
      if (flags.size() != static_cast<std::size_t>(params.n_features))
        throw Error(ErrorCode::kInvalidData, "categorical must have one entry a feature");
    }
    const auto rows = static_cast<std::size_t>(params.n_rows);
    if ((!params.row_use.empty() && params.row_use.size() != rows) ||
        (!params.weights.empty() && params.weights.size() != rows)) {
      throw Error(ErrorCode::kInvalidData, "rowUse and weights must have one entry a row");
    }
    return WrapSink(info.Env(), std::make_shared<SketchSink>(std::move(params)));
  });
}

/// The categories that a model goes on with: the ones it has, else those of the sketch.
std::vector<Categories> CategoriesFor(const SketchSink& sketch, int max_bins,
                                      const BoostingModel* previous) {
  std::vector<Categories> found = FindAllCategories(sketch, max_bins);
  if (previous == nullptr) return found;
  const std::vector<Categories>& known = previous->model->categories;
  const auto same_kind = [](const Categories& a, const Categories& b) {
    return a.is_categorical == b.is_categorical;
  };
  if (!std::equal(found.begin(), found.end(), known.begin(), known.end(), same_kind)) {
    throw Error(ErrorCode::kInvalidArgument,
                "warmStart needs the categorical features of the last fit");
  }
  return known;
}

/// createBinningSink(sketch, { maxBins, compact, memoryLimit, spillDirectory }, previous |
/// undefined, job): Promise<sink>
Napi::Value CreateBinningSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto sketch = UnwrapAs<SketchSink, Sink>(info[0], HandleKind::kSink, "sketch sink");
    const Napi::Object options = info[1].As<Napi::Object>();
    BinningParams params;
    params.max_bins = static_cast<int>(IntegerProperty(options, "maxBins"));
    params.compact = BooleanProperty(options, "compact");
    params.memory_limit = IntegerProperty(options, "memoryLimit");
    params.spill_directory = options.Get("spillDirectory").ToString().Utf8Value();
    const auto previous = info[2].IsExternal() ? ModelOf(info[2]) : nullptr;
    auto sink = std::make_shared<std::shared_ptr<Sink>>();
    return StartJob(
        info.Env(), info[3], {info[0]},
        [sketch, params, previous, sink](const Context& ctx) {
          *sink = MakeBinningSink(*sketch, params,
                                  CategoriesFor(*sketch, params.max_bins, previous.get()), ctx);
        },
        [sink](Napi::Env env) { return WrapSink(env, std::move(*sink)); });
  });
}

/// createRawSink(isKept, nRows): a sink that keeps columns as they are, one byte a feature
Napi::Value CreateRawSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto kept = Bytes(info[0], "isKept");
    return WrapSink(info.Env(), std::make_shared<boosting::RawColumns>(
                                    std::vector<std::uint8_t>(kept.begin(), kept.end()),
                                    info[1].As<Napi::Number>().Int64Value()));
  });
}

/// Per feature an integer, or nothing.
std::vector<std::int8_t> SignsOf(Napi::Value value) {
  std::vector<std::int8_t> signs;
  for (const double sign : DoublesOrNone(value, "monotonic"))
    signs.push_back(static_cast<std::int8_t>(sign));
  return signs;
}

/// interactions: "all", "none", "pairs" or "sets"; interactionSets: a Float64Array of features
/// each.
void ReadInteractions(Napi::Object options, boosting::GrowerParams& params) {
  const std::string kind = options.Get("interactions").As<Napi::String>().Utf8Value();
  if (kind == "none") params.interactions = boosting::Interactions::kNone;
  if (kind == "pairs") params.interactions = boosting::Interactions::kPairs;
  if (kind != "sets") return;
  params.interactions = boosting::Interactions::kWithinSets;
  const Napi::Array sets = options.Get("interactionSets").As<Napi::Array>();
  for (std::uint32_t i = 0; i < sets.Length(); ++i) {
    std::vector<std::int32_t> set;
    for (const double feature : Doubles(sets.Get(i), "interactionSets"))
      set.push_back(static_cast<std::int32_t>(feature));
    params.interaction_sets.push_back(std::move(set));
  }
}

boosting::GrowerParams GrowerParamsOf(Napi::Object options) {
  boosting::GrowerParams params;
  params.max_leaf_nodes = IntegerProperty(options, "maxLeafNodes");
  params.max_depth = IntegerProperty(options, "maxDepth");
  params.min_samples_leaf = IntegerProperty(options, "minSamplesLeaf");
  params.l2_regularization = NumberProperty(options, "l2Regularization");
  params.l1_regularization = NumberProperty(options, "l1Regularization");
  params.min_hessian = NumberProperty(options, "minSumHessian");
  params.min_gain = NumberProperty(options, "minGainToSplit");
  params.learning_rate = NumberProperty(options, "learningRate");
  params.max_delta_step = NumberProperty(options, "maxDeltaStep");
  params.path_smooth = NumberProperty(options, "pathSmooth");
  params.monotonic = SignsOf(options.Get("monotonic"));
  ReadInteractions(options, params);
  params.histogram_bytes = IntegerProperty(options, "histogramBytes");
  params.max_features = NumberProperty(options, "maxFeatures");
  params.max_features_per_tree = NumberProperty(options, "maxFeaturesPerTree");
  params.extra_trees = BooleanProperty(options, "extraTrees");
  params.categories.smooth = NumberProperty(options, "catSmooth");
  params.categories.l2 = NumberProperty(options, "catL2");
  params.categories.max_onehot = IntegerProperty(options, "maxCatToOnehot");
  params.categories.max_left = IntegerProperty(options, "maxCatThreshold");
  params.categories.min_rows_per_group = NumberProperty(options, "minDataPerGroup");
  params.seed = static_cast<std::uint64_t>(IntegerProperty(options, "seed"));
  return params;
}

boosting::SamplingParams SamplingParamsOf(Napi::Object options) {
  boosting::SamplingParams params;
  params.subsample = NumberProperty(options, "subsample");
  params.subsample_freq = IntegerProperty(options, "subsampleFreq");
  params.is_goss = StringProperty(options, "boostingType") == "goss";
  params.top_rate = NumberProperty(options, "topRate");
  params.other_rate = NumberProperty(options, "otherRate");
  params.goss_start =
      static_cast<std::int64_t>(1 / NumberProperty(options, "learningRate"));  // as LightGBM
  return params;
}

boosting::DartParams DartParamsOf(Napi::Object options) {
  boosting::DartParams params;
  params.is_on = StringProperty(options, "boostingType") == "dart";
  params.drop_rate = NumberProperty(options, "dropRate");
  params.max_drop = IntegerProperty(options, "maxDrop");
  params.skip_drop = NumberProperty(options, "skipDrop");
  params.uniform_drop = BooleanProperty(options, "uniformDrop");
  params.xgboost_mode = BooleanProperty(options, "xgboostDartMode");
  return params;
}

LambdarankParams LambdarankParamsOf(Napi::Object options) {
  LambdarankParams params;
  params.truncation_level = IntegerProperty(options, "truncationLevel");
  params.norm = BooleanProperty(options, "norm");
  params.sigmoid = NumberProperty(options, "sigmoid");
  return params;
}

std::vector<RankingMetric> RankingMetricsOf(Napi::Object lambdarank) {
  std::vector<RankingMetric> metrics;
  const Napi::Array given = lambdarank.Get("metrics").As<Napi::Array>();
  for (std::uint32_t i = 0; i < given.Length(); ++i)
    metrics.push_back(RankingMetricOf(given.Get(i)));
  return metrics;
}

}  // namespace

boosting::BoosterParams BoosterParamsOf(Napi::Object options) {
  boosting::BoosterParams params;
  params.loss = {LossOf(options.Get("loss")), NumberProperty(options, "lossParameter")};
  if (params.loss.kind == LossKind::kLambdarank) {
    const Napi::Object lambdarank = options.Get("lambdarank").As<Napi::Object>();
    params.lambdarank = LambdarankParamsOf(lambdarank);
    params.ranking_metrics = RankingMetricsOf(lambdarank);
  }
  params.n_outputs = IntegerProperty(options, "nOutputs");
  params.has_vector_leaves = BooleanProperty(options, "vectorLeaves");
  params.max_iter = IntegerProperty(options, "maxIter");
  params.early_stopping = BooleanProperty(options, "earlyStopping");
  params.n_iter_no_change = IntegerProperty(options, "nIterNoChange");
  params.tol = NumberProperty(options, "tol");
  params.seed = static_cast<std::uint64_t>(IntegerProperty(options, "seed"));
  params.grower = GrowerParamsOf(options);
  params.linear = {BooleanProperty(options, "linearTree"), NumberProperty(options, "linearLambda")};
  params.sampling = SamplingParamsOf(options);
  params.dart = DartParamsOf(options);
  params.has_given_gradients = BooleanProperty(options, "hasGivenGradients");
  params.first_is_validation = BooleanProperty(options, "firstIsValidation");
  params.watch_loss = BooleanProperty(options, "watchLoss");
  return params;
}

namespace {

/// Per feature the codes of its bins (one more bin, if there is one, holds the rare ones), or
/// undefined.
Napi::Value CategoriesOf(Napi::Env env, const boosting::Model& model) {
  Napi::Array list = Napi::Array::New(env, model.categories.size());
  for (std::uint32_t feature = 0; feature < model.categories.size(); ++feature) {
    const Categories& categories = model.categories[feature];
    if (categories.is_categorical) {
      list.Set(feature, ToFloat64Array(env, categories.codes));
    } else {
      list.Set(feature, env.Undefined());
    }
  }
  return list;
}

/// The trace of a fit; undefined for a model that was loaded.
Napi::Value DescribeTrace(Napi::Env env, const FitTrace& trace) {
  if (trace.trees == 0) return env.Undefined();
  constexpr const char* kNames[kStages] = {"sketch",    "bin",   "gradient", "histogram",
                                           "partition", "split", "score"};
  Napi::Object seconds = Napi::Object::New(env);
  for (int stage = 0; stage < kStages; ++stage)
    seconds.Set(kNames[stage], static_cast<double>(trace.nanoseconds[stage]) * 1e-9);
  Napi::Object result = Napi::Object::New(env);
  result.Set("seconds", seconds);
  result.Set("rows", static_cast<double>(trace.rows));
  result.Set("features", static_cast<double>(trace.features));
  result.Set("storedColumns", static_cast<double>(trace.stored_columns));
  result.Set("trees", static_cast<double>(trace.trees));
  result.Set("valuesRead", static_cast<double>(trace.values_read));
  result.Set("histogramUpdates", static_cast<double>(trace.histogram_updates));
  result.Set("spilledBytes", static_cast<double>(trace.spilled_bytes));
  result.Set("peakBytes", static_cast<double>(trace.peak_bytes));
  return result;
}

/// boostingModel(model): { nIterations, nOutputs, nTreesPerIteration, isLinear, nFeatures,
/// baseline, categories, trainScore, validationScore, trace }
Napi::Value DescribeModel(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto fitted = ModelOf(info[0]);
  Napi::Object result = Napi::Object::New(env);
  result.Set("nIterations", static_cast<double>(fitted->model->n_iterations()));
  result.Set("nOutputs", static_cast<double>(fitted->model->n_outputs));
  result.Set("nTreesPerIteration", static_cast<double>(fitted->model->trees_per_iteration()));
  result.Set("isLinear", fitted->model->has_linear_leaves);
  result.Set("nFeatures", static_cast<double>(fitted->model->n_features));
  result.Set("baseline", ToFloat64Array(env, fitted->model->baseline));
  result.Set("categories", CategoriesOf(env, *fitted->model));
  result.Set("trainScore", ToFloat64Array(env, fitted->state.train_score));
  result.Set("validationScore", ToFloat64Array(env, fitted->state.validation_score));
  result.Set("trace", DescribeTrace(env, fitted->state.trace));
  return result;
}

/// The sets of a tree, 32 bytes each.
Napi::Value SetsOf(Napi::Env env, const boosting::Tree& tree) {
  const std::size_t bytes = tree.sets.size() * sizeof(simd::BinSet);
  Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes);
  if (bytes > 0) std::memcpy(array.Data(), tree.sets.data(), bytes);
  return array;
}

/// The regressions of a tree's leaves: { constant, features, slopes } each.
Napi::Value LinearOf(Napi::Env env, const boosting::Tree& tree) {
  Napi::Array leaves = Napi::Array::New(env, tree.linear.size());
  for (std::uint32_t i = 0; i < tree.linear.size(); ++i) {
    const boosting::LinearLeaf& leaf = tree.linear[i];
    Napi::Object described = Napi::Object::New(env);
    described.Set("constant", leaf.constant);
    described.Set("features", ToFloat64Array(env, std::vector<double>(leaf.features.begin(),
                                                                      leaf.features.end())));
    described.Set("slopes", ToFloat64Array(env, leaf.slopes));
    leaves.Set(i, described);
  }
  return leaves;
}

/// boostingNodes(model, tree): the nodes of one tree, by column
Napi::Value DescribeTree(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto fitted = ModelOf(info[0]);
  const std::int64_t index = info[1].As<Napi::Number>().Int64Value();
  if (index < 0 || index >= static_cast<std::int64_t>(fitted->model->trees.size())) {
    throw Napi::RangeError::New(env, "there is no such tree");
  }
  std::vector<double> feature, threshold, left, right, missing_left, value, gain, count, set;
  for (const boosting::TreeNode& node : fitted->model->trees[index].nodes) {
    feature.push_back(node.feature);
    threshold.push_back(node.threshold);
    left.push_back(node.left);
    right.push_back(node.right);
    missing_left.push_back(node.missing_left ? 1 : 0);
    value.push_back(node.value);
    gain.push_back(node.gain);
    count.push_back(static_cast<double>(node.count));
    set.push_back(node.set);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("feature", ToFloat64Array(env, feature));
  result.Set("threshold", ToFloat64Array(env, threshold));
  result.Set("left", ToFloat64Array(env, left));
  result.Set("right", ToFloat64Array(env, right));
  result.Set("missingLeft", ToFloat64Array(env, missing_left));
  result.Set("value", ToFloat64Array(env, value));
  result.Set("gain", ToFloat64Array(env, gain));
  result.Set("count", ToFloat64Array(env, count));
  result.Set("set", ToFloat64Array(env, set));
  result.Set("sets", SetsOf(env, fitted->model->trees[index]));
  result.Set("vectors", ToFloat64Array(env, fitted->model->trees[index].vectors));
  result.Set("linear", LinearOf(env, fitted->model->trees[index]));
  return result;
}

boosting::ForestOutput OutputOf(Napi::Value value) {
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "raw") return boosting::ForestOutput::kRaw;
  return name == "leaves" ? boosting::ForestOutput::kLeaves : boosting::ForestOutput::kResponse;
}

/// createForestMap(model, loss, output, firstIteration, lastIteration): map
Napi::Value CreateForestMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto fitted = ModelOf(info[0]);
    const LossKind loss = LossOf(info[1]);
    const boosting::ForestOutput output = OutputOf(info[2]);
    const std::int64_t first = info[3].As<Napi::Number>().Int64Value();
    const std::int64_t last = info[4].As<Napi::Number>().Int64Value();
    if (first < 0 || last < first || last > fitted->model->n_iterations()) {
      throw Napi::RangeError::New(info.Env(), "there are no such iterations");
    }
    return WrapBlockMap(info.Env(), std::make_shared<const boosting::ForestMap>(
                                        fitted->model, loss, output, first, last));
  });
}

/// boostingResponse(loss, raw, nOutputs): what raw predictions mean, row-major
Napi::Value Response(const Napi::CallbackInfo& info) {
  const LossKind loss = LossOf(info[0]);
  const std::vector<double> raw = Doubles(info[1], "raw");
  const std::int64_t n_outputs = std::max<std::int64_t>(1, info[2].As<Napi::Number>().Int64Value());
  const auto rows = static_cast<std::int64_t>(raw.size()) / n_outputs;
  std::vector<double> out(
      static_cast<std::size_t>(rows * (loss == LossKind::kLogLoss ? 2 : n_outputs)));
  RawToResponse(loss, raw.data(), rows, n_outputs, out.data());
  return ToFloat64Array(info.Env(), out);
}

/// serializeBoosting(model): Uint8Array
Napi::Value Serialize(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto fitted = ModelOf(info[0]);
    const std::vector<std::uint8_t> bytes = boosting::WriteModel(*fitted->model, fitted->state);
    Napi::Uint8Array array = Napi::Uint8Array::New(info.Env(), bytes.size());
    std::memcpy(array.Data(), bytes.data(), bytes.size());
    return array;
  });
}

/// deserializeBoosting(bytes): model
Napi::Value Deserialize(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto fitted = std::make_shared<BoostingModel>();
    boosting::ReadModel(Bytes(info[0], "bytes"), *fitted->model, fitted->state);
    return WrapModel(info.Env(), std::move(fitted));
  });
}

}  // namespace

std::shared_ptr<const boosting::Model> BoostingModelOf(Napi::Value value) {
  return ModelOf(value)->model;
}

LossKind BoostingLossOf(Napi::Value value) { return LossOf(value); }

void ExportBoosting(Napi::Env env, Napi::Object exports) {
  exports.Set("createSketchSink", Napi::Function::New(env, CreateSketchSink));
  exports.Set("createBinningSink", Napi::Function::New(env, CreateBinningSink));
  exports.Set("createRawSink", Napi::Function::New(env, CreateRawSink));
  exports.Set("boostingModel", Napi::Function::New(env, DescribeModel));
  exports.Set("boostingNodes", Napi::Function::New(env, DescribeTree));
  exports.Set("createForestMap", Napi::Function::New(env, CreateForestMap));
  exports.Set("boostingResponse", Napi::Function::New(env, Response));
  exports.Set("serializeBoosting", Napi::Function::New(env, Serialize));
  exports.Set("deserializeBoosting", Napi::Function::New(env, Deserialize));
}

}  // namespace treeline::binding
