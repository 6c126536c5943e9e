#include "chunked/pass.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/error.h"

namespace treeline {

namespace {

/// Slots a batch: enough for every thread, few enough for their partial results.
constexpr std::int64_t kBatchSlots = 128;

}  // namespace

struct Pass::Worker {
  TapeRunner runner;
  AlignedBuffer<double> rows;  // all outputs of a slot that several pieces make
};

Pass::Pass(PassPlan plan) : plan_(std::move(plan)) {
  targets_.resize(static_cast<std::size_t>(plan_.n_outputs));
  for (std::size_t i = 0; i < plan_.consumers.size(); ++i) {
    const std::vector<std::int32_t>& outputs = plan_.consumers[i].outputs;
    for (std::size_t j = 0; j < outputs.size(); ++j) {
      if (outputs[j] < 0 || outputs[j] >= plan_.n_outputs)
        throw Error(ErrorCode::kInvalidArgument, "a consumer of an output that is not there");
      targets_[static_cast<std::size_t>(outputs[j])].push_back(
          {static_cast<std::int32_t>(i), static_cast<std::int64_t>(j)});
    }
  }
  std::int64_t begin = 0;
  for (const auto& [end, tape] : plan_.pieces) {
    tape.Check(plan_.sources, plan_.n_outputs);
    n_registers_ = std::max(n_registers_, tape.n_registers);
    for (const auto& [source, shift] : tape.reads) {
      const SlotSource& read = *plan_.sources[static_cast<std::size_t>(source)];
      const bool stored = window(source) == nullptr;
      if (end < begin || begin + shift < 0 || (stored && end + shift > read.rows()))
        throw Error(ErrorCode::kInvalidArgument, "a tape that reads rows that are not there");
    }
    begin = end;
  }
}

SlotWindow* Pass::window(std::int64_t source) const {
  return dynamic_cast<SlotWindow*>(plan_.sources.at(static_cast<std::size_t>(source)).get());
}

/// Whether the streams have come as far as rows [begin, end) of the result read.
bool Pass::IsReady(std::int64_t begin, std::int64_t end) const {
  std::int64_t piece_begin = 0;
  for (const auto& [piece_end, tape] : plan_.pieces) {
    const std::int64_t last = std::min(end, piece_end);
    if (std::max(begin, piece_begin) < last) {
      for (const auto& [source, shift] : tape.reads) {
        if (plan_.sources[static_cast<std::size_t>(source)]->rows() < last + shift) return false;
      }
    }
    piece_begin = piece_end;
  }
  return true;
}

/// How many slots can be computed now, up to a batch.
std::int64_t Pass::ReadySlots(std::int64_t until) const {
  const std::int64_t end = std::min(until, rows());
  std::int64_t n = 0;
  while (n < kBatchSlots) {
    const std::int64_t begin = done_ + n * kSlotRows;
    const std::int64_t slot_end = std::min(begin + kSlotRows, rows());
    if (begin >= end || slot_end > end || !IsReady(begin, slot_end)) break;
    ++n;
  }
  return n;
}

void Pass::Advance(std::int64_t until, const Context& ctx) {
  std::vector<std::unique_ptr<Worker>> workers(static_cast<std::size_t>(std::max(1, ctx.n_jobs)));
  for (std::int64_t n = ReadySlots(until); n > 0; n = ReadySlots(until)) {
    for (const PassConsumer& entry : plan_.consumers)
      entry.consumer->Begin(done_ / kSlotRows, n, static_cast<int>(workers.size()));
    RunBatch(n, workers, ctx);
    done_ = std::min(done_ + n * kSlotRows, rows());
    for (const PassConsumer& entry : plan_.consumers) entry.consumer->End(done_);
    ctx.progress.Report(done_, rows(), std::numeric_limits<double>::quiet_NaN());
  }
  workers.clear();
  DropReadRows();
}

void Pass::RunBatch(std::int64_t n_slots, std::vector<std::unique_ptr<Worker>>& workers,
                    const Context& ctx) {
  ctx.ParallelFor(n_slots, [&](std::int64_t i, int thread) {
    auto& worker = workers[static_cast<std::size_t>(thread)];
    if (!worker) worker = std::make_unique<Worker>(Worker{{plan_.sources, n_registers_}, {}});
    const std::int64_t begin = done_ + i * kSlotRows;
    const std::int64_t end = std::min(begin + kSlotRows, rows());
    RunSlot(*worker, {i, thread, 0, begin, end - begin, nullptr}, end);
  });
}

/// Computes the rows [place.first_row, end) and hands every output to its consumers.
void Pass::RunSlot(Worker& worker, SlotColumn place, std::int64_t end) {
  const auto hand_over = [&](std::int32_t output, const double* values) {
    SlotColumn column = place;
    column.values = values;
    for (const auto& [consumer, number] : targets_[static_cast<std::size_t>(output)]) {
      column.column = number;
      plan_.consumers[static_cast<std::size_t>(consumer)].consumer->Take(column);
    }
  };
  const auto by_end = [](std::int64_t row, const PassPiece& piece) { return row < piece.end_row; };
  auto piece = std::upper_bound(plan_.pieces.begin(), plan_.pieces.end(), place.first_row, by_end);
  if (piece->end_row >= end) {
    worker.runner.Run(piece->tape, place.first_row, place.rows, hand_over);
    return;
  }
  if (worker.rows.empty())
    worker.rows = AlignedBuffer<double>(static_cast<std::size_t>(plan_.n_outputs) * kSlotRows);
  for (std::int64_t row = place.first_row; row < end; ++piece) {
    const std::int64_t count = std::min(end, piece->end_row) - row;
    if (count <= 0) continue;
    double* const at = worker.rows.data() + (row - place.first_row);
    worker.runner.Run(piece->tape, row, count, [&](std::int32_t output, const double* values) {
      std::copy_n(values, count, at + std::int64_t{output} * kSlotRows);
    });
    row += count;
  }
  for (std::int32_t output = 0; output < plan_.n_outputs; ++output)
    hand_over(output, worker.rows.data() + std::int64_t{output} * kSlotRows);
}

void Pass::DropReadRows() {
  for (std::size_t source = 0; source < plan_.sources.size(); ++source) {
    SlotWindow* const stream = window(static_cast<std::int64_t>(source));
    if (stream == nullptr) continue;
    std::int64_t needed = std::numeric_limits<std::int64_t>::max();
    std::int64_t begin = 0;
    for (const auto& [end, tape] : plan_.pieces) {
      for (const TapeRead& read : tape.reads) {
        if (read.source == static_cast<std::int32_t>(source) && end > done_)
          needed = std::min(needed, std::max(begin, done_) + read.shift);
      }
      begin = end;
    }
    stream->DropBefore(needed);
  }
}

}  // namespace treeline
