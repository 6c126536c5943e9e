#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/sink.h"
#include "matrix/slot_source.h"
#include "matrix/spill_file.h"

namespace treeline {

struct ChunkStoreOptions {
  std::int64_t cols = 0;
  DType type = DType::kFloat64;                // or kFloat32
  std::int64_t chunk_slots = 64;               // slots of kSlotRows rows a chunk, at least 1
  std::size_t memory_bytes = ~std::size_t{0};  // kept in memory; further chunks go to a spill file
  std::string spill_directory;                 // empty: the system's
};

/// A matrix in chunks of rows: the first ones in memory up to a budget, the others in a spill file,
/// from where they are mapped when they are read. Filled once (Push, or ReserveSlots and Commit),
/// finished, then read by any number of threads.
class ChunkStore final : public Sink, public SlotSource {
 public:
  explicit ChunkStore(ChunkStoreOptions options);

  /// Throws Error{kInvalidData} for a block of another width, Error{kIo} when the disk is full.
  void Push(const Block& block, const Context& ctx) override;
  /// Memory for slots [rows() / kSlotRows, end), to be written by any thread before Commit; rows()
  /// is a multiple of kSlotRows.
  void ReserveSlots(std::int64_t end_slot);
  std::byte* ReservedSlot(std::int64_t index) noexcept;
  /// All rows below `rows` are written: files complete chunks.
  void Commit(std::int64_t rows);
  /// No more rows will come: files the last chunk. Reading needs it.
  void Finish();

  std::int64_t rows() const noexcept override { return rows_; }
  std::int64_t cols() const noexcept override { return options_.cols; }
  DType type() const noexcept override { return options_.type; }
  std::unique_ptr<SlotCursor> Open() const override;
  bool finished() const noexcept { return finished_; }
  /// Bytes in memory.
  std::size_t bytes() const noexcept override { return memory_bytes_; }
  std::size_t spilled_bytes() const noexcept { return spilled_bytes_; }

 private:
  class Cursor;
  struct Chunk {
    AlignedBuffer<std::byte> memory;  // empty once spilled
    std::int64_t offset = 0;          // in the spill file
    bool spilled = false;
  };
  std::int64_t SlotBytes() const noexcept;
  void File(Chunk& chunk, std::int64_t slots);

  ChunkStoreOptions options_;
  std::int64_t rows_ = 0;
  std::size_t filed_ = 0;  // chunks
  std::size_t memory_bytes_ = 0;
  std::size_t spilled_bytes_ = 0;
  bool finished_ = false;
  std::vector<Chunk> chunks_;
  AlignedBuffer<std::byte> spare_;  // of a chunk that was spilled
  std::unique_ptr<SpillFile> spill_;
};

}  // namespace treeline
