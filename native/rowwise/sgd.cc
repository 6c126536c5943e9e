#include "rowwise/sgd.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "core/error.h"
#include "core/random.h"
#include "rowwise/weight_vector.h"

namespace treeline {

namespace {

constexpr double kLargestGradient = 1e12;
constexpr double kSmallestAdaptiveEta = 1e-6;
/// Steps between looks at the cancel token.
constexpr std::int64_t kStepsPerCheck = 1024;

bool IsPassiveAggressive(SgdSchedule schedule) noexcept {
  return schedule == SgdSchedule::kPa1 || schedule == SgdSchedule::kPa2;
}

/// One descent. Follows scikit-learn's _plain_sgd step by step.
template <typename Rows>
class Descent {
 public:
  Descent(const Rows& rows, const SgdTarget& target, const SgdOptions& options, SgdState& state)
      : rows_(rows),
        target_(target),
        options_(options),
        state_(state),
        weights_(state.coef, state.average_coef, rows.stride()),
        l1_ratio_(options.penalty == SgdPenalty::kL1   ? 1
                  : options.penalty == SgdPenalty::kL2 ? 0
                                                       : options.l1_ratio),
        truncates_(options.penalty == SgdPenalty::kL1 ||
                   options.penalty == SgdPenalty::kElasticNet),
        measures_(std::isfinite(options.tol) && !options.early_stopping),
        eta_(options.eta0) {
    if (truncates_) weights_.PrepareToTruncate();
    const double typical_weight = std::sqrt(1 / std::sqrt(options.alpha));
    optimal_start_ = 1 / (typical_weight * options.alpha);
  }

  void Run(const Context& ctx) {
    std::vector<std::int32_t> order(static_cast<std::size_t>(rows_.rows()));
    state_.converged = !std::isfinite(options_.tol);
    for (state_.n_iter = 1; state_.n_iter <= options_.max_iter; ++state_.n_iter) {
      Order(order);
      weights_.Measure();
      const double objective = Epoch(order, ctx);
      if (!std::isfinite(state_.intercept) || !weights_.IsFinite()) RefuseOverflow();
      if (options_.reports_progress) {
        const double score = measures_ ? objective : std::numeric_limits<double>::quiet_NaN();
        ctx.progress.Report(state_.n_iter, options_.max_iter, score);
      }
      if (IsDone(options_.early_stopping ? Score() : -objective)) break;
    }
    state_.n_iter = std::min(state_.n_iter, options_.max_iter);
    weights_.Write(rows_.cols(), state_.coef, state_.average_coef);
  }

 private:
  /// A permutation of the rows (Fisher, Yates), or the rows as they are.
  void Order(std::vector<std::int32_t>& order) const noexcept {
    std::iota(order.begin(), order.end(), 0);
    if (!options_.shuffle) return;
    const auto stream = static_cast<std::uint64_t>(state_.t);
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[RandomBits(options_.seed, stream, i) % i]);
  }

  /// One step per row that is not held out. The mean of loss and penalty before each step.
  double Epoch(const std::vector<std::int32_t>& order, const Context& ctx) {
    double objective = 0;
    std::int64_t steps = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i % kStepsPerCheck == 0) ctx.cancel.ThrowIfCancelled();
      const std::int64_t row = order[i];
      if (!target_.held_out.empty() && target_.held_out[row] != 0) continue;
      objective += Step(row);
      ++steps;
    }
    return objective / static_cast<double>(steps);
  }

  double Step(std::int64_t row) noexcept {
    const double y = target_.y[row];
    const double dot = weights_.Dot(rows_, row);
    const double p = dot + state_.intercept;
    if (options_.schedule == SgdSchedule::kOptimal) {
      eta_ = 1 / (options_.alpha * (optimal_start_ + state_.t - 1));
    } else if (options_.schedule == SgdSchedule::kInvScaling) {
      eta_ = options_.eta0 / std::pow(state_.t, options_.power_t);
    }
    const double objective = measures_ ? options_.loss.Value(y, p) + Penalty() : 0;
    double update = Update(row, y, p);
    if (std::isnan(update))
      return objective;  // a passive-aggressive step needs a row that is not 0
    update *= y > 0 ? target_.positive_weight : target_.negative_weight;
    if (!target_.weights.empty()) update *= target_.weights[row];
    Apply(row, update, dot);
    state_.t += 1;
    return objective;
  }

  /// What the row's multiple added to the weights is, before any weight of the row; NaN: no step.
  double Update(std::int64_t row, double y, double p) const noexcept {
    if (!IsPassiveAggressive(options_.schedule)) {
      const double gradient = options_.loss.Gradient(y, p);
      return -eta_ * std::clamp(gradient, -kLargestGradient, kLargestGradient);
    }
    const double norm = rows_.SquaredNorm(row);
    const double loss = options_.loss.Value(y, p);
    if (options_.schedule == SgdSchedule::kPa1 && norm == 0) return std::nan("");
    const double step = options_.schedule == SgdSchedule::kPa1
                            ? std::min(options_.eta0, loss / norm)
                            : loss / (norm + 0.5 / options_.eta0);
    if (options_.loss.kind == SgdLoss::kHinge) return step * y;
    return y < p ? -step : step;
  }

  void Apply(std::int64_t row, double update, double dot) noexcept {
    if (options_.penalty == SgdPenalty::kL2 || options_.penalty == SgdPenalty::kElasticNet) {
      const double factor = std::max(0.0, 1 - (1 - l1_ratio_) * eta_ * options_.alpha);
      weights_.Scale(factor);
      dot *= factor;
    }
    const auto add = [&] { weights_.Add(rows_, row, update, dot); };
    if (update != 0 && truncates_ && measures_) {
      weights_.TrackL1(rows_, row, add);
    } else if (update != 0) {
      add();
    }
    if (options_.fit_intercept) state_.intercept += update;
    if (options_.average > 0 && static_cast<double>(options_.average) <= state_.t) {
      const double n = state_.t - static_cast<double>(options_.average) + 1;
      weights_.AddToAverage(rows_, row, update, n);
      state_.average_intercept += (state_.intercept - state_.average_intercept) / n;
    }
    if (!truncates_) return;
    penalty_due_ += l1_ratio_ * eta_ * options_.alpha;
    weights_.Truncate(penalty_due_);
  }

  double Penalty() const noexcept {
    if (options_.penalty == SgdPenalty::kNone || IsPassiveAggressive(options_.schedule)) return 0;
    return options_.alpha *
           ((1 - l1_ratio_) * 0.5 * weights_.squared_norm() + l1_ratio_ * weights_.l1_norm());
  }

  /// Whether the descent ends after an epoch of this score, the larger the better.
  bool IsDone(double score) noexcept {
    if (!std::isfinite(options_.tol)) return false;
    stalled_ = score < best_ + options_.tol ? stalled_ + 1 : 0;
    best_ = std::max(best_, score);
    if (stalled_ < options_.n_iter_no_change) return false;
    if (options_.schedule == SgdSchedule::kAdaptive && eta_ > kSmallestAdaptiveEta) {
      eta_ /= 5;
      stalled_ = 0;
      return false;
    }
    state_.converged = true;
    return true;
  }

  /// Accuracy or R² of the held-out rows, weighted.
  double Score() const noexcept {
    double total = 0, right = 0, mean = 0, spread = 0, residual = 0;
    for (std::int64_t row = 0; row < rows_.rows(); ++row) {
      if (target_.held_out[row] == 0) continue;
      const double w = target_.weights.empty() ? 1 : target_.weights[row];
      if (w == 0) continue;
      const double y = target_.y[row];
      const double p = weights_.Dot(rows_, row) + state_.intercept;
      total += w;
      if ((p > 0) == (y > 0)) right += w;
      const double apart = y - mean;  // mean and spread as Welford's
      mean += apart * (w / total);
      spread += w * apart * (y - mean);
      residual += w * (y - p) * (y - p);
    }
    if (options_.is_classifier) return right / total;
    return spread > 0 ? 1 - residual / spread : residual > 0 ? 0 : 1;
  }

  [[noreturn]] void RefuseOverflow() const {
    throw Error(ErrorCode::kInvalidData,
                "floating-point overflow in epoch " + std::to_string(state_.n_iter) +
                    ": scale X with StandardScaler, or take a smaller eta0");
  }

  const Rows& rows_;
  const SgdTarget& target_;
  const SgdOptions& options_;
  SgdState& state_;
  WeightVector weights_;
  double l1_ratio_;
  bool truncates_;
  bool measures_;  // the objective is needed to know when to stop
  double eta_;
  double optimal_start_;
  double penalty_due_ = 0;
  double best_ = -std::numeric_limits<double>::infinity();
  std::int64_t stalled_ = 0;
};

}  // namespace

void DescendStochastically(const RowStore& store, const SgdTarget& target,
                           const SgdOptions& options, SgdState& state, const Context& ctx) {
  WithRows(store, [&]<typename Rows>(const Rows& rows) {
    Descent<Rows>(rows, target, options, state).Run(ctx);
  });
}

}  // namespace treeline
