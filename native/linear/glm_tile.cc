#include "linear/glm_tile.h"

#include <algorithm>

namespace treeline {

void GlmTile::SetUp(std::int64_t n_outputs) {
  if (!margin.empty()) return;
  const auto columns = [](std::int64_t n) {
    return AlignedBuffer<double>(static_cast<std::size_t>(n * kTileRows));
  };
  margin = columns(n_outputs);
  residual = columns(n_outputs);
  curvature = columns(1);
  other = columns(3);
  weight = columns(1);
  target = columns(1);
  code = AlignedBuffer<std::int32_t>(kTileRows);
}

bool GlmTile::LoadWeights(const GlmProblem& problem, std::int64_t first, std::int64_t count) {
  double* const weights = weight.data();
  std::fill(weights + count, weights + PaddedRows(count), 0.0);
  if (problem.AllAlike()) {
    std::fill_n(weights, count, 1.0);
    return true;
  }
  for (std::int64_t i = 0; i < count; ++i) weights[i] = problem.Weight(first + i);
  return std::any_of(weights, weights + count, [](double w) { return w != 0; });
}

void GlmTile::AddLoss(const GlmProblem& problem, const Scale& scale, std::int64_t first,
                      std::int64_t count, bool with_hessian, double* lanes) {
  if (problem.loss == GlmLoss::kLogistic) {
    Classify(problem, first, count, with_hessian, lanes);
  } else {
    Regress(problem, scale, first, count, with_hessian, lanes);
  }
}

/// Labelled rows.
void GlmTile::Classify(const GlmProblem& problem, std::int64_t first, std::int64_t count,
                       bool with_hessian, double* lanes) {
  const simd::LinearKernels& kernels = simd::Active().linear;
  const std::int64_t rows = PaddedRows(count);
  const bool alike = problem.AllAlike() && problem.n_outputs() == 1 && count == rows;
  const double* weights = alike ? nullptr : weight.data();
  const std::int32_t* codes = problem.codes.data() + first;
  if (count < rows) {
    std::fill(std::copy_n(codes, count, code.data()), code.end(), 0);
    codes = code.data();
  }
  if (problem.n_outputs() == 1) {
    kernels.binomial_loss(margin.data(), codes, weights, rows, residual.data(),
                          with_hessian ? curvature.data() : nullptr, other.data(), lanes);
  } else {
    kernels.multinomial_loss(margin.data(), kTileRows, problem.n_outputs(), codes, weights, rows,
                             residual.data(), other.data(), lanes);
  }
}

/// Rows with a target.
void GlmTile::Regress(const GlmProblem& problem, const Scale& scale, std::int64_t first,
                      std::int64_t count, bool with_hessian, double* lanes) {
  const simd::GlmKernels& kernels = simd::Active().glm;
  const double parameters[] = {problem.parameter, scale.value};
  simd::GlmRows tile;
  tile.rows = PaddedRows(count);
  tile.margin = margin.data();
  tile.weight = weight.data();
  tile.target = problem.target.data() + first;
  if (count < tile.rows) {
    std::fill(std::copy_n(tile.target, count, target.data()), target.end(), 1.0);
    tile.target = target.data();
  }
  tile.parameters = parameters;
  tile.residual = residual.data();
  tile.curvature = with_hessian ? curvature.data() : nullptr;
  tile.loss = lanes;
  tile.scratch = other.data();
  if (problem.loss == GlmLoss::kHuber) {
    tile.scale_column = scale.column;
    kernels.huber(tile);
  } else if (problem.loss == GlmLoss::kSquared) {
    kernels.squared(tile);
  } else if (problem.loss == GlmLoss::kTweedieIdentity) {
    kernels.tweedie_identity(tile);
  } else if (problem.parameter == 1) {
    kernels.poisson(tile);
  } else if (problem.parameter == 2) {
    kernels.gamma(tile);
  } else {
    kernels.tweedie_log(tile);
  }
}

}  // namespace treeline
