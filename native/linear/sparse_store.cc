#include "linear/sparse_store.h"

#include <cmath>
#include <utility>

namespace treeline {

namespace {

/// Moments of `rows` values, of which those not in `columns`' row j are 0.
Moments ColumnMoments(const SparseRows& columns, std::int64_t j, std::int64_t rows) {
  Moments moments;
  moments.count = static_cast<double>(rows);
  if (rows == 0) return moments;
  double sum = 0;
  for (std::int64_t k = columns.begin(j); k < columns.end(j); ++k) sum += columns.value(k);
  moments.mean = sum / moments.count;
  const auto n_zeros = static_cast<double>(rows - (columns.end(j) - columns.begin(j)));
  moments.m2 = n_zeros * moments.mean * moments.mean;
  for (std::int64_t k = columns.begin(j); k < columns.end(j); ++k) {
    const double apart = columns.value(k) - moments.mean;
    moments.m2 += apart * apart;
  }
  return moments;
}

}  // namespace

SparseStore::SparseStore(FeatureLabels labels)
    : labels_(std::move(labels)), by_row_(labels_.size()) {}

void SparseStore::Push(const Block& block, const Context&) { by_row_.Append(block, labels_); }

void SparseStore::PushSparse(const SparseView& view) { by_row_.Append(view, labels_); }

void SparseStore::Finish(const Context& ctx) {
  if (is_finished_) return;
  by_row_.Trim();
  ctx.cancel.ThrowIfCancelled();
  by_column_ = by_row_.Transposed();
  moments_.assign(static_cast<std::size_t>(cols()), {});
  ForEachColumn(ctx, [&](std::int64_t j) { moments_[j] = ColumnMoments(by_column_, j, rows()); });
  for (std::int64_t j = 0; j < cols(); ++j) {
    if (!std::isfinite(moments_[j].m2)) labels_.RefuseTooLarge(j);
  }
  pairs_ = 0;
  for (std::int64_t i = 0; i < rows(); ++i) {
    const auto count = static_cast<double>(by_row_.end(i) - by_row_.begin(i));
    pairs_ += count * count;
  }
  is_finished_ = true;
}

}  // namespace treeline
