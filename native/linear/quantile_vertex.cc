#include "linear/quantile_vertex.h"

#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

double Dot(const double* a, const double* b, std::int64_t n) {
  return simd::Active().vectors.dot(a, b, n);
}

/// Inverts an n x n matrix (row-major) by Gauss-Jordan elimination with partial pivoting.
std::vector<double> Inverse(std::vector<double> a, std::int64_t n) {
  std::vector<double> inverse(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) inverse[i * n + i] = 1;
  const auto axpy = simd::Active().vectors.axpy;
  for (std::int64_t k = 0; k < n; ++k) {
    std::int64_t pivot = k;
    for (std::int64_t i = k + 1; i < n; ++i) {
      if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k])) pivot = i;
    }
    if (pivot != k) {
      std::swap_ranges(a.begin() + k * n, a.begin() + (k + 1) * n, a.begin() + pivot * n);
      std::swap_ranges(inverse.begin() + k * n, inverse.begin() + (k + 1) * n,
                       inverse.begin() + pivot * n);
    }
    const double scale = 1 / a[k * n + k];
    for (std::int64_t j = 0; j < n; ++j) a[k * n + j] *= scale;
    for (std::int64_t j = 0; j < n; ++j) inverse[k * n + j] *= scale;
    for (std::int64_t i = 0; i < n; ++i) {
      const double factor = a[i * n + k];
      if (i == k || factor == 0) continue;
      axpy(-factor, a.data() + k * n, n, a.data() + i * n);
      axpy(-factor, inverse.data() + k * n, n, inverse.data() + i * n);
    }
  }
  return inverse;
}

/// Directions orthonormal to each other.
class Span {
 public:
  explicit Span(std::int64_t cols) : cols_(cols), rest_(static_cast<std::size_t>(cols)) {}

  std::int64_t size() const noexcept { return size_; }
  /// Takes a row in if what it has outside the span is more than `share` of its length.
  bool Add(const double* row, double share) {
    const double length = std::sqrt(Dot(row, row, cols_));
    if (!(length > 0)) return false;
    for (std::int64_t j = 0; j < cols_; ++j) rest_[j] = row[j] / length;
    for (int twice = 0; twice < 2; ++twice) {
      for (std::int64_t i = 0; i < size_; ++i) {
        const double* q = basis_.data() + i * cols_;
        simd::Active().vectors.axpy(-Dot(q, rest_.data(), cols_), q, cols_, rest_.data());
      }
    }
    const double left = std::sqrt(Dot(rest_.data(), rest_.data(), cols_));
    if (!(left > share)) return false;
    for (const double value : rest_) basis_.push_back(value / left);
    ++size_;
    return true;
  }
  /// The unknown along whose axis there is most outside the span.
  std::int64_t Loosest() const {
    std::vector<double> inside(static_cast<std::size_t>(cols_));
    for (std::int64_t i = 0; i < size_; ++i) {
      for (std::int64_t j = 0; j < cols_; ++j)
        inside[j] += basis_[i * cols_ + j] * basis_[i * cols_ + j];
    }
    return std::min_element(inside.begin(), inside.end()) - inside.begin();
  }

 private:
  std::int64_t cols_;
  std::int64_t size_ = 0;
  std::vector<double> basis_;
  std::vector<double> rest_;
};

class Simplex {
 public:
  Simplex(const VertexProblem& problem, const Context& ctx)
      : problem_(problem), ctx_(ctx), target_(problem.target), side_(problem.target.size(), 1) {
    is_basic_.resize(problem.target.size());
    residual_.resize(problem.target.size());
    rate_.resize(problem.target.size());
  }

  Vertex Run();

 private:
  void ChooseBasis();
  void Break();
  void Refresh();
  void Leave();
  bool Pivot();
  std::size_t Breakpoints(double slope);
  void Replace(std::int64_t row);
  void AddRow(std::int64_t row, double times) {
    simd::Active().vectors.axpy(times, Row(row), n_, pull_.data());
  }
  const double* Row(std::int64_t i) const noexcept { return problem_.a.data() + i * n_; }
  double Bound(std::int64_t i, int side) const noexcept {
    return side > 0 ? problem_.upper[i] : -problem_.lower[i];
  }
  void Solve(const std::vector<double>& target, std::vector<double>& beta) const;
  double BasicDual(std::int64_t k) const noexcept;
  double Excess(std::int64_t k, double dual) const noexcept;

  const VertexProblem& problem_;
  const Context& ctx_;
  const std::int64_t n_ = problem_.cols;
  std::vector<double> target_;  // moved a little, so that there are no ties
  std::vector<int> side_;       // of every row that is not basic: 1 or -1, the sign of its residual
  std::vector<char> is_basic_;
  std::vector<std::int64_t> basis_;
  std::vector<double> inverse_;  // of the matrix of basic rows
  std::vector<double> beta_;
  std::vector<double> residual_;
  std::vector<double> pull_;  // tilt + the sum of rows that are not basic times their multipliers
  std::int64_t leaving_ = 0;  // place in the basis
  int leaving_side_ = 0;
  std::vector<double> direction_;  // of beta, residual leaving_ moves at rate leaving_side_
  std::vector<double> rate_;       // of every residual
  struct Point {
    double at;
    std::int64_t row;
  };
  std::vector<Point> points_;
};

/// Independent rows in their order, the clearly independent before those that are hardly so; then
/// unknowns that stay.
void Simplex::ChooseBasis() {
  Span span(n_);
  for (const double share : {1e-3, 1e-6, 1e-10}) {
    for (const std::int64_t row : problem_.order) {
      if (span.size() == n_) break;
      if (is_basic_[row] || !span.Add(Row(row), share)) continue;
      is_basic_[row] = 1;
      basis_.push_back(row);
      ctx_.cancel.ThrowIfCancelled();
    }
  }
  std::vector<double> axis(static_cast<std::size_t>(n_));
  while (span.size() < n_) {
    const std::int64_t j = span.Loosest();
    axis.assign(axis.size(), 0.0);
    axis[j] = 1;
    span.Add(axis.data(), 0);
    basis_.push_back(-1 - j);
  }
}

/// Moves the targets by up to a billionth of the median residual.
void Simplex::Break() {
  std::vector<double> sizes;
  for (std::int64_t i = 0; i < problem_.rows; ++i)
    sizes.push_back(std::abs(target_[i] - Dot(Row(i), problem_.start.data(), n_)));
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  for (std::int64_t i = 0; i < problem_.rows; ++i) {
    const double u = 2 * RandomUniform(0, 0, static_cast<std::uint64_t>(i)) - 1;
    target_[i] += 1e-9 * *middle * u;
  }
}

/// Brings beta nearer to where the basis' residuals are 0.
void Simplex::Solve(const std::vector<double>& target, std::vector<double>& beta) const {
  std::vector<double> right(static_cast<std::size_t>(n_));
  for (std::int64_t k = 0; k < n_; ++k) {
    const std::int64_t row = basis_[k];
    const double now = row < 0 ? beta[-1 - row] : Dot(Row(row), beta.data(), n_);
    right[k] = (row < 0 ? problem_.start[-1 - row] : target[row]) - now;
  }
  for (std::int64_t j = 0; j < n_; ++j) beta[j] += Dot(inverse_.data() + j * n_, right.data(), n_);
}

/// Everything afresh from the basis and the sides.
void Simplex::Refresh() {
  std::vector<double> matrix(static_cast<std::size_t>(n_ * n_));
  for (std::int64_t k = 0; k < n_; ++k) {
    if (basis_[k] < 0) {
      matrix[k * n_ + (-1 - basis_[k])] = 1;
    } else {
      std::copy_n(Row(basis_[k]), n_, matrix.data() + k * n_);
    }
  }
  inverse_ = Inverse(std::move(matrix), n_);
  beta_.assign(static_cast<std::size_t>(n_), 0.0);
  for (int twice = 0; twice < 2; ++twice) Solve(target_, beta_);
  pull_ = problem_.tilt;
  for (std::int64_t i = 0; i < problem_.rows; ++i) {
    residual_[i] = is_basic_[i] ? 0 : target_[i] - Dot(Row(i), beta_.data(), n_);
    if (!is_basic_[i]) AddRow(i, Bound(i, side_[i]));
  }
}

/// The multiplier of the basis' k-th row.
double Simplex::BasicDual(std::int64_t k) const noexcept {
  double sum = 0;
  for (std::int64_t j = 0; j < n_; ++j) sum += inverse_[j * n_ + k] * pull_[j];
  return -sum;
}

/// How far a multiplier is out of its bounds.
double Simplex::Excess(std::int64_t k, double dual) const noexcept {
  const std::int64_t row = basis_[k];
  if (row < 0) return 0;
  const double excess = std::max(dual - problem_.upper[row], -problem_.lower[row] - dual);
  return excess > 1e-9 * (problem_.upper[row] + problem_.lower[row]) ? excess : 0;
}

/// Chooses the edge along which the loss falls fastest; leaving_ = -1 where it falls along none.
void Simplex::Leave() {
  std::vector<double> dual(static_cast<std::size_t>(n_));
  std::vector<double> squares(static_cast<std::size_t>(n_));
  for (std::int64_t j = 0; j < n_; ++j) {
    const double* row = inverse_.data() + j * n_;
    for (std::int64_t k = 0; k < n_; ++k) {
      dual[k] -= row[k] * pull_[j];
      squares[k] += row[k] * row[k];
    }
  }
  double steepest = 0;
  leaving_ = -1;
  for (std::int64_t k = 0; k < n_; ++k) {
    const double slope = Excess(k, dual[k]) / std::sqrt(squares[k]);
    if (!(slope > steepest)) continue;
    steepest = slope;
    leaving_ = k;
    leaving_side_ = dual[k] > 0 ? 1 : -1;
  }
}

/// Where residuals change their sign along the edge, up to where the loss, which falls with
/// -slope at first, falls no more: the place in points_ of that; their number: nowhere.
std::size_t Simplex::Breakpoints(double slope) {
  const double length = std::sqrt(Dot(direction_.data(), direction_.data(), n_));
  points_.clear();
  for (std::int64_t i = 0; i < problem_.rows; ++i) {
    if (is_basic_[i]) continue;
    rate_[i] = -Dot(Row(i), direction_.data(), n_);
    const double least = 1e-11 * length * std::sqrt(Dot(Row(i), Row(i), n_));
    if (std::abs(rate_[i]) <= least || (rate_[i] > 0) == (side_[i] > 0)) continue;
    points_.push_back({std::max(-residual_[i] / rate_[i], 0.0), i});
  }
  std::sort(points_.begin(), points_.end(), [](const Point& p, const Point& q) {
    return p.at != q.at ? p.at < q.at : p.row < q.row;
  });
  for (std::size_t e = 0; e < points_.size(); ++e) {
    const std::int64_t row = points_[e].row;
    slope -= std::abs(rate_[row]) * (problem_.upper[row] + problem_.lower[row]);
    if (slope <= 0) return e;
  }
  return points_.size();
}

/// One step along one edge. False at the end.
bool Simplex::Pivot() {
  Leave();
  if (leaving_ < 0) return false;
  const std::int64_t out = basis_[leaving_];
  direction_.resize(static_cast<std::size_t>(n_));
  for (std::int64_t j = 0; j < n_; ++j)
    direction_[j] = -leaving_side_ * inverse_[j * n_ + leaving_];
  const std::size_t end = Breakpoints(Excess(leaving_, BasicDual(leaving_)));
  if (end == points_.size()) return false;
  for (std::size_t e = 0; e < end; ++e) {
    const std::int64_t row = points_[e].row;
    AddRow(row, -Bound(row, side_[row]));
    side_[row] = -side_[row];
    AddRow(row, Bound(row, side_[row]));
  }
  const auto [step, in] = points_[end];
  for (std::int64_t i = 0; i < problem_.rows; ++i) {
    if (!is_basic_[i]) residual_[i] += step * rate_[i];
  }
  AddRow(in, -Bound(in, side_[in]));
  side_[out] = leaving_side_;
  AddRow(out, Bound(out, leaving_side_));
  residual_[out] = leaving_side_ * step;
  residual_[in] = 0;
  is_basic_[out] = 0;
  is_basic_[in] = 1;
  Replace(in);
  return true;
}

/// The inverse once basis_[leaving_] is `row`.
void Simplex::Replace(std::int64_t row) {
  std::vector<double> along(static_cast<std::size_t>(n_));  // row times inverse
  for (std::int64_t j = 0; j < n_; ++j)
    simd::Active().vectors.axpy(Row(row)[j], inverse_.data() + j * n_, n_, along.data());
  const double pivot = along[leaving_];
  for (std::int64_t j = 0; j < n_; ++j) {
    double* of = inverse_.data() + j * n_;
    const double scaled = of[leaving_] / pivot;
    simd::Active().vectors.axpy(-scaled, along.data(), n_, of);
    of[leaving_] = scaled;
  }
  basis_[leaving_] = row;
}

Vertex Simplex::Run() {
  constexpr std::int64_t kRefreshEvery = 50;
  Break();
  ChooseBasis();
  Refresh();
  for (std::int64_t i = 0; i < problem_.rows; ++i) side_[i] = residual_[i] > 0 ? 1 : -1;
  Refresh();
  const std::int64_t most = 50 * n_ + problem_.rows;
  Vertex vertex;
  for (std::int64_t pivots = 0; pivots < most; ++pivots) {
    ctx_.cancel.ThrowIfCancelled();
    if (pivots % kRefreshEvery == kRefreshEvery - 1) Refresh();
    if (!Pivot()) break;
  }
  Refresh();
  Leave();
  vertex.optimal = leaving_ < 0;
  vertex.beta.assign(static_cast<std::size_t>(n_), 0.0);
  for (int thrice = 0; thrice < 3; ++thrice) Solve(problem_.target, vertex.beta);
  vertex.basis = basis_;
  for (std::int64_t i = 0; i < problem_.rows; ++i) vertex.dual.push_back(Bound(i, side_[i]));
  for (std::int64_t k = 0; k < n_; ++k) {
    const std::int64_t row = basis_[k];
    if (row < 0) continue;
    vertex.dual[row] = std::clamp(BasicDual(k), -problem_.lower[row], problem_.upper[row]);
  }
  return vertex;
}

}  // namespace

Vertex FindVertex(const VertexProblem& problem, const Context& ctx) {
  return Simplex(problem, ctx).Run();
}

}  // namespace treeline
