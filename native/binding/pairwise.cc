#include "binding/pairwise.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "binding/arguments.h"
#include "binding/job.h"
#include "binding/table.h"
#include "matrix/pairwise_map.h"

namespace treeline::binding {

namespace {

Pairwise PairwiseOf(Napi::Value value) {
  const std::string name = value.As<Napi::String>().Utf8Value();
  if (name == "euclidean") return Pairwise::kEuclidean;
  if (name == "sqeuclidean") return Pairwise::kSquaredEuclidean;
  if (name == "manhattan") return Pairwise::kManhattan;
  if (name == "cosine") return Pairwise::kCosine;
  if (name == "cosineSimilarity") return Pairwise::kCosineSimilarity;
  if (name == "rbf") return Pairwise::kRbf;
  if (name == "laplacian") return Pairwise::kLaplacian;
  throw Napi::TypeError::New(value.Env(), "unknown pairwise function: " + name);
}

/// createPairwiseMap(labels, others, kind, gamma): map
Napi::Value CreatePairwiseMap(const Napi::CallbackInfo& info) {
  return Guarded(info.Env(), [&]() -> Napi::Value {
    FeatureLabels labels = LabelsOf(info[0]);
    std::vector<double> others = Doubles(info[1], "others");
    if (labels.size() < 1 || others.empty() ||
        static_cast<std::int64_t>(others.size()) % labels.size() != 0) {
      throw Napi::TypeError::New(info.Env(), "others do not have the table's columns");
    }
    const double gamma = info[3].As<Napi::Number>().DoubleValue();
    return WrapBlockMap(info.Env(),
                        std::make_shared<const PairwiseMap>(std::move(labels), std::move(others),
                                                            PairwiseOf(info[2]), gamma));
  });
}

}  // namespace

void ExportPairwise(Napi::Env env, Napi::Object exports) {
  exports.Set("createPairwiseMap", Napi::Function::New(env, CreatePairwiseMap));
}

}  // namespace treeline::binding
