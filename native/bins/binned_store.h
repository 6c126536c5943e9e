#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bins/column_layout.h"
#include "core/aligned_buffer.h"
#include "matrix/spill_file.h"

namespace treeline {

/// Rows of a chunk of binned data. Row numbers inside a chunk fit 16 bits; a chunk's column of bins
/// (16 KB) and the set of its rows in a leaf (a bitmap of 2 KB or a short list) stay in the nearest
/// caches; packed sums over one chunk cannot overflow 32 bits.
inline constexpr std::int64_t kChunkRows = 16'384;
inline constexpr std::int64_t kChunkWords = kChunkRows / 64;

/// What a store keeps of every row.
enum class StoreParts : std::uint8_t {
  kBoth,     // a record for histograms and a byte a feature for the partition: the fastest
  kRecords,  // the partition reads records: half the memory
  kColumns,  // rows that are only routed: no histograms
};

/// Bins of consecutive rows, by feature.
struct BinnedRows {
  const std::uint8_t* bytes;   // feature f's begin at bytes + f * stride, unless it is wide
  const std::uint16_t* words;  // wide feature number k's begin at words + k * stride
  std::int64_t stride;

  BinnedRows From(std::int64_t row) const noexcept { return {bytes + row, words + row, stride}; }
};

/// A table as bins, in chunks of rows: at most 2 bytes a cell. Chunks lie in memory or, once
/// sealed, in a spill file that is mapped.
class BinnedStore {
 public:
  /// `spill`: where chunks go when they are full; nullptr: they stay in memory.
  BinnedStore(std::shared_ptr<const ColumnLayout> layout, StoreParts parts,
              std::shared_ptr<SpillFile> spill = nullptr);

  /// Makes room for `count` more rows; the cells of new rows are undefined until written.
  void Grow(std::int64_t count);
  /// Writes `count` rows of bins from row `first_row` on. `scratch`: 8 * stride bytes. Rows of
  /// different calls may be written at once.
  void Write(std::int64_t first_row, std::int64_t count, BinnedRows bins, std::uint8_t* scratch);
  /// All rows made so far are written: full chunks go to the spill file, if there is one. Throws
  /// Error{kIo}.
  void SealFullChunks();
  /// No rows will come any more: spilled chunks can be read from here on. Throws Error{kIo}.
  void Finish();

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t n_features() const noexcept { return layout_->n_features(); }
  const ColumnLayout& layout() const noexcept { return *layout_; }
  std::int64_t n_chunks() const noexcept { return static_cast<std::int64_t>(chunks_.size()); }
  std::int64_t chunk_rows(std::int64_t c) const noexcept { return chunks_[c].rows; }
  /// Whether a feature's bins() have to be gathered: a list of rows saves time.
  bool gathers_bins(std::int64_t feature) const noexcept {
    return !has_columns() || layout_->feature(feature).is_wide;
  }
  /// Records of a group of columns in a chunk.
  const std::uint8_t* records(std::int64_t c, const ColumnGroup& group) const noexcept {
    return chunks_[c].data + kChunkRows * group.first_record;
  }
  /// The bins of a wide feature by row of a chunk.
  const std::uint16_t* words(std::int64_t c, std::int64_t feature) const noexcept {
    return reinterpret_cast<const std::uint16_t*>(chunks_[c].data + words_at_) +
           layout_->feature(feature).number * kChunkRows;
  }
  /// The bins, by row of a chunk, of a feature that is not wide, readable to the end of the last
  /// word of 64 rows: its column, or those of the rows of `list` (nullptr: of all rows) gathered
  /// into `scratch`, which has room for kColumnStride.
  const std::uint8_t* bins(std::int64_t c, std::int64_t feature, const std::uint16_t* list,
                           std::int64_t n, std::uint8_t* scratch) const noexcept;
  /// Bytes of memory: what was spilled does not count.
  std::size_t bytes() const noexcept;

  static constexpr std::int64_t kColumnStride =
      kChunkRows + 64;  // readable beyond the last row; no cache aliasing

 private:
  struct Chunk {
    std::int64_t rows = 0;
    AlignedBuffer<std::uint8_t> memory;  // records, words, columns; empty once spilled
    std::int64_t offset = -1;            // in the spill file
    const std::uint8_t* data = nullptr;  // where either can be read
  };
  bool has_records() const noexcept { return parts_ != StoreParts::kColumns; }
  bool has_columns() const noexcept { return parts_ != StoreParts::kRecords; }
  void WriteWords(Chunk& chunk, std::int64_t row, std::int64_t count, const BinnedRows& bins);
  void WriteColumns(Chunk& chunk, std::int64_t row, std::int64_t count, const BinnedRows& bins);
  void WriteRecords(Chunk& chunk, std::int64_t row, std::int64_t count, const BinnedRows& bins,
                    std::uint8_t* scratch);
  std::uint8_t* ColumnOf(Chunk& chunk, std::int64_t number) const noexcept {
    return chunk.memory.data() + columns_at_ + number * kColumnStride;
  }

  std::shared_ptr<const ColumnLayout> layout_;
  StoreParts parts_;
  std::int64_t words_at_ = 0;    // where a chunk's bins of wide features begin
  std::int64_t columns_at_ = 0;  // where its columns of bins of other features begin
  std::int64_t chunk_bytes_ = 0;
  std::int64_t rows_ = 0;
  std::vector<Chunk> chunks_;
  std::int64_t n_sealed_ = 0;
  std::shared_ptr<SpillFile> spill_;
  SpillView view_;
};

}  // namespace treeline
