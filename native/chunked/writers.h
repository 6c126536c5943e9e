#pragma once

#include <cstdint>
#include <memory>

#include "chunked/consumer.h"
#include "matrix/chunk_store.h"

namespace treeline {

/// Keeps a result in a ChunkStore. The store is finished by the pass's owner.
class StoreWriter final : public SlotConsumer {
 public:
  explicit StoreWriter(std::shared_ptr<ChunkStore> store) : store_(std::move(store)) {}

  void Begin(std::int64_t first_slot, std::int64_t n_slots, int n_threads) override;
  void Take(const SlotColumn& column) override;
  void End(std::int64_t rows) override { store_->Commit(rows); }
  const std::shared_ptr<ChunkStore>& store() const noexcept { return store_; }

 private:
  std::shared_ptr<ChunkStore> store_;
};

/// Writes a range of rows to an array, column-major: element (i, j) to
/// values[j * rows + i - first_row]. Other rows are left out.
class ArrayWriter final : public SlotConsumer {
 public:
  /// Where the rows [first_row, first_row + rows) of the next calls go; float32 or float64.
  struct Target {
    void* values = nullptr;
    DType type = DType::kFloat64;
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
  };
  explicit ArrayWriter(std::int64_t cols) : cols_(cols) {}

  std::int64_t cols() const noexcept { return cols_; }
  void SetTarget(const Target& target) noexcept { target_ = target; }
  void Begin(std::int64_t, std::int64_t, int) override {}
  void Take(const SlotColumn& column) override;
  void End(std::int64_t) override {}

 private:
  std::int64_t cols_;
  Target target_;
};

}  // namespace treeline
