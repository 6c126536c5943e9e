#include "boosting/forest_map.h"

#include <algorithm>
#include <utility>

namespace treeline::boosting {

namespace {

using simd::kTileRows;
using simd::kTreesAtOnce;

/// Rows whose values are read and binned at once: a row-major block's are in cache then.
constexpr std::int64_t kStripRows = 256;

template <typename T>
AlignedBuffer<T> Buffer(std::int64_t size) {
  return AlignedBuffer<T>(static_cast<std::size_t>(size));
}

}  // namespace

/// Of one thread: a tile of rows.
struct ForestMap::Scratch {
  explicit Scratch(const ForestMap& map)
      : strip(Buffer<double>(kStripRows)),
        raw(Buffer<double>(kTileRows * map.model_->n_outputs)),
        response(Buffer<double>(kTileRows * std::max<std::int64_t>(2, map.model_->n_outputs))) {
    if (map.compiled_) {
      bins = Buffer<std::uint8_t>(kStripRows);
      tile = Buffer<std::uint8_t>(kTileRows * map.compiled_->n_columns());
      std::fill(tile.begin(), tile.end(), std::uint8_t{0});
      leaves = Buffer<std::uint8_t>(kTileRows * kTreesAtOnce);
      scores = Buffer<double>(kTileRows * map.model_->n_outputs);
    } else {
      rows = Buffer<double>(kStripRows * map.walked_->row_size());
      walked_leaves = Buffer<std::int32_t>(kTileRows * map.walked_->n_trees());
    }
  }

  AlignedBuffer<double> strip;     // values of one feature
  AlignedBuffer<double> raw;       // raw predictions, row-major
  AlignedBuffer<double> response;  // row-major
  // With bytes:
  AlignedBuffer<float> columns;        // values of all features of a strip, kStripRows each
  AlignedBuffer<std::uint8_t> bins;    // of a strip
  AlignedBuffer<std::uint8_t> tile;    // of all columns, kTileRows each
  AlignedBuffer<std::uint8_t> leaves;  // of some trees, kTileRows each
  AlignedBuffer<double> scores;        // raw predictions, kTileRows an output
  // Walking:
  AlignedBuffer<double> rows;                 // prepared rows of a strip
  AlignedBuffer<std::int32_t> walked_leaves;  // row-major
};

ForestMap::ForestMap(std::shared_ptr<const Model> model, LossKind loss, ForestOutput output,
                     std::int64_t first, std::int64_t last)
    : model_(std::move(model)), loss_(loss), output_(output), first_(first), last_(last) {
  compiled_ = CompiledForest::Of(*model_, first, last);
  if (!compiled_) walked_ = std::make_unique<const WalkedForest>(*model_, first, last);
}

std::int64_t ForestMap::n_outputs() const noexcept {
  if (output_ == ForestOutput::kLeaves) return (last_ - first_) * model_->trees_per_iteration();
  const bool is_binary = output_ == ForestOutput::kResponse && loss_ == LossKind::kLogLoss;
  return is_binary ? 2 : model_->n_outputs;
}

void ForestMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTiles(block, out, ctx);
}
void ForestMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTiles(block, out, ctx);
}

template <typename Out>
void ForestMap::ApplyTiles(const Block& block, Out* out, const Context& ctx) const {
  std::vector<std::unique_ptr<Scratch>> scratch(static_cast<std::size_t>(ctx.n_jobs));
  const std::int64_t width = n_outputs();
  ctx.ParallelFor((block.rows + kTileRows - 1) / kTileRows, [&](std::int64_t task, int slot) {
    if (!scratch[slot]) scratch[slot] = std::make_unique<Scratch>(*this);
    Scratch& mine = *scratch[slot];
    const std::int64_t begin = task * kTileRows;
    const std::int64_t count = std::min(kTileRows, block.rows - begin);
    if (compiled_) {
      BinTile(block, begin, count, mine);
    } else {
      WalkTile(block, begin, count, mine);
    }
    if (output_ == ForestOutput::kLeaves) {
      WriteLeaves(count, mine, out + begin * width);
    } else {
      if (compiled_) ScoreTile(count, mine);
      WriteScores(count, mine, out + begin * width);
    }
  });
}

namespace {

template <typename T>
void BinStrips(const CompiledForest& forest, const Block& block, std::int64_t begin,
               std::int64_t count, T* strip, std::uint8_t* bins, std::uint8_t* tile) {
  const std::vector<std::int64_t>& used = forest.used_features();
  for (std::int64_t at = 0; at < count; at += kStripRows) {
    const std::int64_t n = std::min(kStripRows, count - at);
    for (std::size_t u = 0; u < used.size(); ++u) {
      ReadColumn(block.columns[used[u]], begin + at, n, strip);
      forest.Bin(static_cast<std::int64_t>(u), strip, n, bins);
      forest.FillColumns(static_cast<std::int64_t>(u), bins, n, tile + at);
    }
  }
}

}  // namespace

/// Values to the columns of a tile.
void ForestMap::BinTile(const Block& block, std::int64_t begin, std::int64_t count,
                        Scratch& scratch) const {
  if (ReadsByRows(block)) {
    BinRows(block, begin, count, scratch);
  } else if (FitsFloat(block)) {
    BinStrips(*compiled_, block, begin, count, reinterpret_cast<float*>(scratch.strip.data()),
              scratch.bins.data(), scratch.tile.data());
  } else {
    BinStrips(*compiled_, block, begin, count, scratch.strip.data(), scratch.bins.data(),
              scratch.tile.data());
  }
}

/// Whether a block's rows are best turned into columns all at once: row-major float32 of which most
/// columns are used.
bool ForestMap::ReadsByRows(const Block& block) const noexcept {
  return block.is_row_major && block.columns[0].type == DType::kFloat32 &&
         2 * compiled_->used_features().size() >= block.columns.size();
}

void ForestMap::BinRows(const Block& block, std::int64_t begin, std::int64_t count,
                        Scratch& scratch) const {
  const std::vector<std::int64_t>& used = compiled_->used_features();
  const Column& first = block.columns[0];
  if (scratch.columns.empty()) scratch.columns = Buffer<float>(kStripRows * block.cols());
  for (std::int64_t at = 0; at < count; at += kStripRows) {
    const std::int64_t n = std::min(kStripRows, count - at);
    simd::Active().predict.transpose(
        static_cast<const float*>(first.values) + (begin + at) * first.stride, first.stride, n,
        block.cols(), scratch.columns.data(), kStripRows);
    for (std::size_t u = 0; u < used.size(); ++u) {
      const auto feature = static_cast<std::int64_t>(u);
      compiled_->Bin(feature, scratch.columns.data() + used[u] * kStripRows, n,
                     scratch.bins.data());
      compiled_->FillColumns(feature, scratch.bins.data(), n, scratch.tile.data() + at);
    }
  }
}

/// Raw predictions of a tile: for every output all trees in their order.
void ForestMap::ScoreTile(std::int64_t count, Scratch& scratch) const {
  const std::int64_t n_raw = model_->n_outputs;
  const std::int64_t n_trees = model_->trees_per_iteration();
  const std::int64_t n_values = n_raw / n_trees;  // of a leaf
  const std::int64_t n_iterations = last_ - first_;
  for (std::int64_t k = 0; k < n_raw; ++k) {
    std::fill_n(scratch.scores.data() + k * kTileRows, count,
                first_ == 0 ? model_->baseline[k] : 0.0);
  }
  for (std::int64_t first = 0; first < n_trees; ++first) {
    for (std::int64_t at = 0; at < n_iterations; at += kTreesAtOnce) {
      const std::int64_t n = std::min(kTreesAtOnce, n_iterations - at);
      for (std::int64_t t = 0; t < n; ++t) {
        compiled_->FindLeaves((at + t) * n_trees + first, scratch.tile.data(), count,
                              scratch.leaves.data() + t * kTileRows);
      }
      for (std::int64_t k = 0; k < n_values; ++k) {
        const double* values[kTreesAtOnce];
        for (std::int64_t t = 0; t < n; ++t)
          values[t] = compiled_->leaf_values((at + t) * n_trees + first, k);
        simd::Active().predict.add_leaf_values(values, n, scratch.leaves.data(), count,
                                               scratch.scores.data() + (first + k) * kTileRows);
      }
    }
  }
  for (std::int64_t k = 0; k < n_raw; ++k) {
    const double* scores = scratch.scores.data() + k * kTileRows;
    for (std::int64_t i = 0; i < count; ++i) scratch.raw[i * n_raw + k] = scores[i];
  }
}

/// Raw predictions or leaves of a tile, row by row.
void ForestMap::WalkTile(const Block& block, std::int64_t begin, std::int64_t count,
                         Scratch& scratch) const {
  const std::int64_t n_raw = model_->n_outputs;
  const std::int64_t row_size = walked_->row_size();
  const std::vector<std::int64_t>& used = walked_->used_features();
  for (std::int64_t at = 0; at < count; at += kStripRows) {
    const std::int64_t n = std::min(kStripRows, count - at);
    for (std::size_t u = 0; u < used.size(); ++u) {
      ReadColumn(block.columns[used[u]], begin + at, n, scratch.strip.data());
      for (std::int64_t i = 0; i < n; ++i) scratch.rows[i * row_size + u] = scratch.strip[i];
    }
    for (std::int64_t i = 0; i < n; ++i) {
      double* row = scratch.rows.data() + i * row_size;
      walked_->Prepare(row);
      if (output_ == ForestOutput::kLeaves) {
        walked_->FindLeaves(row, scratch.walked_leaves.data() + (at + i) * walked_->n_trees());
        continue;
      }
      double* raw = scratch.raw.data() + (at + i) * n_raw;
      for (std::int64_t k = 0; k < n_raw; ++k) raw[k] = first_ == 0 ? model_->baseline[k] : 0.0;
      walked_->AddTrees(row, raw);
    }
  }
}

template <typename Out>
void ForestMap::WriteScores(std::int64_t count, Scratch& scratch, Out* out) const {
  if (output_ == ForestOutput::kRaw) {
    std::copy_n(scratch.raw.data(), count * n_outputs(), out);
    return;
  }
  RawToResponse(loss_, scratch.raw.data(), count, model_->n_outputs, scratch.response.data());
  std::copy_n(scratch.response.data(), count * n_outputs(), out);
}

template <typename Out>
void ForestMap::WriteLeaves(std::int64_t count, Scratch& scratch, Out* out) const {
  const std::int64_t n_trees = n_outputs();
  if (!compiled_) {
    std::copy_n(scratch.walked_leaves.data(), count * n_trees, out);
    return;
  }
  for (std::int64_t tree = 0; tree < n_trees; ++tree) {
    compiled_->FindLeaves(tree, scratch.tile.data(), count, scratch.leaves.data());
    const std::uint8_t* numbers = compiled_->leaf_numbers(tree);
    for (std::int64_t i = 0; i < count; ++i)
      out[i * n_trees + tree] = static_cast<Out>(numbers[scratch.leaves[i]]);
  }
}

std::size_t ForestMap::bytes() const noexcept {
  return compiled_ ? compiled_->bytes() : walked_->bytes();
}

}  // namespace treeline::boosting
