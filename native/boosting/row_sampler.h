#pragma once

#include <cstdint>
#include <vector>

#include "bins/binned_store.h"
#include "boosting/gradients.h"
#include "boosting/row_partition.h"
#include "core/aligned_buffer.h"
#include "core/context.h"

namespace treeline::boosting {

/// Which rows a tree learns from.
struct SamplingParams {
  double subsample = 1;             // bagging: the share of the rows
  std::int64_t subsample_freq = 1;  // iterations that share a sample
  bool is_goss = false;             // gradient-based one-side sampling instead
  double top_rate = 0.2;         // GOSS: the share of the rows with the largest gradients, all kept
  double other_rate = 0.1;       // GOSS: the share of the rows drawn from the others
  std::int64_t goss_start = 10;  // GOSS: iterations before it learn from all rows
};

/// Draws the rows of every iteration. What a row draws depends on the seed, the iteration and its
/// index only.
class RowSampler {
 public:
  RowSampler(const SamplingParams& params, const BinnedStore& store, std::uint64_t seed);

  /// Whether the iteration learns from a part of the rows.
  bool IsActive(std::int64_t iteration) const noexcept;

  /// Draws the rows of an iteration for which IsActive. GOSS needs the gradients of all rows.
  void Draw(std::int64_t iteration, const GradientEngine& gradients, const Context& ctx);

  /// The sample: those rows, the others, and what each row's gradient is to be multiplied with (0
  /// outside, more than 1 where a row stands for others).
  const RowBitmaps& chosen() const noexcept { return chosen_; }
  const RowBitmaps& left_out() const noexcept { return left_out_; }
  const RowFactors& factors() const noexcept { return factors_; }

  std::size_t bytes() const noexcept;

 private:
  template <typename Factor>
  void Choose(const Context& ctx, Factor&& factor_of);
  void DrawBag(std::uint64_t draw, const Context& ctx);
  void DrawGoss(std::int64_t iteration, const GradientEngine& gradients, const Context& ctx);

  SamplingParams params_;
  const BinnedStore& store_;
  std::uint64_t seed_;
  RowBitmaps chosen_, left_out_;
  RowFactors factors_;
  std::int64_t drawn_ = -1;  // the bag at hand
};

}  // namespace treeline::boosting
