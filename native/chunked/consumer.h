#pragma once

#include <cstdint>
#include <vector>

namespace treeline {

/// A column of a result over a slot of rows, as a pass hands it to a consumer.
struct SlotColumn {
  std::int64_t batch_slot;  // of the batch that Begin announced
  int thread;               // < n_threads of Begin: an index for scratch memory
  std::int64_t column;      // among the consumer's columns
  std::int64_t first_row;
  std::int64_t rows;
  const double* values;
};

/// What a pass does with a matrix it computes: reduce, keep or hand over. Begin, then Take from
/// many threads, then End, batch after batch of consecutive slots.
class SlotConsumer {
 public:
  virtual ~SlotConsumer() = default;
  /// Slots [first_slot, first_slot + n_slots) come next.
  virtual void Begin(std::int64_t first_slot, std::int64_t n_slots, int n_threads) = 0;
  /// Every column of every slot of the batch once, in any order, from several threads at once.
  virtual void Take(const SlotColumn& column) = 0;
  /// The batch has come: rows below `rows` have been taken.
  virtual void End(std::int64_t rows) = 0;
};

/// A consumer whose result is a few numbers a column.
class Reduction : public SlotConsumer {
 public:
  /// Numbers of all columns, each kind in turn; what they are is the kind's business.
  virtual std::vector<std::vector<double>> Result() = 0;
};

}  // namespace treeline
