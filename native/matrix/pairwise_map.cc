#include "matrix/pairwise_map.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "matrix/row_cutter.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// Numbers of a task's result: they stay in the second-level cache.
constexpr std::int64_t kTaskNumbers = 32 * 1024;
constexpr std::int64_t kMostTaskRows = 512;

bool IsAngle(Pairwise kind) noexcept {
  return kind == Pairwise::kCosine || kind == Pairwise::kCosineSimilarity;
}
bool IsAbsolute(Pairwise kind) noexcept {
  return kind == Pairwise::kManhattan || kind == Pairwise::kLaplacian;
}

/// Takes the mean of some rows off each of them, and returns it.
std::vector<double> SubtractMean(std::vector<double>& rows, std::int64_t cols) {
  const std::int64_t n = static_cast<std::int64_t>(rows.size()) / cols;
  std::vector<double> mean(static_cast<std::size_t>(cols));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) mean[j] += rows[i * cols + j] / static_cast<double>(n);
  }
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) rows[i * cols + j] -= mean[j];
  }
  return mean;
}

/// Makes rows as long as 1. is_zero: those that are not, having no length.
std::vector<bool> ToUnitLength(double* rows, std::int64_t count, std::int64_t cols) {
  std::vector<bool> is_zero(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    double* row = rows + i * cols;
    double most = 0;
    for (std::int64_t j = 0; j < cols; ++j) most = std::max(most, std::abs(row[j]));
    is_zero[i] = most == 0;
    if (is_zero[i]) continue;
    for (std::int64_t j = 0; j < cols; ++j) row[j] /= most;  // so that no square is lost
    const double length = std::sqrt(simd::Active().vectors.dot(row, row, cols));
    for (std::int64_t j = 0; j < cols; ++j) row[j] /= length;
  }
  return is_zero;
}

}  // namespace

PairwiseMap::PairwiseMap(FeatureLabels labels, std::vector<double> others, Pairwise kind,
                         double gamma)
    : labels_(std::move(labels)),
      kind_(kind),
      gamma_(gamma),
      shift_(IsAngle(kind) ? std::vector<double>(static_cast<std::size_t>(labels_.size()))
                           : SubtractMean(others, labels_.size())),
      is_zero_(IsAngle(kind)
                   ? ToUnitLength(others.data(),
                                  static_cast<std::int64_t>(others.size()) / labels_.size(),
                                  labels_.size())
                   : std::vector<bool>()),
      others_(others, labels_.size()) {
  if (IsAbsolute(kind)) TurnOthers();
}

void PairwiseMap::TurnOthers() {
  const std::int64_t cols = n_inputs();
  const std::int64_t n = others_.size();
  const std::int64_t stride =
      (n + simd::kPairwiseLanes - 1) / simd::kPairwiseLanes * simd::kPairwiseLanes;
  turned_ = AlignedBuffer<double>(static_cast<std::size_t>(stride * cols));
  std::fill(turned_.begin(), turned_.end(), 0.0);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < cols; ++j)
      turned_[j * stride + i] = others_.values()[i * cols + j];
  }
}

void PairwiseMap::ReadTask(const Block& block, std::int64_t begin, std::int64_t count,
                           double* rows) const {
  const std::int64_t cols = n_inputs();
  ReadRows(block, begin, count, rows, cols);
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t j = 0; j < cols; ++j) rows[i * cols + j] -= shift_[j];
  }
  if (!simd::Active().rows.is_finite(rows, count * cols))
    labels_.RefuseNonFinite(block, begin, count);
}

void PairwiseMap::AbsoluteDistances(const double* rows, std::int64_t count, double* out) const {
  const std::int64_t cols = n_inputs();
  const std::int64_t n = others_.size();
  const std::int64_t stride = static_cast<std::int64_t>(turned_.size()) / cols;
  double lanes[simd::kPairwiseLanes];
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t c = 0; c < n; c += simd::kPairwiseLanes) {
      simd::Active().pairwise.absolute_distances(rows + i * cols, cols, turned_.data() + c, stride,
                                                 lanes);
      std::copy_n(lanes, std::min<std::int64_t>(simd::kPairwiseLanes, n - c), out + i * n + c);
    }
  }
}

void PairwiseMap::CompareAngles(double* rows, std::int64_t count, double* out) const {
  const std::int64_t n = others_.size();
  const std::vector<bool> is_zero = ToUnitLength(rows, count, n_inputs());
  const bool similarity = kind_ == Pairwise::kCosineSimilarity;
  if (similarity) {
    others_.Products(rows, count, out);
  } else {
    others_.SquaredDistances(rows, count, out);  // 2 - 2 cos, and no digits lost near 0
  }
  for (std::int64_t i = 0; i < count; ++i) {
    for (std::int64_t c = 0; c < n; ++c) {
      double& value = out[i * n + c];
      if (is_zero[i] || is_zero_[c]) {
        value = similarity ? 0 : 1;
      } else {
        value = similarity ? std::clamp(value, -1.0, 1.0) : std::min(value / 2, 2.0);
      }
    }
  }
}

/// Rows are read up to the next multiple of Projector::RowStep().
void PairwiseMap::Compare(double* rows, std::int64_t count, double* out) const {
  if (IsAngle(kind_)) return CompareAngles(rows, count, out);
  if (IsAbsolute(kind_)) {
    AbsoluteDistances(rows, count, out);
  } else {
    others_.SquaredDistances(rows, count, out);
  }
  const std::int64_t size = count * others_.size();
  if (kind_ == Pairwise::kEuclidean) {
    for (std::int64_t i = 0; i < size; ++i) out[i] = std::sqrt(out[i]);
  } else if (kind_ == Pairwise::kRbf || kind_ == Pairwise::kLaplacian) {
    for (std::int64_t i = 0; i < size; ++i) out[i] *= -gamma_;
    simd::Active().math.exp(out, size, out);
  }
}

template <typename T>
void PairwiseMap::ApplyTo(const Block& block, T* out, const Context& ctx) const {
  const std::int64_t cols = n_inputs();
  const std::int64_t n = others_.size();
  const std::int64_t step = Projector::RowStep();
  const std::int64_t task_rows =
      std::clamp(kTaskNumbers / (std::max(n, cols) * step) * step, step, kMostTaskRows);
  struct Scratch {
    AlignedBuffer<double> rows;
    AlignedBuffer<double> values;
  };
  std::vector<Scratch> scratch(static_cast<std::size_t>(ctx.n_jobs));
  ctx.ParallelFor((block.rows + task_rows - 1) / task_rows, [&](std::int64_t task, int thread) {
    Scratch& mine = scratch[thread];
    if (mine.rows.empty()) {
      mine.rows = AlignedBuffer<double>(static_cast<std::size_t>(task_rows * cols));
      mine.values = AlignedBuffer<double>(static_cast<std::size_t>(task_rows * n));
      std::fill(mine.rows.begin(), mine.rows.end(), 0.0);
    }
    const std::int64_t begin = task * task_rows;
    const std::int64_t count = std::min(task_rows, block.rows - begin);
    ReadTask(block, begin, count, mine.rows.data());
    Compare(mine.rows.data(), count, mine.values.data());
    for (std::int64_t i = 0; i < count * n; ++i)
      out[begin * n + i] = static_cast<T>(mine.values[i]);
  });
}

void PairwiseMap::Apply(const Block& block, double* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}
void PairwiseMap::Apply(const Block& block, float* out, const Context& ctx) const {
  ApplyTo(block, out, ctx);
}

}  // namespace treeline
