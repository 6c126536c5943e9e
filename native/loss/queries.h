#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/context.h"

namespace treeline {

/// Which rows belong to which query: the lists that are ranked.
class Queries {
 public:
  Queries() = default;
  /// `codes`: the query of every row, from 0 up. Queries keep the order of their codes, rows the
  /// order they have; a code without rows is a query of none.
  explicit Queries(std::span<const std::int32_t> codes);

  std::int64_t n_queries() const noexcept { return static_cast<std::int64_t>(starts_.size()) - 1; }
  std::span<const std::int64_t> rows(std::int64_t query) const noexcept {
    return std::span(rows_).subspan(static_cast<std::size_t>(starts_[query]),
                                    static_cast<std::size_t>(size(query)));
  }
  std::int64_t size(std::int64_t query) const noexcept {
    return starts_[query + 1] - starts_[query];
  }
  std::int64_t largest() const noexcept;
  std::size_t bytes() const noexcept { return 8 * (starts_.capacity() + rows_.capacity()); }

  /// body(query, slot) for every query, many small ones a task.
  template <typename Body>
  void ForEach(const Context& ctx, Body&& body) const {
    ctx.ParallelFor(static_cast<std::int64_t>(tasks_.size()) - 1, [&](std::int64_t task, int slot) {
      for (std::int64_t query = tasks_[task]; query < tasks_[task + 1]; ++query) body(query, slot);
    });
  }

 private:
  std::vector<std::int64_t> starts_{0};
  std::vector<std::int64_t> rows_;
  std::vector<std::int64_t> tasks_{0};  // their first queries
};

}  // namespace treeline
