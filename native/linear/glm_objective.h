#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/context.h"
#include "linear/glm_problem.h"
#include "linear/linear_objective.h"

namespace treeline {

/// Every `step`-th slot of a table.
std::vector<std::int64_t> EverySlot(const LinearTable& table, std::int64_t step);

/// Mean loss over some slots of the data plus the penalty. Every pass reads each tile
/// once (sparse tables: glm_sparse.h): margins, loss, gradient and, when asked, the Hessian while
/// the tile is in cache. Sums belong to groups of consecutive slots, merged in order: neither
/// threads nor the chunks the data came in change a bit.
class GlmObjective final : public LinearObjective {
 public:
  /// Over the slots named, in that order. `problem` and `ctx` must outlive it.
  GlmObjective(const GlmProblem& problem, std::vector<std::int64_t> slots, const Context& ctx);
  /// Over all rows; those of a sparse table can be had in no other way.
  GlmObjective(const GlmProblem& problem, const Context& ctx);

  std::int64_t size() const noexcept override { return problem_.size(); }
  double Evaluate(const double* w, double* gradient) override;
  double EvaluateWithHessian(const double* w, double* gradient, double* hessian) override;
  const std::vector<double>& l1() const noexcept override { return l1_; }
  /// max |gradient| with respect to the original coefficients (as scikit-learn's tol) and to the
  /// internal ones: the second is what keeps columns of tiny scale from counting as fitted before
  /// they are.
  double Violation(const double* w, const double* gradient) const override;

 private:
  struct Scratch;
  double Pass(const double* w, double* gradient, double* hessian);
  void AddSlot(const double* scaled, std::int64_t slot, bool with_hessian, Scratch& scratch) const;
  void LoadTile(const LinearStore::StoredSlot& slot, std::int64_t row, std::int64_t rows,
                Scratch& scratch) const;
  void AddHessian(std::int64_t rows, Scratch& scratch) const;
  double Finish(const std::vector<double>& total, const double* w, double* gradient,
                double* hessian) const;
  void FinishHessian(const double* sums, double* hessian) const;
  std::int64_t n_pairs() const noexcept {
    return problem_.n_outputs() * (problem_.n_outputs() + 1) / 2;
  }

  const GlmProblem& problem_;
  std::vector<std::int64_t> slots_;
  const Context& ctx_;
  double total_weight_ = 0;
  std::vector<double> l1_;
};

}  // namespace treeline
