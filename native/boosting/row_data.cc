#include "boosting/row_data.h"

#include <algorithm>
#include <array>
#include <limits>

#include "loss/weighted_quantile.h"
#include "matrix/reblock.h"

namespace treeline::boosting {

RowData::RowData(const BinnedStore& store, std::int64_t n_outputs, std::span<const double> targets,
                 std::span<const double> weights, std::span<const std::uint8_t> row_use, RowUse use)
    : n_outputs_(n_outputs), chunks_(static_cast<std::size_t>(store.n_chunks())) {
  const auto table_rows = static_cast<std::int64_t>(
      row_use.empty() ? static_cast<std::size_t>(store.rows()) : row_use.size());
  if (table_rows > 0) n_targets_ = static_cast<std::int64_t>(targets.size()) / table_rows;
  std::int64_t table_row = 0;
  for (std::int64_t c = 0; c < store.n_chunks(); ++c) {
    Chunk& chunk = chunks_[c];
    chunk.rows = store.chunk_rows(c);
    chunk.targets = AlignedBuffer<double>(static_cast<std::size_t>(n_targets_ * kChunkRows));
    chunk.scores = AlignedBuffer<double>(static_cast<std::size_t>(n_outputs * kChunkRows));
    if (!weights.empty()) chunk.weights = AlignedBuffer<float>(kChunkRows);
    chunk.first_table_row = table_row;
    for (std::int64_t i = 0; i < chunk.rows; ++i, ++table_row) {
      if (!row_use.empty()) {
        while (row_use[table_row] != static_cast<std::uint8_t>(use)) ++table_row;
        chunk.table_rows.push_back(table_row);
      }
      for (std::int64_t t = 0; t < n_targets_; ++t)
        chunk.targets[t * kChunkRows + i] = targets[t * table_rows + table_row];
      if (!weights.empty()) chunk.weights[i] = static_cast<float>(weights[table_row]);
    }
  }
}

void RowData::SetScores(std::span<const double> constants, std::span<const double> initial) {
  for (std::int64_t c = 0; c < n_chunks(); ++c) {
    for (std::int64_t k = 0; k < n_outputs_; ++k) {
      for (std::int64_t i = 0; i < rows(c); ++i)
        scores(c, k)[i] =
            initial.empty() ? constants[k] : initial[table_row(c, i) * n_outputs_ + k];
    }
  }
}

std::int64_t RowData::n_rows() const noexcept {
  std::int64_t rows = 0;
  for (const Chunk& chunk : chunks_) rows += chunk.rows;
  return rows;
}

std::vector<double> RowData::Scores() const {
  std::vector<double> all;
  all.reserve(static_cast<std::size_t>(n_rows() * n_outputs_));
  for (std::int64_t c = 0; c < n_chunks(); ++c) {
    for (std::int64_t i = 0; i < rows(c); ++i) {
      for (std::int64_t k = 0; k < n_outputs_; ++k) all.push_back(scores(c, k)[i]);
    }
  }
  return all;
}

std::size_t RowData::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const Chunk& chunk : chunks_) {
    bytes += chunk.targets.bytes() + chunk.weights.bytes() + chunk.scores.bytes() +
             8 * chunk.table_rows.capacity();
  }
  return bytes;
}

std::vector<double> RowData::TargetMeans(bool is_multinomial) const {
  std::vector<double> sums(static_cast<std::size_t>(is_multinomial ? n_outputs_ : n_targets_));
  double total = 0;
  for (const Chunk& chunk : chunks_) {
    for (std::int64_t begin = 0; begin < chunk.rows; begin += kSlotRows) {
      const std::int64_t end = std::min(chunk.rows, begin + kSlotRows);
      std::vector<double> partial(sums.size());
      double weight_sum = 0;
      for (std::int64_t i = begin; i < end; ++i) {
        const double w = chunk.weights.empty() ? 1.0 : static_cast<double>(chunk.weights[i]);
        weight_sum += w;
        if (is_multinomial) {
          partial[static_cast<std::size_t>(chunk.targets[i])] += w;
        } else {
          for (std::int64_t t = 0; t < n_targets_; ++t)
            partial[t] += w * chunk.targets[t * kChunkRows + i];
        }
      }
      for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += partial[k];
      total += weight_sum;
    }
  }
  for (double& sum : sums) sum /= total;
  return sums;
}

std::vector<double> RowData::Baseline(const Loss& loss) const {
  if (loss.kind > LossKind::kMultinomial)
    return std::vector<double>(static_cast<std::size_t>(n_outputs_));
  const std::optional<double> quantile = RenewalQuantile(loss);
  if (!quantile) return BestConstant(loss.kind, TargetMeans(loss.kind == LossKind::kMultinomial));
  std::vector<double> constants;
  for (std::int64_t t = 0; t < n_targets_; ++t) {
    std::vector<Weighted> targets;
    for (const Chunk& chunk : chunks_) {
      for (std::int64_t i = 0; i < chunk.rows; ++i) {
        const double y = chunk.targets[t * kChunkRows + i];
        const double weight = chunk.weights.empty() ? 1.0 : static_cast<double>(chunk.weights[i]);
        targets.push_back({y, weight * RenewalWeight(loss.kind, y)});
      }
    }
    constants.push_back(Quantile(targets, *quantile));
  }
  return constants;
}

/// The loss of at most kSlotRows rows from `begin` on; of several targets the sum over all.
LossSum RowData::LossOfSlot(const Loss& loss, const Chunk& chunk, std::int64_t begin) const {
  const float* weights = chunk.weights.empty() ? nullptr : chunk.weights.data() + begin;
  const std::int64_t n = std::min(kSlotRows, chunk.rows - begin);
  std::vector<const double*> outputs;
  for (std::int64_t k = 0; k < n_outputs_; ++k)
    outputs.push_back(chunk.scores.data() + k * kChunkRows + begin);
  if (n_targets_ == 1) return SumLoss(loss, outputs, chunk.targets.data() + begin, weights, n);
  LossSum sum;
  for (std::int64_t k = 0; k < n_outputs_; ++k) {
    const LossSum of_output = SumLoss(loss, std::span(outputs).subspan(k, 1),
                                      chunk.targets.data() + k * kChunkRows + begin, weights, n);
    sum.loss += of_output.loss;
    sum.weight += of_output.weight;
  }
  return sum;
}

double RowData::MeanLoss(const Loss& loss, const Context& ctx) const {
  if (loss.kind > LossKind::kMultinomial) return std::numeric_limits<double>::quiet_NaN();
  constexpr std::int64_t kSlots = kChunkRows / kSlotRows;
  std::vector<std::array<LossSum, kSlots>> partials(chunks_.size());
  ctx.ParallelFor(n_chunks(), [&](std::int64_t c, int) {
    const Chunk& chunk = chunks_[c];
    for (std::int64_t begin = 0; begin < chunk.rows; begin += kSlotRows)
      partials[c][begin / kSlotRows] = LossOfSlot(loss, chunk, begin);
  });
  LossSum total;
  for (const auto& slots : partials) {
    for (const LossSum& slot : slots) {
      total.loss += slot.loss;
      total.weight += slot.weight;
    }
  }
  return total.loss / total.weight;
}

}  // namespace treeline::boosting
