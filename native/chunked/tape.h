#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/slot_source.h"

namespace treeline {

/// What an instruction does. kUnary + TapeUnary and kBinary + TapeBinary are the element-wise
/// operations (simd/tape_kernels.h).
enum TapeCode : std::int32_t {
  kTapeLoad = 0,    // out = column b of read a
  kTapeFill = 1,    // out = constant a in every row
  kTapeEmit = 2,    // register a is output b
  kTapeSelect = 3,  // out = a != 0 ? b : c
  kTapeUnary = 16,
  kTapeBinary = 64
};

/// One step over a slot of rows. Registers hold a column of up to kSlotRows doubles; a negative b
/// of a binary operation is constant -1 - b.
struct TapeInstruction {
  std::int32_t code;
  std::int32_t out;
  std::int32_t a;
  std::int32_t b;
  std::int32_t c;
};

/// A source as a tape reads it: output row i is its row i + shift.
struct TapeRead {
  std::int32_t source;
  std::int64_t shift;
};

/// A fused element-wise program for some rows of a result: made in src/chunked/compile.ts.
struct Tape {
  std::vector<TapeInstruction> code;
  std::vector<double> constants;
  std::vector<TapeRead> reads;
  std::int32_t n_registers = 0;

  /// Throws Error{kInvalidArgument} unless every register, constant, read, column and output is
  /// there.
  void Check(std::span<const std::shared_ptr<SlotSource>> sources, std::int64_t n_outputs) const;
};

/// Takes column `output` of the rows a tape has just run over.
using TapeEmit = std::function<void(std::int32_t output, const double* values)>;

/// One thread's registers and cursors: runs tapes over a slot of rows at a time.
class TapeRunner {
 public:
  TapeRunner(std::span<const std::shared_ptr<SlotSource>> sources, std::int32_t n_registers);

  /// Evaluates rows [row, row + count) of the result, count <= kSlotRows.
  void Run(const Tape& tape, std::int64_t row, std::int64_t count, const TapeEmit& emit);

 private:
  void OpenReads(const Tape& tape);
  void Step(const Tape& tape, const TapeInstruction& step, std::int64_t row, std::int64_t count);

  std::span<const std::shared_ptr<SlotSource>> sources_;
  const Tape* opened_ = nullptr;
  std::vector<std::unique_ptr<SlotCursor>> cursors_;  // one a read: what one finds stays in place
  AlignedBuffer<double> memory_;
  std::vector<const double*> values_;  // of each register: its memory, or where a source has it
};

}  // namespace treeline
