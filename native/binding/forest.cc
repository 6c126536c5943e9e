#include "binding/forest.h"

#include <map>
#include <memory>
#include <utility>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "forest/bin_table.h"
#include "forest/forest_fit.h"
#include "forest/forest_map.h"
#include "forest/isolation.h"
#include "forest/pruning.h"

namespace treeline::binding {

namespace {

using forest::Forest;

template <typename Array, typename T>
Napi::Value ToArray(Napi::Env env, const std::vector<T>& values) {
  Array array = Array::New(env, values.size());
  for (std::size_t i = 0; i < values.size(); ++i) array[i] = values[i];
  return array;
}

std::vector<std::uint8_t> Bytes(Napi::Value value, const char* what) {
  const TypedSpan span = TypedSpanOf(value, what);
  if (span.type != napi_uint8_array)
    throw Napi::TypeError::New(value.Env(), std::string(what) + " must be a Uint8Array");
  const auto* data = static_cast<const std::uint8_t*>(span.data);
  return {data, data + span.length};
}

/// Trees as JavaScript keeps them: a typed array a column.
Napi::Value ToObject(Napi::Env env, const Forest& forest) {
  const forest::TreeNodes& nodes = forest.nodes;
  Napi::Object object = Napi::Object::New(env);
  object.Set("nValues", static_cast<double>(forest.n_values));
  std::vector<double> first(forest.first_node.begin(), forest.first_node.end());
  object.Set("firstNode", ToFloat64Array(env, first));
  object.Set("feature", ToArray<Napi::Int32Array>(env, nodes.feature));
  object.Set("threshold", ToFloat64Array(env, nodes.threshold));
  object.Set("left", ToArray<Napi::Int32Array>(env, nodes.left));
  object.Set("right", ToArray<Napi::Int32Array>(env, nodes.right));
  object.Set("missingLeft", ToArray<Napi::Uint8Array>(env, nodes.missing_left));
  object.Set("impurity", ToFloat64Array(env, nodes.impurity));
  object.Set("nRows", ToFloat64Array(env, nodes.n_rows));
  object.Set("weight", ToFloat64Array(env, nodes.weight));
  object.Set("values", ToFloat64Array(env, nodes.values));
  return object;
}

Forest ForestOf(Napi::Value value, std::int64_t n_features) {
  const Napi::Object object = value.As<Napi::Object>();
  Forest forest;
  forest.n_features = n_features;
  forest.n_values = IntegerProperty(object, "nValues");
  const std::vector<double> first = Doubles(object.Get("firstNode"), "firstNode");
  forest.first_node.assign(first.begin(), first.end());
  forest::TreeNodes& nodes = forest.nodes;
  nodes.feature = Int32s(object.Get("feature"), "feature");
  nodes.threshold = Doubles(object.Get("threshold"), "threshold");
  nodes.left = Int32s(object.Get("left"), "left");
  nodes.right = Int32s(object.Get("right"), "right");
  nodes.missing_left = Bytes(object.Get("missingLeft"), "missingLeft");
  nodes.impurity = Doubles(object.Get("impurity"), "impurity");
  nodes.n_rows = Doubles(object.Get("nRows"), "nRows");
  nodes.weight = Doubles(object.Get("weight"), "weight");
  nodes.values = Doubles(object.Get("values"), "values");
  forest.Check();
  if (nodes.impurity.size() != nodes.feature.size() ||
      nodes.weight.size() != nodes.feature.size() || nodes.n_rows.size() != nodes.feature.size())
    throw Napi::TypeError::New(value.Env(), "the columns of the trees differ in length");
  return forest;
}

/// createBinTableSink(sketch, maxBins, labels, job): Promise<sink>
Napi::Value CreateBinTableSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sketch = UnwrapAs<SketchSink, Sink>(info[0], HandleKind::kSink, "sketch");
    const auto max_bins = static_cast<int>(info[1].As<Napi::Number>().Int64Value());
    auto labels = std::make_shared<FeatureLabels>(LabelsOf(info[2]));
    auto made = std::make_shared<std::shared_ptr<Sink>>();
    if (max_bins < 2 || max_bins > kMostBins)
      throw Napi::RangeError::New(info.Env(), "maxBins out of range");
    return StartJob(
        info.Env(), info[3], {info[0]},
        [sketch, max_bins, labels, made](const Context& ctx) {
          *made = forest::MakeBinTableSink(*sketch, max_bins, std::move(*labels), ctx);
        },
        [made](Napi::Env env) { return WrapSink(env, *made); });
  });
}

forest::Criterion CriterionOf(Napi::Env env, const std::string& name) {
  static const auto* const names = new std::map<std::string, forest::Criterion>{
      {"gini", forest::Criterion::kGini},
      {"entropy", forest::Criterion::kEntropy},
      {"squaredError", forest::Criterion::kSquaredError},
      {"poisson", forest::Criterion::kPoisson},
      {"absoluteError", forest::Criterion::kAbsoluteError}};
  const auto found = names->find(name);
  if (found == names->end()) throw Napi::TypeError::New(env, "unknown criterion: " + name);
  return found->second;
}

forest::TreeParams TreeParamsOf(Napi::Object object, std::int64_t n_features) {
  forest::TreeParams params;
  params.criterion = CriterionOf(object.Env(), StringProperty(object, "criterion"));
  params.random_splits = BooleanProperty(object, "randomSplits");
  params.max_depth = IntegerProperty(object, "maxDepth");
  params.min_samples_split = IntegerProperty(object, "minSamplesSplit");
  params.min_samples_leaf = IntegerProperty(object, "minSamplesLeaf");
  params.min_weight_fraction_leaf = NumberProperty(object, "minWeightFractionLeaf");
  params.max_features = IntegerProperty(object, "maxFeatures");
  params.shuffle_features = BooleanProperty(object, "shuffleFeatures");
  params.max_leaf_nodes = IntegerProperty(object, "maxLeafNodes");
  params.min_impurity_decrease = NumberProperty(object, "minImpurityDecrease");
  params.ccp_alpha = NumberProperty(object, "ccpAlpha");
  if (!object.Get("monotonicCst").IsUndefined()) {
    for (const std::int32_t sign : Int32s(object.Get("monotonicCst"), "monotonicCst"))
      params.monotonic.push_back(static_cast<std::int8_t>(sign));
  }
  if (params.max_features < 1 || (!params.monotonic.empty() &&
                                  static_cast<std::int64_t>(params.monotonic.size()) != n_features))
    throw Napi::TypeError::New(object.Env(), "impossible options");
  return params;
}

forest::TreeProblem ProblemOf(Napi::Object object, std::int64_t rows) {
  forest::TreeProblem problem;
  problem.n_classes = IntegerProperty(object, "nClasses");
  problem.n_outputs = IntegerProperty(object, "nOutputs");
  if (problem.n_classes > 0) {
    problem.codes = Int32s(object.Get("codes"), "codes");
    for (const std::int32_t code : problem.codes) {
      if (code < 0 || code >= problem.n_classes)
        throw Napi::RangeError::New(object.Env(), "a class code out of range");
    }
  } else {
    problem.targets = Doubles(object.Get("targets"), "targets");
  }
  problem.weights = DoublesOrNone(object.Get("weights"), "weights");
  problem.class_weights = DoublesOrNone(object.Get("classWeights"), "classWeights");
  const auto n = static_cast<std::size_t>(rows);
  if (problem.n_outputs < 1 || problem.n_classes < 0 ||
      (problem.n_classes > 0
           ? problem.codes.size() != n
           : problem.targets.size() != n * static_cast<std::size_t>(problem.n_outputs)) ||
      (!problem.weights.empty() && problem.weights.size() != n) ||
      (!problem.class_weights.empty() &&
       static_cast<std::int64_t>(problem.class_weights.size()) != problem.n_classes)) {
    throw Napi::TypeError::New(object.Env(), "targets, weights and rows do not fit together");
  }
  return problem;
}

forest::SamplingParams SamplingOf(Napi::Object object) {
  forest::SamplingParams sampling;
  sampling.seed = static_cast<std::uint64_t>(IntegerProperty(object, "seed"));
  sampling.bootstrap = BooleanProperty(object, "bootstrap");
  sampling.n_draws = IntegerProperty(object, "nDraws");
  sampling.balanced_subsample = BooleanProperty(object, "balancedSubsample");
  return sampling;
}

/// fitForest(sink, problem, options, before | undefined, job): Promise<{ forest, outOfBag? }>
Napi::Value FitForestJob(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sink = UnwrapAs<forest::BinTableSink, Sink>(info[0], HandleKind::kSink, "bin table");
    const auto table = sink->table();
    if (sink->rows() != table->rows())
      throw Napi::Error::New(info.Env(), "the table of bins is not full");
    const Napi::Object options = info[2].As<Napi::Object>();
    auto problem = std::make_shared<const forest::TreeProblem>(
        ProblemOf(info[1].As<Napi::Object>(), table->rows()));
    forest::ForestParams params;
    params.tree = TreeParamsOf(options, table->n_features());
    params.sampling = SamplingOf(options);
    params.n_trees = IntegerProperty(options, "nTrees");
    const bool wants_out_of_bag = BooleanProperty(options, "outOfBag");
    auto grown = std::make_shared<Forest>();
    if (!info[3].IsUndefined()) *grown = ForestOf(info[3], table->n_features());
    grown->n_features = table->n_features();
    grown->n_values = problem->n_values();
    params.first_tree = grown->n_trees();
    auto out_of_bag = std::make_shared<forest::OutOfBag>();
    return StartJob(
        info.Env(), info[4], {info[0]},
        [=](const Context& ctx) {
          const Forest added = forest::FitForest(*table, *problem, params, ctx);
          const std::int64_t before = grown->first_node.back();
          grown->nodes.Append(added.nodes);
          for (std::int64_t t = 1; t <= added.n_trees(); ++t)
            grown->first_node.push_back(before + added.first_node[t]);
          if (!wants_out_of_bag) return;
          const forest::RowDrawer drawer(*problem, params.sampling);
          *out_of_bag = forest::PredictOutOfBag(*grown, *table, drawer, ctx);
        },
        [=](Napi::Env env) -> Napi::Value {
          Napi::Object result = Napi::Object::New(env);
          result.Set("forest", ToObject(env, *grown));
          if (!wants_out_of_bag) return result;
          result.Set("outOfBag", ToFloat64Array(env, out_of_bag->values));
          result.Set("outOfBagTrees", ToArray<Napi::Int32Array>(env, out_of_bag->n_trees));
          return result;
        });
  });
}

/// forestDraws(rows, weights | undefined, sampling, tree): Int32Array
Napi::Value ForestDraws(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const auto rows = static_cast<std::size_t>(info[0].As<Napi::Number>().Int64Value());
    forest::TreeProblem problem;
    problem.targets.assign(rows, 0);
    problem.weights = DoublesOrNone(info[1], "weights");
    if (rows == 0 || (!problem.weights.empty() && problem.weights.size() != rows))
      throw Napi::TypeError::New(info.Env(), "weights and rows do not fit together");
    const forest::RowDrawer drawer(problem, SamplingOf(info[2].As<Napi::Object>()));
    return ToArray<Napi::Int32Array>(info.Env(),
                                     drawer.Rows(info[3].As<Napi::Number>().Int64Value()));
  });
}

/// createTreesMap(forest, output, labels): map
Napi::Value CreateTreesMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[2]);
    const Forest forest = ForestOf(info[0], labels.size());
    const std::string output = info[1].As<Napi::String>().Utf8Value();
    if (output != "mean" && output != "leaves")
      throw Napi::TypeError::New(info.Env(), "unknown output: " + output);
    return WrapBlockMap(
        info.Env(),
        std::make_shared<const forest::ForestMap>(
            forest, output == "mean" ? forest::ForestOutput::kMean : forest::ForestOutput::kLeaves,
            std::move(labels)));
  });
}

/// pruningPath(forest, nFeatures): { ccpAlphas, impurities }
Napi::Value PruningPathOfTree(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const Forest forest = ForestOf(info[0], info[1].As<Napi::Number>().Int64Value());
    if (forest.n_trees() != 1) throw Napi::TypeError::New(info.Env(), "expected one tree");
    const forest::PruningPath path = forest::PruningPathOf(forest.nodes);
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("ccpAlphas", ToFloat64Array(info.Env(), path.alphas));
    result.Set("impurities", ToFloat64Array(info.Env(), path.impurities));
    return result;
  });
}

forest::IsolationParams IsolationParamsOf(Napi::Object object, std::int64_t n_features) {
  forest::IsolationParams params;
  params.n_rows = IntegerProperty(object, "nRows");
  params.max_samples = IntegerProperty(object, "maxSamples");
  params.max_features = IntegerProperty(object, "maxFeatures");
  params.bootstrap = BooleanProperty(object, "bootstrap");
  params.first_tree = IntegerProperty(object, "firstTree");
  params.n_trees = IntegerProperty(object, "nTrees");
  params.seed = static_cast<std::uint64_t>(IntegerProperty(object, "seed"));
  params.weights = DoublesOrNone(object.Get("weights"), "weights");
  const auto& weights = params.weights;
  const std::int64_t n_weighty = weights.empty() ? params.n_rows
                                                 : std::count_if(weights.begin(), weights.end(),
                                                                 [](double w) { return w > 0; });
  const bool fits = (weights.empty() || std::ssize(weights) == params.n_rows) && n_weighty >= 1 &&
                    params.n_trees >= 0 && params.first_tree >= 0 && params.max_samples >= 1 &&
                    (params.bootstrap || params.max_samples <= n_weighty) &&
                    params.max_features >= 1 && params.max_features <= n_features;
  if (!fits) throw Napi::TypeError::New(object.Env(), "impossible options");
  return params;
}

/// createIsolationSink(labels, options): sink
Napi::Value CreateIsolationSink(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    const auto params = IsolationParamsOf(info[1].As<Napi::Object>(), labels.size());
    return WrapSink(info.Env(), std::make_shared<forest::IsolationSink>(params, std::move(labels)));
  });
}

/// fitIsolation(sink, job): Promise<forest>
Napi::Value FitIsolation(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    auto sink = UnwrapAs<forest::IsolationSink, Sink>(info[0], HandleKind::kSink, "isolation sink");
    auto grown = std::make_shared<Forest>();
    return StartJob(
        info.Env(), info[1], {info[0]},
        [sink, grown](const Context& ctx) { *grown = sink->Fit(ctx); },
        [grown](Napi::Env env) { return ToObject(env, *grown); });
  });
}

/// isolationRows(sink): the rows that each tree draws
Napi::Value IsolationRows(const Napi::CallbackInfo& info) {
  const auto sink =
      UnwrapAs<forest::IsolationSink, Sink>(info[0], HandleKind::kSink, "isolation sink");
  Napi::Array result = Napi::Array::New(info.Env(), sink->draws().size());
  for (std::uint32_t t = 0; t < result.Length(); ++t) {
    const std::vector<std::int64_t>& rows = sink->draws()[t].rows;
    result.Set(t, ToArray<Napi::Int32Array>(info.Env(),
                                            std::vector<std::int32_t>(rows.begin(), rows.end())));
  }
  return result;
}

/// isolationDraw(nFeatures, options, tree): { rows, features }
Napi::Value IsolationDrawOf(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    const std::int64_t n_features = info[0].As<Napi::Number>().Int64Value();
    const auto params = IsolationParamsOf(info[1].As<Napi::Object>(), n_features);
    const forest::IsolationDraw draw =
        forest::DrawForIsolation(params, n_features, info[2].As<Napi::Number>().Int64Value());
    Napi::Object result = Napi::Object::New(info.Env());
    std::vector<std::int32_t> rows(draw.rows.begin(), draw.rows.end());
    result.Set("rows", ToArray<Napi::Int32Array>(info.Env(), rows));
    result.Set("features", ToArray<Napi::Int32Array>(info.Env(), draw.features));
    return result;
  });
}

}  // namespace

void ExportForest(Napi::Env env, Napi::Object exports) {
  exports.Set("createBinTableSink", Napi::Function::New(env, CreateBinTableSink));
  exports.Set("fitForest", Napi::Function::New(env, FitForestJob));
  exports.Set("forestDraws", Napi::Function::New(env, ForestDraws));
  exports.Set("createTreesMap", Napi::Function::New(env, CreateTreesMap));
  exports.Set("pruningPath", Napi::Function::New(env, PruningPathOfTree));
  exports.Set("createIsolationSink", Napi::Function::New(env, CreateIsolationSink));
  exports.Set("fitIsolation", Napi::Function::New(env, FitIsolation));
  exports.Set("isolationRows", Napi::Function::New(env, IsolationRows));
  exports.Set("isolationDraw", Napi::Function::New(env, IsolationDrawOf));
}

}  // namespace treeline::binding
