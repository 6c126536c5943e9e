#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/context.h"
#include "rowwise/row_store.h"
#include "rowwise/sgd_loss.h"

namespace treeline {

enum class SgdPenalty { kNone, kL1, kL2, kElasticNet };
enum class SgdSchedule {
  kConstant,    // eta0
  kOptimal,     // 1 / (alpha (t0 + t)), t0 by Bottou's heuristic
  kInvScaling,  // eta0 / t^power_t
  kAdaptive,    // eta0, a fifth of it whenever an epoch brings nothing
  kPa1,         // passive-aggressive (Crammer et al. 2006): a step of at most eta0
  kPa2,         // the same with the step damped by eta0
};

/// What a stochastic gradient descent is told: scikit-learn's SGDClassifier and SGDRegressor.
struct SgdOptions {
  SgdLossFunction loss{SgdLoss::kHinge, 0.1};
  SgdPenalty penalty = SgdPenalty::kL2;
  double alpha = 1e-4;
  double l1_ratio = 0.15;
  bool fit_intercept = true;
  std::int64_t max_iter = 1000;
  double tol = -std::numeric_limits<double>::infinity();  // -infinity: all max_iter epochs
  bool shuffle = true;
  std::uint64_t seed = 0;
  SgdSchedule schedule = SgdSchedule::kOptimal;
  double eta0 = 0.01;
  double power_t = 0.5;
  std::int64_t average = 0;  // the step from which on weights are averaged; 0: never
  bool early_stopping = false;
  bool is_classifier = true;  // y is -1 or 1, and the held-out rows' score is accuracy, not R²
  std::int64_t n_iter_no_change = 5;
  bool reports_progress = false;  // on the job's own thread only
};

/// Targets and weights of the rows, for one output.
struct SgdTarget {
  std::span<const double> y;
  std::span<const double> weights;         // empty: all weigh 1
  std::span<const std::uint8_t> held_out;  // 1 for rows that only score; empty: none
  double positive_weight = 1;              // of rows with y > 0
  double negative_weight = 1;
};

/// Where a descent is: it goes on from here.
struct SgdState {
  std::vector<double> coef;
  double intercept = 0;
  std::vector<double> average_coef;  // empty: no average is kept
  double average_intercept = 0;
  double t = 1;  // steps made, + 1
  std::int64_t n_iter = 0;
  bool converged = false;
};

/// What the outputs of a model learn: one per class against all others (one for two classes), or
/// the one of a regression.
struct SgdProblem {
  std::int64_t n_classes = 0;          // 0: a regression
  std::vector<std::int32_t> codes;     // classification: one a row
  std::vector<double> y;               // regression: one a row
  std::vector<double> weights;         // one a row; empty: all weigh 1
  std::vector<std::uint8_t> held_out;  // one a row; empty: none
  std::vector<double> class_weights;   // one a class; empty: all weigh 1

  std::int64_t n_outputs() const noexcept { return n_classes > 2 ? n_classes : 1; }
};

/// Runs epochs over the rows until nothing improves any more, or max_iter. The order of the rows in
/// an epoch depends on (seed, steps made before) only. One thread: a step needs the one before it.
/// Throws Error{kInvalidData} where the weights overflow.
void DescendStochastically(const RowStore& store, const SgdTarget& target,
                           const SgdOptions& options, SgdState& state, const Context& ctx);

/// DescendStochastically for every output, at the same time; `states` has one a output. For more
/// than two classes a class's weight counts for its own rows only, as in scikit-learn. Throws
/// Error{kInvalidData} where the problem's parts do not fit the table.
void FitSgd(const RowStore& store, const SgdProblem& problem, const SgdOptions& options,
            std::vector<SgdState>& states, const Context& ctx);

}  // namespace treeline
