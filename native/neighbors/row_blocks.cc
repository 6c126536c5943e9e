#include "neighbors/row_blocks.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace treeline {

namespace {

/// Rows whose variances stand for those of all rows of a block.
constexpr std::int64_t kSampleRows = 512;
constexpr std::int64_t kBoxes = 8;  // read at a time

/// The column of largest variance among evenly spaced rows [first, last) of `order`.
std::int64_t WidestColumn(const double* values, std::int64_t cols, const std::int64_t* order,
                          std::int64_t n) {
  std::vector<double> mean(static_cast<std::size_t>(cols));
  std::vector<double> squares(static_cast<std::size_t>(cols));
  const std::int64_t count = std::min(n, kSampleRows);
  for (std::int64_t i = 0; i < count; ++i) {
    const double* row = values + order[i * n / count] * cols;
    for (std::int64_t j = 0; j < cols; ++j) {
      const double apart = row[j] - mean[j];
      mean[j] += apart / static_cast<double>(i + 1);
      squares[j] += apart * (row[j] - mean[j]);
    }
  }
  return std::max_element(squares.begin(), squares.end()) - squares.begin();
}

}  // namespace

RowBlocks::RowBlocks(const std::vector<double>& values, std::int64_t cols, const Context& ctx)
    : cols_(cols), order_(values.size() / static_cast<std::size_t>(cols)) {
  std::iota(order_.begin(), order_.end(), 0);
  Halve(values.data(), 0, rows(), ctx);
  begin_.push_back(rows());
  values_ = AlignedBuffer<double>(values.size());
  for (std::int64_t place = 0; place < rows(); ++place)
    std::copy_n(values.data() + order_[place] * cols_, cols_, values_.data() + place * cols_);
  FindBoxes();
}

std::size_t RowBlocks::bytes() const noexcept {
  return values_.bytes() + 8 * (order_.size() + begin_.size() + low_.size() + high_.size());
}

void RowBlocks::Halve(const double* values, std::int64_t first, std::int64_t last,
                      const Context& ctx) {
  ctx.cancel.ThrowIfCancelled();
  if (last - first <= kBlockRows) {
    // Rows of a block in the order they were given: of equal ones the first is found first.
    std::sort(order_.begin() + first, order_.begin() + last);
    begin_.push_back(first);
    return;
  }
  const std::int64_t j = WidestColumn(values, cols_, order_.data() + first, last - first);
  const std::int64_t middle = first + (last - first) / 2;
  std::nth_element(order_.begin() + first, order_.begin() + middle, order_.begin() + last,
                   [&](std::int64_t a, std::int64_t b) {
                     const double x = values[a * cols_ + j];
                     const double y = values[b * cols_ + j];
                     return x < y || (x == y && a < b);
                   });
  Halve(values, first, middle, ctx);
  Halve(values, middle, last, ctx);
}

void RowBlocks::FindBoxes() {
  stride_ = (size() + kBoxes - 1) / kBoxes * kBoxes;
  low_.assign(static_cast<std::size_t>(cols_ * stride_), std::numeric_limits<double>::max());
  high_.assign(low_.size(), std::numeric_limits<double>::lowest());
  for (std::int64_t b = 0; b < size(); ++b) {
    for (std::int64_t place = begin(b); place < begin(b + 1); ++place) {
      for (std::int64_t j = 0; j < cols_; ++j) {
        double& low = low_[j * stride_ + b];
        double& high = high_[j * stride_ + b];
        low = std::min(low, row(place)[j]);
        high = std::max(high, row(place)[j]);
      }
    }
  }
}

}  // namespace treeline
