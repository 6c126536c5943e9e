#pragma once

#include <cstdint>

#include "core/aligned_buffer.h"
#include "linear/glm_problem.h"
#include "simd/kernels.h"

namespace treeline {

/// Up to kTileRows rows of a generalised linear model between their margins and their residuals:
/// what dense and sparse tables have in common. Rows that only fill the tile weigh 0.
struct GlmTile {
  AlignedBuffer<double> margin;    // n_outputs x kTileRows; several classes: then probabilities
  AlignedBuffer<double> residual;  // n_outputs x kTileRows
  AlignedBuffer<double> curvature;
  AlignedBuffer<double> other;  // 3 x kTileRows
  AlignedBuffer<double> weight;
  AlignedBuffer<double> target;
  AlignedBuffer<std::int32_t> code;

  /// What Huber's loss has besides: its scale and where its column goes.
  struct Scale {
    double value = 0;
    double* column = nullptr;
  };

  /// Rows of a tile as kernels want them.
  static std::int64_t PaddedRows(std::int64_t rows) noexcept {
    return (rows + simd::kLinearRowAlign - 1) / simd::kLinearRowAlign * simd::kLinearRowAlign;
  }

  void SetUp(std::int64_t n_outputs);
  /// Weights of the rows [first, first + count). False if all are 0.
  bool LoadWeights(const GlmProblem& problem, std::int64_t first, std::int64_t count);
  /// Margins to residuals and, when asked, curvature; adds the loss to kLinearLanes lanes.
  void AddLoss(const GlmProblem& problem, const Scale& scale, std::int64_t first,
               std::int64_t count, bool with_hessian, double* lanes);

 private:
  void Classify(const GlmProblem& problem, std::int64_t first, std::int64_t count,
                bool with_hessian, double* lanes);
  void Regress(const GlmProblem& problem, const Scale& scale, std::int64_t first,
               std::int64_t count, bool with_hessian, double* lanes);
};

}  // namespace treeline
