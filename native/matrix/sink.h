#pragma once

#include <cstddef>

#include "core/context.h"
#include "core/error.h"
#include "matrix/block.h"
#include "matrix/sparse_block.h"

namespace treeline {

/// Takes a table in row blocks, in row order; what it makes of them it keeps. A fit is: push every
/// block, then one call that reads the sink. (DuckDB's Sink / Finalize.) One Push at a time; Push
/// itself runs on ctx.n_jobs threads.
class Sink {
 public:
  virtual ~Sink() = default;
  /// `block` is valid during the call only. A throw leaves the sink unusable.
  virtual void Push(const Block& block, const Context& ctx) = 0;
  /// The same of a sparse table, where a sink can do with its entries: what it keeps is what it
  /// would keep of the dense rows. Blocks of either kind may not be mixed.
  virtual void PushEntries(const SparseBlock& /*block*/, const Context& /*ctx*/) {
    throw Error(ErrorCode::kNative, "this sink takes dense rows");
  }
  /// Bytes held, for JavaScript's garbage collector to know of.
  virtual std::size_t bytes() const noexcept = 0;
};

/// Maps a row block to rows of numbers (a prediction, a transformed table): stateless, so blocks
/// may be mapped in any order and at the same time.
class BlockMap {
 public:
  virtual ~BlockMap() = default;
  virtual std::int64_t n_inputs() const noexcept = 0;
  virtual std::int64_t n_outputs() const noexcept = 0;
  /// Writes block.rows x n_outputs() values, row-major, to out.
  virtual void Apply(const Block& block, double* out, const Context& ctx) const = 0;
  virtual void Apply(const Block& block, float* out, const Context& ctx) const = 0;
  virtual std::size_t bytes() const noexcept = 0;
};

}  // namespace treeline
