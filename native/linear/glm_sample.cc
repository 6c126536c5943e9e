#include "linear/glm_sample.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace treeline {

namespace {

/// Tables of fewer slots are not sampled: a pass over them costs next to nothing.
constexpr std::int64_t kMinSlotsToSample = 32;
/// Rows of every class that a sample must have for each unknown.
constexpr std::int64_t kRowsPerUnknown = 20;
/// Copied rows must be this many times fewer than all.
constexpr std::int64_t kSmaller = 4;

/// How far apart the slots of a sample lie that has enough rows of a class of that share.
std::int64_t SlotStep(const GlmProblem& problem, double share) {
  if (problem.table.sparse() != nullptr) return 1;
  const auto n_slots = static_cast<std::int64_t>(problem.table.dense()->slots().size());
  if (n_slots < kMinSlotsToSample) return 1;
  const double rows =
      static_cast<double>(kRowsPerUnknown * problem.size()) / std::max(share, 1e-12);
  const double slots = std::max({16.0, rows / kSlotRows, static_cast<double>(n_slots) / 20});
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(n_slots) / slots));
}

}  // namespace

/// The rows of a sample, and what makes each class weigh in it what it does in the whole.
struct GlmSample::Part {
  std::vector<std::int64_t> rows;
  std::vector<double> factor;  // per class

  /// Every `step`-th slot; of classes that would have too few rows there, rows from everywhere.
  Part(const GlmProblem& problem, std::int64_t step) {
    const auto n_classes = static_cast<std::size_t>(problem.n_classes);
    const std::int64_t enough = kRowsPerUnknown * problem.size();
    std::vector<std::int64_t> count(n_classes), seen(n_classes), apart(n_classes);
    for (std::int64_t i = 0; i < problem.table.rows(); ++i)
      count[problem.codes[i]] += problem.Weight(i) > 0 ? 1 : 0;
    for (std::size_t c = 0; c < n_classes; ++c)
      apart[c] = count[c] / step < enough ? std::max<std::int64_t>(1, count[c] / enough) : 0;
    std::vector<double> all(n_classes), chosen(n_classes);
    for (std::int64_t row = 0; row < problem.table.rows(); ++row) {
      const std::int32_t code = problem.codes[row];
      const double weight = problem.Weight(row);
      if (!(weight > 0)) continue;
      all[code] += weight;
      const bool taken =
          apart[code] > 0 ? seen[code]++ % apart[code] == 0 : row / kSlotRows % step == 0;
      if (!taken) continue;
      chosen[code] += weight;
      rows.push_back(row);
    }
    for (std::size_t c = 0; c < n_classes; ++c)
      factor.push_back(chosen[c] > 0 ? all[c] / chosen[c] : 0);
  }
};

GlmSample::GlmSample(const GlmProblem& problem, double rarest, const Context& ctx)
    : whole_(problem), step_(SlotStep(problem, rarest)) {
  const std::int64_t step = SlotStep(problem, 1);
  if (step_ > 1 || step == 1 || problem.loss != GlmLoss::kLogistic) return;
  const Part part(problem, step);
  const auto rows = static_cast<std::int64_t>(part.rows.size());
  if (rows < kRowsPerUnknown * problem.size() || rows * kSmaller > problem.table.rows()) return;
  step_ = problem.table.rows() / rows;
  Gather(part, ctx);
}

/// Copies the rows, a slot at a time.
void GlmSample::Gather(const Part& part, const Context& ctx) {
  const LinearStore& from = *whole_.table.dense();
  const std::int64_t cols = from.cols();
  const auto n = static_cast<std::int64_t>(part.rows.size());
  store_ = std::make_unique<LinearStore>(FeatureLabels("", {}, cols));
  AlignedBuffer<double> values(static_cast<std::size_t>(cols * kSlotRows));
  for (std::int64_t begin = 0; begin < n; begin += kSlotRows) {
    Block block;
    block.rows = std::min(kSlotRows, n - begin);
    block.first_row = begin;
    ctx.ParallelFor(cols, [&](std::int64_t j, int) {
      double* const column = values.data() + j * kSlotRows;
      for (std::int64_t i = 0; i < block.rows; ++i) {
        const std::int64_t row = part.rows[begin + i];
        column[i] = from.slots()[row / kSlotRows].At(row % kSlotRows, j, cols);
      }
    });
    for (std::int64_t j = 0; j < cols; ++j) {
      Column column;
      column.values = values.data() + j * kSlotRows;
      block.columns.push_back(column);
    }
    store_->Push(block, ctx);
  }
  store_->Finish();
  for (const std::int64_t row : part.rows) {
    codes_.push_back(whole_.codes[row]);
    weights_.push_back(part.factor[whole_.codes[row]] * whole_.Weight(row));
  }
  problem_ = std::make_unique<GlmProblem>(whole_);
  problem_->table = *store_;
  problem_->codes = codes_;
  problem_->weights = weights_;
  problem_->roles = {};
}

GlmObjective GlmSample::Objective(const Context& ctx) const {
  if (problem_) return GlmObjective(*problem_, EverySlot(*store_, 1), ctx);
  return GlmObjective(whole_, EverySlot(*whole_.table.dense(), step_), ctx);
}

}  // namespace treeline
