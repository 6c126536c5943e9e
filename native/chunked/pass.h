#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "chunked/consumer.h"
#include "chunked/tape.h"
#include "core/context.h"
#include "matrix/slot_source.h"
#include "matrix/slot_window.h"

namespace treeline {

/// Rows of the result up to `end_row` (from where the piece before ends) and how they are computed.
struct PassPiece {
  std::int64_t end_row = 0;
  Tape tape;
};

/// A consumer and which outputs are its columns.
struct PassConsumer {
  std::shared_ptr<SlotConsumer> consumer;
  std::vector<std::int32_t> outputs;
};

struct PassPlan {
  std::vector<std::shared_ptr<SlotSource>> sources;
  std::vector<PassPiece> pieces;
  std::int64_t n_outputs = 0;
  std::vector<PassConsumer> consumers;
};

/// One pass over the rows of a result: every slot of rows is computed once, column by column, and
/// handed to all consumers while it lies in cache. Slots are those of the result, whatever chunks
/// the sources come in.
class Pass {
 public:
  /// Throws Error{kInvalidArgument} for a plan that reads what is not there.
  explicit Pass(PassPlan plan);

  std::int64_t rows() const noexcept {
    return plan_.pieces.empty() ? 0 : plan_.pieces.back().end_row;
  }
  /// Rows computed so far: complete slots, or all.
  std::int64_t done() const noexcept { return done_; }
  const std::vector<PassConsumer>& consumers() const noexcept { return plan_.consumers; }
  /// The stream behind a source; nullptr for a stored matrix.
  SlotWindow* window(std::int64_t source) const;

  /// Computes whole slots up to row `until`, as far as the streams have come. Streams let go of
  /// rows that no later slot reads.
  void Advance(std::int64_t until, const Context& ctx);

 private:
  /// What one thread computes with.
  struct Worker;
  struct Target {
    std::int32_t consumer;
    std::int64_t column;
  };
  std::int64_t ReadySlots(std::int64_t until) const;
  bool IsReady(std::int64_t begin, std::int64_t end) const;
  void RunBatch(std::int64_t n_slots, std::vector<std::unique_ptr<Worker>>& workers,
                const Context& ctx);
  void RunSlot(Worker& worker, SlotColumn place, std::int64_t end);
  void DropReadRows();

  PassPlan plan_;
  std::vector<std::vector<Target>> targets_;  // of each output
  std::int32_t n_registers_ = 0;
  std::int64_t done_ = 0;
};

}  // namespace treeline
