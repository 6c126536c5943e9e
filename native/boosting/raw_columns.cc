#include "boosting/raw_columns.h"

#include <algorithm>
#include <utility>

#include "bins/bin_mapper.h"
#include "core/error.h"

namespace treeline::boosting {

RawColumns::RawColumns(const std::vector<std::uint8_t>& is_kept, std::int64_t n_rows)
    : n_rows_(n_rows), columns_(is_kept.size()) {
  for (std::size_t j = 0; j < is_kept.size(); ++j) {
    if (is_kept[j] == 0) continue;
    kept_.push_back(static_cast<std::int64_t>(j));
    columns_[j].floats = AlignedBuffer<float>(static_cast<std::size_t>(n_rows));
  }
}

void RawColumns::Push(const Block& block, const Context& ctx) {
  if (rows_ + block.rows > n_rows_) {
    throw Error(ErrorCode::kInvalidData,
                "X has more rows than when it was read first: did it change meanwhile?");
  }
  if (!is_wide_ && !FitsFloat(block)) Widen();
  ctx.ParallelFor(static_cast<std::int64_t>(kept_.size()), [&](std::int64_t k, int) {
    const std::int64_t feature = kept_[k];
    Values& values = columns_[feature];
    if (is_wide_) {
      ReadColumn(block.columns[feature], 0, block.rows, values.doubles.data() + rows_);
    } else {
      ReadColumn(block.columns[feature], 0, block.rows, values.floats.data() + rows_);
    }
  });
  rows_ += block.rows;
}

void RawColumns::Widen() {
  is_wide_ = true;
  for (const std::int64_t feature : kept_) {
    Values& values = columns_[feature];
    values.doubles = AlignedBuffer<double>(static_cast<std::size_t>(n_rows_));
    std::copy_n(values.floats.data(), rows_, values.doubles.data());
    values.floats = {};
  }
}

std::size_t RawColumns::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const Values& values : columns_) bytes += values.floats.bytes() + values.doubles.bytes();
  return bytes;
}

}  // namespace treeline::boosting
