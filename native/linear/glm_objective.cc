#include "linear/glm_objective.h"

#include <algorithm>
#include <cmath>

#include "linear/glm_sparse.h"
#include "linear/glm_tile.h"
#include "linear/slot_sums.h"
#include "simd/kernels.h"

namespace treeline {

std::vector<std::int64_t> EverySlot(const LinearTable& table, std::int64_t step) {
  std::vector<std::int64_t> slots;
  for (std::int64_t s = 0; s * kSlotRows < table.rows(); s += step) slots.push_back(s);
  return slots;
}

namespace {

constexpr std::int64_t kLanes = simd::kLinearLanes;
/// Square of the least scale of a Huber loss, in deviations of the target: rows that lie on a plane
/// exactly would leave the scale no minimum above 0. Added to the objective over the scale.
constexpr double kScaleFloor = 1e-16;

}  // namespace

/// What one thread works with: a tile of every kind.
struct GlmObjective::Scratch {
  AlignedBuffer<double> z;         // width x kTileRows; the intercept's column is 1
  AlignedBuffer<double> weighted;  // z times a weight, for the Hessian
  GlmTile tile;
  double* lanes = nullptr;  // loss, gradient, Hessian

  void SetUp(std::int64_t width, std::int64_t n_outputs, bool with_hessian) {
    if (!z.empty()) return;
    const auto columns_of = [](std::int64_t columns) {
      return AlignedBuffer<double>(static_cast<std::size_t>(columns * kTileRows));
    };
    z = columns_of(width);
    std::fill(z.begin(), z.end(), 1.0);
    if (with_hessian) weighted = columns_of(width);
    tile.SetUp(n_outputs);
  }
};

GlmObjective::GlmObjective(const GlmProblem& problem, std::vector<std::int64_t> slots,
                           const Context& ctx)
    : problem_(problem), slots_(std::move(slots)), ctx_(ctx) {
  if (problem.l1 > 0) {
    for (std::int64_t i = 0; i < size(); ++i) {
      const std::int64_t j = i % problem.width();
      l1_.push_back(j < problem.table.cols() ? problem.l1 * problem.factor[j] : 0);
    }
  }
  for (const std::int64_t slot : slots_) {
    const std::int64_t end = std::min(problem.table.rows(), (slot + 1) * kSlotRows);
    for (std::int64_t row = slot * kSlotRows; row < end; ++row)
      total_weight_ += problem.Weight(row);
  }
}

GlmObjective::GlmObjective(const GlmProblem& problem, const Context& ctx)
    : GlmObjective(problem, EverySlot(problem.table, 1), ctx) {}

double GlmObjective::Evaluate(const double* w, double* gradient) {
  return Pass(w, gradient, nullptr);
}

double GlmObjective::EvaluateWithHessian(const double* w, double* gradient, double* hessian) {
  return Pass(w, gradient, hessian);
}

double GlmObjective::Pass(const double* w, double* gradient, double* hessian) {
  const std::int64_t width = problem_.width();
  const std::int64_t cols = problem_.table.cols();
  const std::int64_t n_sums = 1 + size() + (hessian != nullptr ? n_pairs() * width * width : 0);
  std::vector<double> scaled(w, w + size());  // coefficients of centred, unscaled columns
  for (std::int64_t k = 0; k < problem_.n_outputs(); ++k) {
    for (std::int64_t j = 0; j < cols; ++j) scaled[k * width + j] *= problem_.factor[j];
  }
  if (problem_.table.sparse() != nullptr) {
    return Finish(SumSparse(problem_, scaled.data(), hessian != nullptr, ctx_), w, gradient,
                  hessian);
  }
  const std::vector<double> total =
      SumSlots<Scratch>(static_cast<std::int64_t>(slots_.size()), n_sums, ctx_,
                        [&](std::int64_t s, Scratch& scratch, double* lanes) {
                          scratch.SetUp(width, problem_.n_outputs(), hessian != nullptr);
                          scratch.lanes = lanes;
                          AddSlot(scaled.data(), slots_[s], hessian != nullptr, scratch);
                        });
  return Finish(total, w, gradient, hessian);
}

/// Adds one slot's loss, gradient and Hessian to the lanes, tile by tile.
void GlmObjective::AddSlot(const double* scaled, std::int64_t index, bool with_hessian,
                           Scratch& scratch) const {
  const simd::LinearKernels& kernels = simd::Active().linear;
  const LinearStore::StoredSlot& slot = problem_.table.dense()->slots()[index];
  const std::int64_t cols = problem_.table.cols();
  const std::int64_t width = problem_.width();
  const std::int64_t n_outputs = problem_.n_outputs();
  for (std::int64_t row = 0; row < slot.rows; row += kTileRows) {
    const std::int64_t count = std::min(kTileRows, slot.rows - row);
    const std::int64_t rows = GlmTile::PaddedRows(count);
    const std::int64_t first = index * kSlotRows + row;
    GlmTile& tile = scratch.tile;
    if (!tile.LoadWeights(problem_, first, count)) continue;
    LoadTile(slot, row, rows, scratch);
    for (std::int64_t k = 0; k < n_outputs; ++k) {
      double* margin = tile.margin.data() + k * kTileRows;
      std::fill_n(margin, rows, problem_.fit_intercept ? scaled[k * width + cols] : 0.0);
      kernels.add_margins(scratch.z.data(), kTileRows, cols, rows, scaled + k * width, margin);
    }
    double* const scale_column = scratch.z.data() + (width - 1) * kTileRows;
    tile.AddLoss(problem_, {scaled[width - 1], scale_column}, first, count, with_hessian,
                 scratch.lanes);
    kernels.add_products(tile.residual.data(), kTileRows, n_outputs, scratch.z.data(), kTileRows,
                         width, rows, false, scratch.lanes + kLanes);
    if (with_hessian) AddHessian(rows, scratch);
  }
}

/// Centred columns of a tile.
void GlmObjective::LoadTile(const LinearStore::StoredSlot& slot, std::int64_t row,
                            std::int64_t rows, Scratch& scratch) const {
  const simd::LinearKernels& kernels = simd::Active().linear;
  const std::int64_t cols = problem_.table.cols();
  if (slot.wide == nullptr) {
    kernels.centre_f32(slot.narrow + row * cols, kTileRows, cols, rows, problem_.shift.data(),
                       scratch.z.data(), kTileRows);
  } else {
    kernels.centre_f64(slot.wide + row * cols, kTileRows, cols, rows, problem_.shift.data(),
                       scratch.z.data(), kTileRows);
  }
}

/// Adds z z^T, weighted by the curvature of every pair of outputs, over one tile.
void GlmObjective::AddHessian(std::int64_t rows, Scratch& scratch) const {
  const simd::LinearKernels& kernels = simd::Active().linear;
  const std::int64_t width = problem_.width();
  const std::int64_t n_outputs = problem_.n_outputs();
  double* lanes = scratch.lanes + (1 + size()) * kLanes;
  double* curvature = scratch.tile.curvature.data();
  for (std::int64_t k = 0; k < n_outputs; ++k) {
    for (std::int64_t l = k; l < n_outputs; ++l) {
      if (n_outputs > 1) {
        const double* p = scratch.tile.margin.data() + k * kTileRows;  // probabilities by now
        const double* q = scratch.tile.margin.data() + l * kTileRows;
        const double own = k == l ? 1.0 : 0.0;
        for (std::int64_t i = 0; i < rows; ++i)
          curvature[i] = scratch.tile.weight[i] * p[i] * (own - q[i]);
      }
      kernels.scale_rows(scratch.z.data(), kTileRows, width, rows, curvature,
                         scratch.weighted.data(), kTileRows);
      kernels.add_products(scratch.weighted.data(), kTileRows, width, scratch.z.data(), kTileRows,
                           width, rows, true, lanes);
      lanes += width * width * kLanes;
    }
  }
}

/// From sums over centred columns to the mean objective in internal coordinates.
double GlmObjective::Finish(const std::vector<double>& total, const double* w, double* gradient,
                            double* hessian) const {
  const std::int64_t width = problem_.width();
  const std::int64_t cols = problem_.table.cols();
  double penalty = 0;
  double loss = total[0] / total_weight_;
  for (std::int64_t k = 0; k < problem_.n_outputs(); ++k) {
    for (std::int64_t j = 0; j < width; ++j) {
      const std::int64_t at = k * width + j;
      const double factor = j < cols ? problem_.factor[j] : 1.0;
      const double l2 = j < cols ? problem_.l2 * factor * factor : 0.0;
      gradient[at] = total[1 + at] * factor / total_weight_ + l2 * w[at];
      penalty += 0.5 * l2 * w[at] * w[at];
    }
  }
  if (hessian != nullptr) FinishHessian(total.data() + 1 + size(), hessian);
  if (problem_.has_scale()) {
    const double scale = w[width - 1];
    gradient[width - 1] += loss / scale - kScaleFloor / (scale * scale);
    loss += kScaleFloor / scale;
    if (hessian != nullptr) hessian[width * width - 1] += 2 * kScaleFloor / (scale * scale * scale);
  }
  return loss + penalty;
}

void GlmObjective::FinishHessian(const double* sums, double* hessian) const {
  const std::int64_t width = problem_.width();
  const std::int64_t cols = problem_.table.cols();
  const std::int64_t n_outputs = problem_.n_outputs();
  const std::int64_t n = size();
  const auto factor = [&](std::int64_t j) { return j < cols ? problem_.factor[j] : 1.0; };
  for (std::int64_t k = 0; k < n_outputs; ++k) {
    for (std::int64_t l = k; l < n_outputs; ++l, sums += width * width) {
      for (std::int64_t a = 0; a < width; ++a) {
        for (std::int64_t b = a; b < width; ++b) {
          double h = sums[a * width + b] * factor(a) * factor(b) / total_weight_;
          if (k == l && a == b && a < cols) h += problem_.l2 * factor(a) * factor(a);
          hessian[(k * width + a) * n + l * width + b] = h;
          hessian[(k * width + b) * n + l * width + a] = h;
          hessian[(l * width + a) * n + k * width + b] = h;
          hessian[(l * width + b) * n + k * width + a] = h;
        }
      }
    }
  }
  if (n_outputs == 1 || problem_.l1 > 0) return;
  // The softmax does not see the same change of all classes' coefficients. Gradients have no part
  // in that direction, so any curvature there changes no step; this one makes the matrix definite.
  // Absolute values do see such a change.
  for (std::int64_t a = 0; a < width; ++a) {
    double mean = 0;
    for (std::int64_t k = 0; k < n_outputs; ++k)
      mean += hessian[(k * width + a) * n + k * width + a];
    mean /= static_cast<double>(n_outputs * n_outputs);
    for (std::int64_t k = 0; k < n_outputs; ++k) {
      for (std::int64_t l = 0; l < n_outputs; ++l)
        hessian[(k * width + a) * n + l * width + a] += mean;
    }
  }
}

double GlmObjective::Violation(const double* w, const double* gradient) const {
  const std::int64_t width = problem_.width();
  const std::int64_t cols = problem_.table.cols();
  double worst = 0;
  for (std::int64_t k = 0; k < problem_.n_outputs(); ++k) {
    const double* g = gradient + k * width;
    const double intercept = problem_.fit_intercept ? g[cols] : 0.0;
    worst = std::max(worst, std::abs(intercept));
    if (problem_.has_scale()) worst = std::max(worst, std::abs(g[width - 1]));
    for (std::int64_t j = 0; j < cols; ++j) {
      if (problem_.factor[j] == 0) continue;
      const double at = w[k * width + j];
      const double original = g[j] / problem_.factor[j] + problem_.shift[j] * intercept;
      const double unit = problem_.unit.empty() ? 1 : problem_.unit[j];
      worst = std::max({worst, unit * Subgradient(at, g[j], problem_.l1 * problem_.factor[j]),
                        Subgradient(at, original, problem_.l1)});
    }
  }
  return worst;
}

}  // namespace treeline
