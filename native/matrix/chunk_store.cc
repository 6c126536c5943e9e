#include "matrix/chunk_store.h"

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace treeline {

/// Reads where the chunk lies; maps one spilled chunk at a time.
class ChunkStore::Cursor final : public SlotCursor {
 public:
  explicit Cursor(const ChunkStore& store) : store_(store) {}

  const std::byte* Slot(std::int64_t index) override {
    const std::int64_t chunk_slots = store_.options_.chunk_slots;
    const std::int64_t number = index / chunk_slots;
    const std::int64_t bytes = store_.SlotBytes();
    const Chunk& chunk = store_.chunks_[static_cast<std::size_t>(number)];
    const std::int64_t at = index % chunk_slots * bytes;
    if (!chunk.spilled) return chunk.memory.data() + at;
    if (number != mapped_) {
      const std::int64_t all = (store_.rows_ + kSlotRows - 1) / kSlotRows;
      const std::int64_t slots = std::min(chunk_slots, all - number * chunk_slots);
      mapped_ = -1;
      view_ = SpillView();
      view_ = store_.spill_->Map(chunk.offset, slots * bytes);
      mapped_ = number;
    }
    return view_.data() + at;
  }

 private:
  const ChunkStore& store_;
  std::int64_t mapped_ = -1;
  SpillView view_;
};

ChunkStore::ChunkStore(ChunkStoreOptions options) : options_(std::move(options)) {}

std::int64_t ChunkStore::SlotBytes() const noexcept {
  return options_.cols * kSlotRows * ElementBytes(options_.type);
}

void ChunkStore::Push(const Block& block, const Context& ctx) {
  if (block.cols() != options_.cols) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(block.cols()) +
                                             " columns in one part and " +
                                             std::to_string(options_.cols) + " in another");
  }
  const std::int64_t end = rows_ + block.rows;
  ReserveSlots((end + kSlotRows - 1) / kSlotRows);
  FileRows(block, rows_, options_.type, ctx,
           [this](std::int64_t index) { return ReservedSlot(index); });
  Commit(end);
}

void ChunkStore::ReserveSlots(std::int64_t end_slot) {
  const std::int64_t wanted = (end_slot + options_.chunk_slots - 1) / options_.chunk_slots;
  while (static_cast<std::int64_t>(chunks_.size()) < wanted) {
    Chunk chunk;
    chunk.memory =
        spare_.empty()
            ? AlignedBuffer<std::byte>(static_cast<std::size_t>(options_.chunk_slots * SlotBytes()))
            : std::move(spare_);
    chunks_.push_back(std::move(chunk));
  }
}

std::byte* ChunkStore::ReservedSlot(std::int64_t index) noexcept {
  Chunk& chunk = chunks_[static_cast<std::size_t>(index / options_.chunk_slots)];
  return chunk.memory.data() + index % options_.chunk_slots * SlotBytes();
}

void ChunkStore::Commit(std::int64_t rows) {
  rows_ = rows;
  const auto complete = static_cast<std::size_t>(rows / (options_.chunk_slots * kSlotRows));
  for (; filed_ < complete; ++filed_) File(chunks_[filed_], options_.chunk_slots);
}

/// Keeps a chunk that holds `slots` slots in memory if the budget allows, else spills it.
void ChunkStore::File(Chunk& chunk, std::int64_t slots) {
  const auto used = static_cast<std::size_t>(slots * SlotBytes());
  if (spilled_bytes_ == 0 && memory_bytes_ + used <= options_.memory_bytes) {
    memory_bytes_ += chunk.memory.bytes();
    return;
  }
  if (!spill_) spill_ = std::make_unique<SpillFile>(options_.spill_directory);
  chunk.offset = spill_->Append(std::span<const std::byte>(chunk.memory.data(), used));
  chunk.spilled = true;
  spilled_bytes_ += used;
  spare_ = std::move(chunk.memory);
}

void ChunkStore::Finish() {
  if (finished_) return;
  finished_ = true;
  const std::int64_t all = (rows_ + kSlotRows - 1) / kSlotRows;
  if (filed_ < chunks_.size()) {
    File(chunks_[filed_], all - static_cast<std::int64_t>(filed_) * options_.chunk_slots);
    ++filed_;
  }
  spare_ = AlignedBuffer<std::byte>();
}

std::unique_ptr<SlotCursor> ChunkStore::Open() const { return std::make_unique<Cursor>(*this); }

}  // namespace treeline
