#include "linear/logistic_path.h"

#include <algorithm>
#include <atomic>
#include <limits>

namespace treeline {

namespace {

/// Rows [row, row + count) of a slot as a block: tiles are columns already.
Block TileBlock(const LinearStore::StoredSlot& slot, std::int64_t cols, std::int64_t row,
                std::int64_t count) {
  Block block;
  block.rows = count;
  for (std::int64_t j = 0; j < cols; ++j) {
    const std::int64_t at = row * cols + j * kTileRows;
    Column column;
    column.type = slot.wide == nullptr ? DType::kFloat32 : DType::kFloat64;
    column.values = slot.wide == nullptr ? static_cast<const void*>(slot.narrow + at)
                                         : static_cast<const void*>(slot.wide + at);
    block.columns.push_back(column);
  }
  return block;
}

bool IsTest(std::uint8_t role) noexcept {
  return role == static_cast<std::uint8_t>(FoldRole::kTest);
}

std::vector<double> TestOutputs(const SparseRows& rows, const std::vector<std::uint8_t>& roles,
                                const LogisticMap& model, const Context& ctx) {
  std::vector<std::int64_t> test;
  for (std::int64_t i = 0; i < rows.rows(); ++i) {
    if (IsTest(roles[i])) test.push_back(i);
  }
  std::vector<double> outputs(test.size() * static_cast<std::size_t>(model.n_outputs()));
  model.Apply(rows.Taken(test), outputs.data(), ctx);
  return outputs;
}

}  // namespace

LogisticPaths FitLogisticPaths(const LinearTable& table, const std::vector<std::int32_t>& codes,
                               const std::vector<double>& weights, std::int64_t n_classes,
                               const LogisticOptions& options, const LogisticGrid& grid,
                               const Context& ctx) {
  const auto n_ratios = static_cast<std::int64_t>(grid.l1_ratios.size());
  const auto n_cs = static_cast<std::int64_t>(grid.cs.size());
  const std::int64_t n_paths = grid.n_folds * n_ratios;
  std::vector<LogisticModel> models(static_cast<std::size_t>(n_paths * n_cs));
  NoProgress silent;  // a path's own iterations say nothing of the whole
  const Context quiet{ctx.pool, ctx.n_jobs, ctx.cancel, silent, ctx.reducer};
  std::atomic<std::int64_t> n_done = 0;
  ctx.ParallelFor(n_paths, [&](std::int64_t path, int thread) {
    LogisticRows rows{codes, weights, {}};
    const auto n = static_cast<std::size_t>(table.rows());
    rows.roles = std::span(grid.roles).subspan(static_cast<std::size_t>(path / n_ratios) * n, n);
    LogisticOptions own = options;
    own.l1_ratio = grid.l1_ratios[path % n_ratios];
    for (std::int64_t c = 0; c < n_cs; ++c) {
      own.c = grid.cs[c];
      LogisticModel& model = models[path * n_cs + c];
      model = FitLogistic(table, rows, n_classes, own, quiet);
      own.start_coef = model.coef;
      own.start_intercept = model.intercept;
      const std::int64_t done = ++n_done;
      if (thread == 0)  // the runner's own
        ctx.progress.Report(done, n_paths * n_cs, std::numeric_limits<double>::quiet_NaN());
    }
  });
  LogisticPaths paths;
  for (const LogisticModel& model : models) {
    paths.coef.insert(paths.coef.end(), model.coef.begin(), model.coef.end());
    paths.intercept.insert(paths.intercept.end(), model.intercept.begin(), model.intercept.end());
    paths.n_iter.push_back(static_cast<double>(model.n_iter));
    paths.converged = paths.converged && model.converged;
    if (!model.converged) paths.violation = std::max(paths.violation, model.violation);
  }
  return paths;
}

std::vector<double> TestOutputs(const LinearTable& table, const std::vector<std::uint8_t>& roles,
                                const LogisticMap& model, const Context& ctx) {
  if (table.sparse() != nullptr) return TestOutputs(table.sparse()->by_row(), roles, model, ctx);
  const LinearStore& store = *table.dense();
  const auto n_slots = static_cast<std::int64_t>(store.slots().size());
  const std::int64_t width = model.n_outputs();
  std::vector<std::int64_t> first(static_cast<std::size_t>(n_slots + 1));
  for (std::int64_t s = 0; s < n_slots; ++s) {
    const auto* begin = roles.data() + s * kSlotRows;
    first[s + 1] = first[s] + std::count_if(begin, begin + store.slots()[s].rows, IsTest);
  }
  std::vector<double> outputs(static_cast<std::size_t>(first[n_slots] * width));
  ctx.ParallelFor(n_slots, [&](std::int64_t s, int) {
    if (first[s + 1] == first[s]) return;
    const LinearStore::StoredSlot& slot = store.slots()[s];
    std::vector<double> tile(static_cast<std::size_t>(kTileRows * width));
    double* out = outputs.data() + first[s] * width;
    for (std::int64_t row = 0; row < slot.rows; row += kTileRows) {
      const std::int64_t count = std::min(kTileRows, slot.rows - row);
      model.Apply(TileBlock(slot, store.cols(), row, count), tile.data(), ctx);
      for (std::int64_t i = 0; i < count; ++i) {
        if (!IsTest(roles[s * kSlotRows + row + i])) continue;
        out = std::copy_n(tile.data() + i * width, width, out);
      }
    }
  });
  return outputs;
}

}  // namespace treeline
