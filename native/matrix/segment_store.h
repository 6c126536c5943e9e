#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/spill_file.h"

namespace treeline {

/// Where a table may lie.
struct MemoryBudget {
  std::size_t bytes = ~std::size_t{0};  // of memory; what comes later goes to a spill file
  std::string spill_directory;          // empty: the system's
};

/// Segments of bytes of any size, each on a 64-byte boundary, packed into chunks: the first chunks
/// stay in memory up to a budget, the others are appended to a spill file, which is mapped once all
/// are there. Filled (Reserve, Settle), finished, then read by any number of threads.
class SegmentStore {
 public:
  explicit SegmentStore(MemoryBudget budget = {});
  SegmentStore(SegmentStore&& other) noexcept;
  SegmentStore& operator=(SegmentStore&& other) noexcept;
  SegmentStore(const SegmentStore&) = delete;
  SegmentStore& operator=(const SegmentStore&) = delete;
  ~SegmentStore() = default;

  /// Names a segment.
  struct Segment {
    std::int64_t chunk = 0;
    std::int64_t offset = 0;
  };
  /// A new segment, to be written before the next Settle.
  struct Reserved {
    Segment segment;
    std::byte* memory = nullptr;
  };
  /// May be called by many threads at a time.
  Reserved Reserve(std::size_t bytes);
  /// No segment is being written: files the chunks that are full. Throws Error{kIo}: the disk is
  /// full, for example.
  void Settle();
  /// No more segments will come: what was being filled stays in memory. Reading needs it.
  void Finish();
  const std::byte* At(Segment segment) const noexcept {
    return chunks_[static_cast<std::size_t>(segment.chunk)].at + segment.offset;
  }

  /// Bytes in memory.
  std::size_t bytes() const noexcept { return memory_bytes_; }
  std::size_t spilled_bytes() const noexcept { return spilled_bytes_; }

 private:
  struct Chunk {
    AlignedBuffer<std::byte> memory;  // empty once spilled
    std::size_t used = 0;
    std::int64_t offset = -1;       // in the spill file
    const std::byte* at = nullptr;  // where it is read
  };
  void AddChunk(std::size_t bytes);
  void File(Chunk& chunk);

  MemoryBudget budget_;
  std::size_t memory_bytes_ = 0;
  std::size_t spilled_bytes_ = 0;
  std::size_t filed_ = 0;  // chunks
  std::vector<Chunk> chunks_;
  std::vector<AlignedBuffer<std::byte>> spare_;  // of chunks that were spilled
  std::unique_ptr<SpillFile> spill_;
  SpillView view_;
  std::unique_ptr<std::mutex> mutex_;  // guards Reserve
};

}  // namespace treeline
