#include "linear/glm_regression.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/error.h"

namespace treeline {

namespace {

/// Weighted moments of the target, in row order.
Moments TargetMoments(const std::vector<double>& target, const std::vector<double>& weights) {
  Moments moments;
  for (std::size_t i = 0; i < target.size(); ++i) {
    const double weight = weights.empty() ? 1 : weights[i];
    if (weight > 0) Merge(moments, Moments{weight, target[i], 0});
  }
  return moments;
}

/// log() rounded to float32: it may differ by a last place between systems.
double RoundedLog(double x) { return static_cast<double>(static_cast<float>(std::log(x))); }

/// The margin whose mean is the target's.
double NullMargin(GlmLoss loss, double mean) {
  return loss == GlmLoss::kTweedieLog ? RoundedLog(std::max(mean, 1e-300)) : mean;
}

/// The second derivative of the loss where the mean is `mean`, its expectation.
double NullCurvature(const GlmProblem& problem, double mean) {
  if (problem.loss == GlmLoss::kTweedieLog) {
    const double power = 2 - problem.parameter;
    if (power == 0) return 1;
    return power == 1 ? mean : std::exp(static_cast<float>(power * RoundedLog(mean)));
  }
  return 1;
}

/// The model that knows only the target's mean; Huber's scale starts at the standard deviation.
GlmStart NullStart(const GlmProblem& problem, const GlmOptions& options, const Moments& target) {
  GlmStart start;
  start.w.assign(static_cast<std::size_t>(problem.size()), 0);
  const std::int64_t cols = problem.table.cols();
  if (problem.fit_intercept) start.w[cols] = NullMargin(problem.loss, target.mean);
  if (!options.start_coef.empty())
    start.w = problem.ToInternal(options.start_coef, {options.start_intercept});
  if (problem.has_scale()) {
    const double scale = std::sqrt(target.Variance());
    start.w.back() = options.start_scale > 0 ? options.start_scale : scale > 0 ? scale : 1;
  }
  const double curvature = std::max(NullCurvature(problem, std::max(target.mean, 1e-300)), 1e-12);
  for (std::int64_t j = 0; j < problem.width(); ++j)
    start.curvature.push_back(problem.StartCurvature(j, curvature));
  return start;
}

GlmModel ModelOf(const GlmProblem& problem, const GlmSolution& solution) {
  if (!std::isfinite(solution.value)) {
    throw Error(ErrorCode::kInvalidData,
                "the loss is infinite at every start: an identity link with a power other than 0 "
                "needs a positive mean of y and an intercept; use the link \"log\"");
  }
  GlmModel model;
  std::vector<double> intercept;
  problem.ToOriginal(solution.w, model.coef, intercept);
  model.intercept = intercept[0];
  if (problem.has_scale()) model.scale = solution.w.back();
  model.n_iter = solution.n_iter;
  model.converged = solution.converged;
  model.violation = solution.violation;
  return model;
}

/// Huber's problem is solved for a target of mean 0 and deviation 1: its scale is one of the
/// unknowns, and all of them should weigh about the same.
GlmModel FitHuber(GlmProblem problem, GlmOptions options, const Moments& target,
                  const Context& ctx) {
  const double deviation = std::sqrt(target.Variance());
  const double scale = deviation > 0 ? deviation : 1;
  const double mean = problem.fit_intercept ? target.mean : 0;
  for (double& y : problem.target) y = (y - mean) / scale;
  for (double& c : options.start_coef) c /= scale;
  options.start_intercept = (options.start_intercept - mean) / scale;
  options.start_scale /= scale;
  problem.l2 = 2 * options.alpha * scale / target.count;
  Moments standard = target;
  standard.mean = (target.mean - mean) / scale;
  standard.m2 = target.count * (deviation > 0 ? 1 : 0);
  GlmStart start = NullStart(problem, options, standard);
  GlmModel model = ModelOf(problem, SolveGlm(problem, std::move(start), options.solver, options.tol,
                                             options.max_iter, ctx));
  for (double& c : model.coef) c *= scale;
  model.intercept = problem.fit_intercept ? model.intercept * scale + mean : 0;
  model.scale *= scale;
  return model;
}

}  // namespace

GlmModel FitGlm(const LinearTable& table, std::vector<double> target, std::vector<double> weights,
                const GlmOptions& options, const Context& ctx) {
  const auto rows = static_cast<std::size_t>(table.rows());
  if (target.size() != rows || (!weights.empty() && weights.size() != rows)) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(rows) + " rows, but y has " +
                                             std::to_string(target.size()));
  }
  GlmProblem problem;
  problem.table = table;
  problem.loss = options.loss;
  problem.parameter = options.parameter;
  problem.target = std::move(target);
  problem.weights = weights;
  problem.fit_intercept = options.fit_intercept;
  problem.l2 = options.alpha;
  problem.Standardise();
  const Moments moments = TargetMoments(problem.target, weights);
  if (options.loss == GlmLoss::kHuber) return FitHuber(std::move(problem), options, moments, ctx);
  GlmStart start = NullStart(problem, options, moments);
  return ModelOf(problem, SolveGlm(problem, std::move(start), options.solver, options.tol,
                                   options.max_iter, ctx));
}

}  // namespace treeline
