#pragma once

#include <cstdint>
#include <span>

namespace treeline {

/// Merges partial results across ranks (processes, machines). Local runs have one rank and nothing
/// to merge. Every fit calls it at its merge points, so that distributed training changes no
/// algorithm.
class Reducer {
 public:
  virtual ~Reducer() = default;
  virtual int rank() const noexcept = 0;
  virtual int size() const noexcept = 0;
  /// Element-wise sum over ranks, in place. Integers: the order of the ranks does not matter.
  virtual void Sum(std::span<std::int64_t> values) = 0;
  /// Element-wise maximum over ranks, in place.
  virtual void Max(std::span<double> values) = 0;
};

/// One rank: merging is the identity.
class LocalReducer final : public Reducer {
 public:
  int rank() const noexcept override { return 0; }
  int size() const noexcept override { return 1; }
  void Sum(std::span<std::int64_t>) override {}
  void Max(std::span<double>) override {}
};

}  // namespace treeline
