#include "loss/queries.h"

namespace treeline {

namespace {

/// Rows of a task: enough to be worth a thread's while.
constexpr std::int64_t kTaskRows = 2048;

}  // namespace

Queries::Queries(std::span<const std::int32_t> codes) : rows_(codes.size()) {
  const auto n =
      codes.empty() ? 0 : std::int64_t{*std::max_element(codes.begin(), codes.end())} + 1;
  starts_.assign(static_cast<std::size_t>(n) + 1, 0);
  for (const std::int32_t code : codes) ++starts_[code + 1];
  for (std::int64_t query = 0; query < n; ++query) starts_[query + 1] += starts_[query];
  std::vector<std::int64_t> ends(starts_.begin(), starts_.end() - 1);
  for (std::size_t row = 0; row < codes.size(); ++row)
    rows_[ends[codes[row]]++] = static_cast<std::int64_t>(row);
  std::int64_t in_task = 0;
  for (std::int64_t query = 0; query < n; ++query) {
    in_task += size(query);
    if (in_task < kTaskRows && query + 1 < n) continue;
    tasks_.push_back(query + 1);
    in_task = 0;
  }
}

std::int64_t Queries::largest() const noexcept {
  std::int64_t most = 0;
  for (std::int64_t query = 0; query < n_queries(); ++query) most = std::max(most, size(query));
  return most;
}

}  // namespace treeline
