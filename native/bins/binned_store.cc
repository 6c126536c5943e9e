#include "bins/binned_store.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace treeline {

namespace {

/// Eight rows of eight columns, byte i of word j is row i of column j: to byte j of word i.
void Transpose8x8(std::array<std::uint64_t, 8>& words) noexcept {
  const auto swap = [&words](int distance, std::uint64_t mask) {
    const int shift = 8 * distance;
    for (int j = 0; j < 8; ++j) {
      if ((j & distance) != 0) continue;
      const std::uint64_t moved = ((words[j] >> shift) ^ words[j + distance]) & mask;
      words[j + distance] ^= moved;
      words[j] ^= moved << shift;
    }
  };
  swap(4, 0x00000000ffffffff);
  swap(2, 0x0000ffff0000ffff);
  swap(1, 0x00ff00ff00ff00ff);
}

/// Writes `n` rows of up to eight columns of codes to bytes 0 … 7 of consecutive records. The
/// columns are readable to the next multiple of eight rows.
void Interleave(std::span<const std::uint8_t* const> columns, std::int64_t n, std::uint8_t* records,
                int record_bytes) noexcept {
  for (std::int64_t row = 0; row < n; row += 8) {
    std::array<std::uint64_t, 8> words{};
    for (std::size_t j = 0; j < columns.size(); ++j) std::memcpy(&words[j], columns[j] + row, 8);
    Transpose8x8(words);
    const std::int64_t count = std::min<std::int64_t>(8, n - row);
    for (std::int64_t i = 0; i < count; ++i)
      std::memcpy(records + (row + i) * record_bytes, &words[i], 8);
  }
}

}  // namespace

BinnedStore::BinnedStore(std::shared_ptr<const ColumnLayout> layout, StoreParts parts,
                         std::shared_ptr<SpillFile> spill)
    : layout_(std::move(layout)), parts_(parts), spill_(std::move(spill)) {
  const std::int64_t n_wide = layout_->n_wide();
  if (has_records()) words_at_ = layout_->record_bytes() * kChunkRows;
  columns_at_ = words_at_ + n_wide * 2 * kChunkRows;
  chunk_bytes_ = columns_at_ + (has_columns() ? (n_features() - n_wide) * kColumnStride : 0);
}

void BinnedStore::Grow(std::int64_t count) {
  while (count > 0) {
    if (chunks_.empty() || chunks_.back().rows == kChunkRows) {
      Chunk chunk;
      chunk.memory = AlignedBuffer<std::uint8_t>(static_cast<std::size_t>(chunk_bytes_));
      chunk.data = chunk.memory.data();
      chunks_.push_back(std::move(chunk));
    }
    Chunk& last = chunks_.back();
    const std::int64_t added = std::min(count, kChunkRows - last.rows);
    last.rows += added;
    rows_ += added;
    count -= added;
    if (!has_columns()) continue;
    // Bins behind the last row are read (never used) by loops over words of 64 rows.
    for (std::int64_t k = 0; k < n_features() - layout_->n_wide(); ++k) {
      std::memset(ColumnOf(last, k) + last.rows, 0,
                  std::min<std::int64_t>(64, kColumnStride - last.rows));
    }
  }
}

void BinnedStore::Write(std::int64_t first_row, std::int64_t count, BinnedRows bins,
                        std::uint8_t* scratch) {
  while (count > 0) {
    Chunk& chunk = chunks_[first_row / kChunkRows];
    const std::int64_t row = first_row % kChunkRows;
    const std::int64_t n = std::min(count, kChunkRows - row);
    WriteWords(chunk, row, n, bins);
    if (has_columns()) WriteColumns(chunk, row, n, bins);
    if (has_records()) WriteRecords(chunk, row, n, bins, scratch);
    first_row += n;
    bins = bins.From(n);
    count -= n;
  }
}

void BinnedStore::WriteWords(Chunk& chunk, std::int64_t row, std::int64_t count,
                             const BinnedRows& bins) {
  auto* to = reinterpret_cast<std::uint16_t*>(chunk.memory.data() + words_at_) + row;
  for (std::int64_t k = 0; k < layout_->n_wide(); ++k)
    std::copy_n(bins.words + k * bins.stride, count, to + k * kChunkRows);
}

void BinnedStore::WriteColumns(Chunk& chunk, std::int64_t row, std::int64_t count,
                               const BinnedRows& bins) {
  for (std::int64_t f = 0; f < n_features(); ++f) {
    const StoredFeature& feature = layout_->feature(f);
    if (feature.is_wide) continue;
    std::memcpy(ColumnOf(chunk, feature.number) + row, bins.bytes + f * bins.stride,
                static_cast<std::size_t>(count));
  }
}

void BinnedStore::WriteRecords(Chunk& chunk, std::int64_t row, std::int64_t count,
                               const BinnedRows& bins, std::uint8_t* scratch) {
  for (const ColumnGroup& group : layout_->groups()) {
    if (group.is_wide()) continue;
    std::uint8_t* records =
        chunk.memory.data() + kChunkRows * group.first_record + row * group.record_bytes;
    for (int first = 0; first < group.n_columns; first += 8) {
      const int n_columns = std::min(8, group.n_columns - first);
      std::array<const std::uint8_t*, 8> codes;
      for (int j = 0; j < n_columns; ++j) {
        std::uint8_t* own = scratch + j * bins.stride;
        layout_->Encode(group.first_column + first + j, bins.bytes, bins.stride, count, own);
        codes[j] = own;
      }
      Interleave({codes.data(), static_cast<std::size_t>(n_columns)}, count, records + first,
                 group.record_bytes);
    }
  }
}

void BinnedStore::SealFullChunks() {
  if (spill_ == nullptr) return;
  for (; n_sealed_ < n_chunks() && chunks_[n_sealed_].rows == kChunkRows; ++n_sealed_) {
    Chunk& chunk = chunks_[n_sealed_];
    chunk.offset = spill_->Append(std::span<const std::uint8_t>(chunk.memory));
    chunk.memory = {};
    chunk.data = nullptr;
  }
}

void BinnedStore::Finish() {
  SealFullChunks();
  if (n_sealed_ == 0 || view_.data() != nullptr) return;
  view_ = spill_->Map(0, spill_->size());
  const auto* begin = reinterpret_cast<const std::uint8_t*>(view_.data());
  for (std::int64_t c = 0; c < n_sealed_; ++c) chunks_[c].data = begin + chunks_[c].offset;
}

const std::uint8_t* BinnedStore::bins(std::int64_t c, std::int64_t feature,
                                      const std::uint16_t* list, std::int64_t n,
                                      std::uint8_t* scratch) const noexcept {
  const Chunk& chunk = chunks_[c];
  const StoredFeature& stored = layout_->feature(feature);
  if (has_columns()) return chunk.data + columns_at_ + stored.number * kColumnStride;
  const std::int64_t column = stored.column;
  const auto group =
      std::upper_bound(layout_->groups().begin(), layout_->groups().end(), column,
                       [](std::int64_t x, const ColumnGroup& g) { return x < g.first_column; }) -
      1;
  const std::uint8_t* codes = records(c, *group) + (column - group->first_column);
  alignas(64) std::uint8_t table[kHistogramBins];
  layout_->FillBinTable(feature, table);
  if (list == nullptr) {
    for (std::int64_t row = 0; row < chunk.rows; ++row)
      scratch[row] = table[codes[row * group->record_bytes]];
  } else {
    for (std::int64_t i = 0; i < n; ++i)
      scratch[list[i]] = table[codes[list[i] * group->record_bytes]];
  }
  return scratch;
}

std::size_t BinnedStore::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const Chunk& chunk : chunks_) bytes += chunk.memory.bytes();
  return bytes;
}

}  // namespace treeline
