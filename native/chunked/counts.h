#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chunked/consumer.h"

namespace treeline {

/// Which of some groups each column of a consumer belongs to: a result a column, or one for all.
using ColumnGroups = std::vector<std::int32_t>;

/// A reduction that counts. Counts are integers, so slots may come in any order: each group is
/// filled by one thread at a time. NaN is left out.
class CountingReduction : public Reduction {
 public:
  /// Throws Error{kInvalidArgument} for a group outside [0, n_groups).
  CountingReduction(ColumnGroups groups, std::int64_t n_groups);

  void Begin(std::int64_t, std::int64_t, int) override {}
  void Take(const SlotColumn& column) final;
  void End(std::int64_t) override {}

 protected:
  /// Counts values into a group, which no other thread touches meanwhile.
  virtual void Count(std::size_t group, const double* values, std::int64_t rows) = 0;

 private:
  ColumnGroups groups_;
  std::vector<std::mutex> mutexes_;  // one a group
};

/// Values of a group that count: low <= x <= high.
struct ValueRange {
  double low;
  double high;
};

/// Per group: the values of a range in bins of neighbouring doubles, each with its least and
/// greatest value and its number of values. A bin's greatest is at most 1/128 above its least, in
/// proportion, and there are at most 4,097 of them where the range is finite. Result: where each
/// group begins (n_groups + 1), least, greatest, count.
class BinsReduction final : public CountingReduction {
 public:
  BinsReduction(ColumnGroups groups, const std::vector<ValueRange>& ranges);
  std::vector<std::vector<double>> Result() override;

 private:
  struct Bin {
    std::int64_t count = 0;
    std::uint64_t least = 0;  // ordered bits
    std::uint64_t greatest = 0;
  };
  static constexpr std::size_t kPageBins = 256;
  struct Group {
    std::uint64_t low = 0, high = 0;  // ordered bits
    int shift = 0;
    std::vector<std::unique_ptr<Bin[]>> pages;
  };
  void Count(std::size_t group, const double* values, std::int64_t rows) override;

  std::vector<Group> bins_;
};

/// Per group: the values of a range, sorted. Result: where each group begins (n_groups + 1),
/// values.
class CollectReduction final : public CountingReduction {
 public:
  CollectReduction(ColumnGroups groups, std::vector<ValueRange> ranges);
  std::vector<std::vector<double>> Result() override;

 private:
  void Count(std::size_t group, const double* values, std::int64_t rows) override;

  std::vector<ValueRange> ranges_;
  std::vector<std::vector<double>> values_;
};

/// Per group: how many values lie in [edges[k], edges[k + 1]), the last bin closed. Result: counts,
/// group by group.
class HistogramReduction final : public CountingReduction {
 public:
  HistogramReduction(ColumnGroups groups, std::int64_t n_groups, std::vector<double> edges);
  std::vector<std::vector<double>> Result() override;

 private:
  void Count(std::size_t group, const double* values, std::int64_t rows) override;

  std::vector<double> edges_;
  std::vector<std::vector<std::int64_t>> counts_;
};

/// Per group: the different values in order, and how often each occurs; -0 is 0. Result: where each
/// group begins (n_groups + 1), values, counts. Throws Error{kMemoryLimit} beyond `most` values.
class UniqueReduction final : public CountingReduction {
 public:
  UniqueReduction(ColumnGroups groups, std::int64_t n_groups, std::int64_t most);
  std::vector<std::vector<double>> Result() override;

 private:
  struct Entry {
    double value;
    std::int64_t count;
  };
  using Run = std::vector<Entry>;
  static Run Merged(const Run& a, const Run& b);
  void Count(std::size_t group, const double* values, std::int64_t rows) override;

  std::int64_t most_;
  std::vector<std::vector<Run>> runs_;  // of each group: sorted, each at least twice the next
};

}  // namespace treeline
