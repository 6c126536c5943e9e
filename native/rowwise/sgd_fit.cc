#include <algorithm>
#include <limits>

#include "core/error.h"
#include "rowwise/sgd.h"

namespace treeline {

namespace {

void CheckProblem(const RowStore& store, const SgdProblem& problem) {
  const auto rows = static_cast<std::size_t>(store.rows());
  if (store.rows() > std::numeric_limits<std::int32_t>::max())
    throw Error(ErrorCode::kInvalidData, "X has more than 2147483647 rows: use partialFit");
  const auto fits = [&](std::size_t size) { return size == 0 || size == rows; };
  const std::size_t targets = problem.n_classes > 0 ? problem.codes.size() : problem.y.size();
  if (targets != rows || !fits(problem.weights.size()) || !fits(problem.held_out.size()))
    throw Error(ErrorCode::kInvalidData, "X, y and sampleWeight differ in their number of rows");
  if (std::any_of(problem.codes.begin(), problem.codes.end(),
                  [&](std::int32_t code) { return code < 0 || code >= problem.n_classes; })) {
    throw Error(ErrorCode::kInvalidData, "a class code out of range");
  }
}

}  // namespace

void FitSgd(const RowStore& store, const SgdProblem& problem, const SgdOptions& options,
            std::vector<SgdState>& states, const Context& ctx) {
  CheckProblem(store, problem);
  SgdOptions own = options;
  own.reports_progress = problem.n_outputs() == 1;  // more of them run on other threads too
  ctx.ParallelFor(problem.n_outputs(), [&](std::int64_t output, int) {
    SgdTarget target;
    target.weights = problem.weights;
    target.held_out = problem.held_out;
    std::vector<double> signs;
    if (problem.n_classes == 0) {
      target.y = problem.y;
    } else {
      const auto positive = static_cast<std::int32_t>(problem.n_classes > 2 ? output : 1);
      signs.resize(problem.codes.size());
      std::transform(problem.codes.begin(), problem.codes.end(), signs.begin(),
                     [&](std::int32_t code) { return code == positive ? 1.0 : -1.0; });
      target.y = signs;
      if (!problem.class_weights.empty()) {
        target.positive_weight = problem.class_weights[positive];
        target.negative_weight = problem.n_classes > 2 ? 1 : problem.class_weights[0];
      }
    }
    DescendStochastically(store, target, own, states[output], ctx);
  });
}

}  // namespace treeline
