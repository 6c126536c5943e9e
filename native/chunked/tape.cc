#include "chunked/tape.h"

#include <algorithm>
#include <string>

#include "core/error.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

constexpr std::int32_t kUnaryEnd = kTapeUnary + static_cast<std::int32_t>(simd::TapeUnary::kCount);
constexpr std::int32_t kBinaryEnd =
    kTapeBinary + static_cast<std::int32_t>(simd::TapeBinary::kCount);

void Require(bool holds, const char* what) {
  if (!holds) throw Error(ErrorCode::kInvalidArgument, std::string("a tape without ") + what);
}

}  // namespace

void Tape::Check(std::span<const std::shared_ptr<SlotSource>> sources,
                 std::int64_t n_outputs) const {
  const auto is_register = [&](std::int32_t i) { return i >= 0 && i < n_registers; };
  const auto is_constant = [&](std::int32_t i) {
    return i >= 0 && i < static_cast<std::int32_t>(constants.size());
  };
  for (const TapeRead& read : reads) {
    Require(read.source >= 0 && read.source < static_cast<std::int32_t>(sources.size()),
            "one of its sources");
  }
  for (const auto& [code, out, a, b, c] : code) {
    if (code == kTapeEmit) {
      Require(is_register(a) && b >= 0 && b < n_outputs, "one of its outputs");
      continue;
    }
    Require(is_register(out), "one of its registers");
    if (code == kTapeLoad) {
      Require(a >= 0 && a < static_cast<std::int32_t>(reads.size()), "one of its reads");
      Require(b >= 0 && b < sources[static_cast<std::size_t>(reads[a].source)]->cols(),
              "one of its columns");
    } else if (code == kTapeFill) {
      Require(is_constant(a), "one of its constants");
    } else if (code == kTapeSelect) {
      Require(is_register(a) && is_register(b) && is_register(c), "one of its registers");
    } else if (code >= kTapeUnary && code < kUnaryEnd) {
      Require(is_register(a), "one of its registers");
    } else {
      Require(code >= kTapeBinary && code < kBinaryEnd, "a known operation");
      Require(is_register(a) && (is_register(b) || is_constant(-1 - b)), "one of its registers");
    }
  }
}

TapeRunner::TapeRunner(std::span<const std::shared_ptr<SlotSource>> sources,
                       std::int32_t n_registers)
    : sources_(sources),
      memory_(static_cast<std::size_t>(n_registers) * kSlotRows),
      values_(static_cast<std::size_t>(n_registers)) {}

void TapeRunner::OpenReads(const Tape& tape) {
  opened_ = nullptr;
  cursors_.clear();
  for (const TapeRead& read : tape.reads) cursors_.push_back(sources_[read.source]->Open());
  opened_ = &tape;
}

void TapeRunner::Run(const Tape& tape, std::int64_t row, std::int64_t count, const TapeEmit& emit) {
  if (opened_ != &tape) OpenReads(tape);
  for (const TapeInstruction& step : tape.code) {
    if (step.code == kTapeEmit) {
      emit(step.b, values_[step.a]);
    } else {
      Step(tape, step, row, count);
    }
  }
}

void TapeRunner::Step(const Tape& tape, const TapeInstruction& step, std::int64_t row,
                      std::int64_t count) {
  const auto& [code, index, a, b, c] = step;
  const simd::TapeKernels& kernels = simd::Active().tape;
  double* const out = memory_.data() + std::int64_t{index} * kSlotRows;
  if (code == kTapeLoad) {
    const auto& [source, shift] = tape.reads[a];
    values_[index] = ReadSlotColumn(*sources_[source], *cursors_[a], b, row + shift, count, out);
    return;
  }
  if (code == kTapeFill) {
    std::fill_n(out, count, tape.constants[a]);
  } else if (code == kTapeSelect) {
    kernels.select(values_[a], values_[b], values_[c], count, out);
  } else if (code < kTapeBinary) {
    kernels.unary[code - kTapeUnary](values_[a], count, out);
  } else if (b >= 0) {
    kernels.binary[code - kTapeBinary](values_[a], values_[b], count, out);
  } else {
    kernels.binary_scalar[code - kTapeBinary](values_[a], &tape.constants[-1 - b], count, out);
  }
  values_[index] = out;
}

}  // namespace treeline
