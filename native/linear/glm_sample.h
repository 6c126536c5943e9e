#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/context.h"
#include "linear/glm_objective.h"
#include "linear/glm_problem.h"
#include "linear/linear_store.h"

namespace treeline {

/// A part of a problem's rows that stands for the whole: what a fit looks at before it looks at
/// all.
class GlmSample {
 public:
  /// `rarest`: the share of the rarest class. The problem must outlive the sample.
  GlmSample(const GlmProblem& problem, double rarest, const Context& ctx);

  /// Whether there is one: false for tables so small, or with so many unknowns, that the whole is
  /// needed to say something about every coefficient and class, and for sparse tables.
  bool exists() const noexcept { return step_ > 1; }
  /// How many times smaller than the whole it is.
  std::int64_t step() const noexcept { return step_; }
  GlmObjective Objective(const Context& ctx) const;

 private:
  struct Part;
  void Gather(const Part& part, const Context& ctx);

  const GlmProblem& whole_;
  std::int64_t step_ = 1;
  /// Rows that were copied, where slots as they lie would not do.
  std::unique_ptr<LinearStore> store_;
  std::unique_ptr<GlmProblem> problem_;
  std::vector<std::int32_t> codes_;
  std::vector<double> weights_;
};

}  // namespace treeline
