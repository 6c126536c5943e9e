#include "matrix/segment_store.h"

#include <algorithm>
#include <span>
#include <utility>

#include "matrix/large_pages.h"

namespace treeline {

namespace {

constexpr std::size_t kLargestChunk = std::size_t{16} << 20;
constexpr std::size_t kSmallestFullChunk = std::size_t{1} << 20;

std::size_t RoundUp(std::size_t bytes) noexcept {
  constexpr std::size_t kAlignment = AlignedBuffer<std::byte>::kAlignment;
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace

SegmentStore::SegmentStore(MemoryBudget budget)
    : budget_(std::move(budget)), mutex_(std::make_unique<std::mutex>()) {}

SegmentStore::SegmentStore(SegmentStore&& other) noexcept = default;
SegmentStore& SegmentStore::operator=(SegmentStore&& other) noexcept = default;

SegmentStore::Reserved SegmentStore::Reserve(std::size_t bytes) {
  const std::size_t size = RoundUp(bytes);
  const std::lock_guard<std::mutex> lock(*mutex_);
  if (chunks_.empty() || chunks_.back().used + size > chunks_.back().memory.size()) AddChunk(size);
  Chunk& chunk = chunks_.back();
  const std::size_t at = chunk.used;
  chunk.used += size;
  return {{static_cast<std::int64_t>(chunks_.size()) - 1, static_cast<std::int64_t>(at)},
          chunk.memory.data() + at};
}

/// Chunks grow with the table, so that a small one takes little, up to an eighth of the budget:
/// what is being filled must be small beside what is kept.
void SegmentStore::AddChunk(std::size_t bytes) {
  const std::size_t full = std::clamp(budget_.bytes / 8, kSmallestFullChunk, kLargestChunk);
  const std::size_t size = std::max(bytes, std::min(full, memory_bytes_ + spilled_bytes_));
  Chunk chunk;
  if (!spare_.empty() && spare_.back().size() >= size) {
    chunk.memory = std::move(spare_.back());
    spare_.pop_back();
  } else {
    chunk.memory = AlignedBuffer<std::byte>(size);
    AskForLargePages(chunk.memory.data(), size);
    memory_bytes_ += size;
  }
  chunks_.push_back(std::move(chunk));
}

void SegmentStore::Settle() {
  for (; filed_ + 1 < chunks_.size(); ++filed_) File(chunks_[filed_]);
}

/// Spills a full chunk unless all chunks so far have room in memory.
void SegmentStore::File(Chunk& chunk) {
  if (spilled_bytes_ == 0 && memory_bytes_ <= budget_.bytes) return;
  if (!spill_) spill_ = std::make_unique<SpillFile>(budget_.spill_directory);
  chunk.offset = spill_->Append(std::span<const std::byte>(chunk.memory.data(), chunk.used));
  spilled_bytes_ += chunk.used;
  spare_.push_back(std::move(chunk.memory));
}

void SegmentStore::Finish() {
  Settle();
  for (const AlignedBuffer<std::byte>& memory : spare_) memory_bytes_ -= memory.size();
  spare_.clear();
  if (spill_) view_ = spill_->Map(0, spill_->size());
  for (Chunk& chunk : chunks_)
    chunk.at = chunk.offset < 0 ? chunk.memory.data() : view_.data() + chunk.offset;
}

}  // namespace treeline
