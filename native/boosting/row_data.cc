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
  std::int64_t table_row = 0;
  for (std::int64_t c = 0; c < store.n_chunks(); ++c) {
    Chunk& chunk = chunks_[c];
    chunk.rows = store.chunk_rows(c);
    chunk.targets = AlignedBuffer<double>(kChunkRows);
    chunk.scores = AlignedBuffer<double>(static_cast<std::size_t>(n_outputs * kChunkRows));
    if (!weights.empty()) chunk.weights = AlignedBuffer<float>(kChunkRows);
    chunk.first_table_row = table_row;
    for (std::int64_t i = 0; i < chunk.rows; ++i, ++table_row) {
      if (!row_use.empty()) {
        while (row_use[table_row] != static_cast<std::uint8_t>(use)) ++table_row;
        chunk.table_rows.push_back(table_row);
      }
      chunk.targets[i] = targets[table_row];
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
  std::vector<double> sums(static_cast<std::size_t>(is_multinomial ? n_outputs_ : 1));
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
          partial[0] += w * chunk.targets[i];
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
  std::vector<Weighted> targets;
  for (const Chunk& chunk : chunks_) {
    for (std::int64_t i = 0; i < chunk.rows; ++i) {
      const double weight = chunk.weights.empty() ? 1.0 : static_cast<double>(chunk.weights[i]);
      targets.push_back({chunk.targets[i], weight * RenewalWeight(loss.kind, chunk.targets[i])});
    }
  }
  return {Quantile(targets, *quantile)};
}

double RowData::MeanLoss(const Loss& loss, const Context& ctx) const {
  if (loss.kind > LossKind::kMultinomial) return std::numeric_limits<double>::quiet_NaN();
  constexpr std::int64_t kSlots = kChunkRows / kSlotRows;
  std::vector<std::array<LossSum, kSlots>> partials(chunks_.size());
  ctx.ParallelFor(n_chunks(), [&](std::int64_t c, int) {
    const Chunk& chunk = chunks_[c];
    std::vector<const double*> outputs(static_cast<std::size_t>(n_outputs_));
    for (std::int64_t begin = 0; begin < chunk.rows; begin += kSlotRows) {
      for (std::int64_t k = 0; k < n_outputs_; ++k) outputs[k] = scores(c, k) + begin;
      const float* slot_weights = chunk.weights.empty() ? nullptr : chunk.weights.data() + begin;
      partials[c][begin / kSlotRows] =
          SumLoss(loss, outputs, chunk.targets.data() + begin, slot_weights,
                  std::min(kSlotRows, chunk.rows - begin));
    }
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
