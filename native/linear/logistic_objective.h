#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/context.h"
#include "linear/linear_objective.h"
#include "linear/linear_store.h"

namespace treeline {

/// What a logistic regression is fitted to. Internally column j is z_j = (x_j - shift_j) *
/// factor_j, so that every column weighs the same to a solver; the penalty stays that of the
/// columns as they came.
struct LogisticProblem {
  const LinearStore* store = nullptr;
  std::vector<std::int32_t> codes;  // one per row, 0 … n_classes - 1
  std::vector<double> weights;      // one per row, or empty: all 1
  std::int64_t n_classes = 2;
  bool fit_intercept = true;
  double l2 =
      0;  // the penalty is l2 / 2 * |coefficients|^2, in original units, intercepts not in it
  std::vector<double> shift;   // 0 without an intercept
  std::vector<double> factor;  // 1 / standard deviation; 0 leaves a constant column out

  /// Margins per row: 1 for two classes.
  std::int64_t n_outputs() const noexcept { return n_classes == 2 ? 1 : n_classes; }
  /// Unknowns per output: coefficients of the columns in order, then the intercept if there is one.
  std::int64_t width() const noexcept { return store->cols() + (fit_intercept ? 1 : 0); }
};

/// Mean logistic loss over some slots of the data plus the penalty. Every pass reads each tile
/// once: margins, loss, gradient and, when asked, the Hessian while the tile is in cache. Sums
/// belong to groups of consecutive slots, merged in order: neither threads nor the chunks the data
/// came in change a bit.
class LogisticObjective final : public LinearObjective {
 public:
  /// Over the slots named, in that order. `problem` and `ctx` must outlive it.
  LogisticObjective(const LogisticProblem& problem, std::vector<std::int64_t> slots,
                    const Context& ctx);

  std::int64_t size() const noexcept override { return problem_.n_outputs() * problem_.width(); }
  double Evaluate(const double* w, double* gradient) override;
  double EvaluateWithHessian(const double* w, double* gradient, double* hessian) override;
  /// max |gradient| with respect to the original coefficients (as scikit-learn's tol) and to the
  /// internal ones: the second is what keeps columns of tiny scale from counting as fitted before
  /// they are.
  double Violation(const double* gradient) const override;

 private:
  struct Scratch;
  double Pass(const double* w, double* gradient, double* hessian);
  void AddSlot(const double* scaled, std::int64_t slot, bool with_hessian, Scratch& scratch) const;
  void AddHessian(std::int64_t rows, Scratch& scratch) const;
  double Finish(const std::vector<double>& total, const double* w, double* gradient,
                double* hessian) const;
  void FinishHessian(const double* sums, double* hessian) const;
  std::int64_t n_pairs() const noexcept {
    return problem_.n_outputs() * (problem_.n_outputs() + 1) / 2;
  }

  const LogisticProblem& problem_;
  std::vector<std::int64_t> slots_;
  const Context& ctx_;
  double total_weight_ = 0;
};

}  // namespace treeline
