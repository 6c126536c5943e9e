#include "boosting/row_sampler.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "core/random.h"

namespace treeline::boosting {

namespace {

constexpr std::uint64_t kBagStream = 0x626167;
constexpr std::uint64_t kGossStream = 0x676f7373;

/// Importance of a row for GOSS: |gradient × hessian|, summed over outputs (LightGBM's goss.hpp),
/// as a float, whose bits sort like its value.
void Importances(const GradientEngine& gradients, std::int64_t n_outputs, std::int64_t c,
                 std::int64_t rows, std::uint32_t* bits) {
  for (std::int64_t i = 0; i < rows; ++i) {
    float sum = 0;
    for (std::int64_t k = 0; k < n_outputs; ++k) {
      const QuantizedGradients& output = gradients.output(k);
      const std::uint32_t pair = output.pairs[c][i];
      const auto g = static_cast<float>(std::abs(static_cast<std::int16_t>(pair >> 16)));
      const auto h = static_cast<float>(pair & 0xffff);
      sum += g * h * static_cast<float>(output.gradient_unit * output.hessian_unit);
    }
    bits[i] = std::bit_cast<std::uint32_t>(sum);
  }
}

using Counts = std::vector<std::int64_t>;

/// How often each key of 16 bits occurs among the importances; a key of -1 does not count.
template <typename Key>
Counts CountKeys(const std::vector<AlignedBuffer<std::uint32_t>>& importances,
                 const BinnedStore& store, const Context& ctx, Key&& key_of) {
  constexpr std::size_t kKeys = 1 << 16;
  std::vector<Counts> partial(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor(store.n_chunks(), [&](std::int64_t c, int slot) {
    Counts& counts = partial[slot];
    counts.resize(kKeys);
    for (std::int64_t i = 0; i < store.chunk_rows(c); ++i) {
      const std::int64_t key = key_of(importances[c][i]);
      if (key >= 0) ++counts[key];
    }
  });
  Counts total(kKeys);
  for (const Counts& counts : partial) {
    for (std::size_t key = 0; key < counts.size(); ++key) total[key] += counts[key];
  }
  return total;
}

/// The key at which counts from above reach `wanted`, and how many lie above it.
std::pair<std::uint32_t, std::int64_t> KeyAt(const Counts& counts, std::int64_t wanted) {
  std::int64_t above = 0;
  auto key = static_cast<std::int64_t>(counts.size()) - 1;
  while (key > 0 && above + counts[key] < wanted) above += counts[key--];
  return {static_cast<std::uint32_t>(key), above};
}

RowBitmaps MakeBitmaps(const BinnedStore& store) {
  RowBitmaps bitmaps;
  for (std::int64_t c = 0; c < store.n_chunks(); ++c) bitmaps.emplace_back(kChunkWords);
  return bitmaps;
}

}  // namespace

RowSampler::RowSampler(const SamplingParams& params, const BinnedStore& store, std::uint64_t seed)
    : params_(params), store_(store), seed_(seed) {
  if (!params.is_goss && params.subsample >= 1) return;
  chosen_ = MakeBitmaps(store);
  left_out_ = MakeBitmaps(store);
  for (std::int64_t c = 0; c < store.n_chunks(); ++c) factors_.emplace_back(kChunkRows);
}

bool RowSampler::IsActive(std::int64_t iteration) const noexcept {
  return params_.is_goss ? iteration >= params_.goss_start : params_.subsample < 1;
}

void RowSampler::Draw(std::int64_t iteration, const GradientEngine& gradients, const Context& ctx) {
  if (params_.is_goss) return DrawGoss(iteration, gradients, ctx);
  const std::int64_t draw = iteration / params_.subsample_freq;
  if (draw != std::exchange(drawn_, draw)) DrawBag(static_cast<std::uint64_t>(draw), ctx);
}

/// factor_of(chunk, row in chunk, global row): 0 for a row that is left out.
template <typename Factor>
void RowSampler::Choose(const Context& ctx, Factor&& factor_of) {
  ctx.ParallelFor(store_.n_chunks(), [&](std::int64_t c, int) {
    const std::int64_t rows = store_.chunk_rows(c);
    for (std::int64_t word = 0; word < kChunkWords; ++word) {
      std::uint64_t in = 0, all = 0;
      for (std::int64_t i = 64 * word; i < std::min(rows, 64 * word + 64); ++i) {
        const float factor = factor_of(c, i, static_cast<std::uint64_t>(c * kChunkRows + i));
        factors_[c][i] = factor;
        all |= std::uint64_t{1} << (i % 64);
        in |= static_cast<std::uint64_t>(factor != 0.0f) << (i % 64);
      }
      chosen_[c][word] = in;
      left_out_[c][word] = all & ~in;
    }
  });
}

/// Every row is in with probability `subsample`; if that leaves none, all are.
void RowSampler::DrawBag(std::uint64_t draw, const Context& ctx) {
  std::atomic<bool> has_row{false};
  const std::uint64_t stream = kBagStream + (draw << 32);
  Choose(ctx, [&](std::int64_t, std::int64_t, std::uint64_t row) {
    const bool in = RandomUniform(seed_, stream, row) < params_.subsample;
    if (in) has_row.store(true, std::memory_order_relaxed);
    return in ? 1.0f : 0.0f;
  });
  if (!has_row) Choose(ctx, [](std::int64_t, std::int64_t, std::uint64_t) { return 1.0f; });
}

/// All rows of the largest importances (with all that equal the smallest of them), and a share of
/// the others, which count for those not drawn too.
void RowSampler::DrawGoss(std::int64_t iteration, const GradientEngine& gradients,
                          const Context& ctx) {
  std::vector<AlignedBuffer<std::uint32_t>> importances;
  for (std::int64_t c = 0; c < store_.n_chunks(); ++c) importances.emplace_back(kChunkRows);
  ctx.ParallelFor(store_.n_chunks(), [&](std::int64_t c, int) {
    Importances(gradients, gradients.n_outputs(), c, store_.chunk_rows(c), importances[c].data());
  });
  const auto rows = static_cast<double>(store_.rows());
  const auto wanted = std::max<std::int64_t>(1, std::llround(params_.top_rate * rows));
  const auto [high, above] = KeyAt(
      CountKeys(importances, store_, ctx, [](std::uint32_t bits) { return bits >> 16; }), wanted);
  const Counts low = CountKeys(importances, store_, ctx, [high = high](std::uint32_t bits) {
    return bits >> 16 == high ? static_cast<std::int64_t>(bits & 0xffff) : -1;
  });
  const auto [low_key, above_low] = KeyAt(low, wanted - above);
  const std::uint32_t least = high << 16 | low_key;
  const std::int64_t n_top = above + above_low + low[low_key];
  const double others = rows - static_cast<double>(n_top);
  const double share = others > 0 ? std::min(1.0, params_.other_rate * rows / others) : 0;
  const auto factor = static_cast<float>(share > 0 ? 1 / share : 0);
  const std::uint64_t stream = kGossStream + (static_cast<std::uint64_t>(iteration) << 32);
  Choose(ctx, [&](std::int64_t c, std::int64_t i, std::uint64_t row) {
    if (importances[c][i] >= least) return 1.0f;
    return RandomUniform(seed_, stream, row) < share ? factor : 0.0f;
  });
}

std::size_t RowSampler::bytes() const noexcept {
  return chosen_.size() * (2 * kChunkWords * sizeof(std::uint64_t) + kChunkRows * sizeof(float));
}

}  // namespace treeline::boosting
