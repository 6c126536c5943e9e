#include "linear/row_qr.h"

#include <algorithm>
#include <cmath>

#include "matrix/householder.h"

namespace treeline {

namespace {

constexpr std::int64_t kMaxGroups = 16;

/// R so far above the rows that are to be folded in: column-major, `stride` rows.
class Fold {
 public:
  explicit Fold(std::int64_t width)
      : width_(width),
        stride_(width + kSlotRows),
        a_(static_cast<std::size_t>(stride_ * width)),
        r_(static_cast<std::size_t>(width * width)) {}

  double* column(std::int64_t j) noexcept { return a_.data() + j * stride_ + width_; }

  /// Folds in the first `rows` rows of the columns.
  void Add(std::int64_t rows) {
    for (std::int64_t j = 0; j < width_; ++j) {
      for (std::int64_t i = 0; i < width_; ++i) a_[j * stride_ + i] = r_[i * width_ + j];
    }
    QrInPlace(a_.data(), width_ + rows, width_, stride_);
    r_ = UpperTriangle(a_.data(), width_ + rows, width_, stride_);
  }

  const std::vector<double>& r() const noexcept { return r_; }

 private:
  std::int64_t width_;
  std::int64_t stride_;
  std::vector<double> a_;
  std::vector<double> r_;
};

}  // namespace

std::vector<double> RowFactor(const LinearData& data, const std::vector<double>& mean,
                              const ScaledGram& columns, const Context& ctx) {
  const std::int64_t n = columns.size();
  const std::int64_t width = n + data.n_targets;
  const std::int64_t n_slots = data.table.n_slots();
  const std::int64_t n_groups = std::min(n_slots, kMaxGroups);
  std::vector<std::vector<double>> parts(static_cast<std::size_t>(n_groups));
  ctx.ParallelFor(n_groups, [&](std::int64_t g, int) {
    Fold fold(width);
    std::vector<double> values(static_cast<std::size_t>(data.cols()));
    for (std::int64_t s = g * n_slots / n_groups; s < (g + 1) * n_slots / n_groups; ++s) {
      for (std::int64_t i = 0; i < data.table.slot_rows(s); ++i) {
        const std::int64_t row = s * kSlotRows + i;
        const double root = std::sqrt(data.Weight(row));
        data.table.ReadRow(row, values.data());
        for (std::int64_t a = 0; a < n; ++a) {
          const std::int64_t j = columns.column(a);
          fold.column(a)[i] = root * (values[j] - mean[j]) * columns.scale()[a];
        }
        for (std::int64_t t = 0; t < data.n_targets; ++t)
          fold.column(n + t)[i] =
              root * (data.targets[t * data.rows() + row] - mean[data.cols() + t]);
      }
      ctx.cancel.ThrowIfCancelled();
      fold.Add(data.table.slot_rows(s));
    }
    parts[g] = fold.r();
  });
  if (parts.empty()) return std::vector<double>(static_cast<std::size_t>(width * width));
  Fold merged(width);
  for (const std::vector<double>& part : parts) {
    for (std::int64_t begin = 0; begin < width; begin += kSlotRows) {
      const std::int64_t count = std::min(kSlotRows, width - begin);
      for (std::int64_t j = 0; j < width; ++j) {
        for (std::int64_t i = 0; i < count; ++i)
          merged.column(j)[i] = part[(begin + i) * width + j];
      }
      merged.Add(count);
    }
  }
  return merged.r();
}

}  // namespace treeline
