#include "linear/least_squares.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "linear/glm_objective.h"
#include "linear/nonnegative.h"
#include "linear/row_qr.h"
#include "linear/scaled_gram.h"
#include "matrix/cholesky.h"
#include "matrix/gemm.h"
#include "matrix/householder.h"
#include "matrix/jacobi_svd.h"

namespace treeline {

namespace {

constexpr double kEpsilon = 2.220446049250313e-16;
/// Below this, the least pivot of columns of length 1: squares have lost too many digits.
constexpr double kQrBelow = 1e-9;
/// Below this, solutions are refined over the data.
constexpr double kRefineBelow = 1e-3;
constexpr int kRefinements = 2;

double Rcond(const LinearData& data) {
  return static_cast<double>(std::max(data.rows(), data.cols())) * kEpsilon;
}

/// Targets that share a penalty are solved together.
std::map<double, std::vector<std::int64_t>> ByAlpha(const std::vector<double>& alpha) {
  std::map<double, std::vector<std::int64_t>> groups;
  for (std::size_t t = 0; t < alpha.size(); ++t)
    groups[alpha[t]].push_back(static_cast<std::int64_t>(t));
  return groups;
}

void SetIntercepts(const LinearData& data, const std::vector<double>& mean,
                   LeastSquaresModel& model) {
  const std::int64_t cols = data.cols();
  model.intercept.assign(static_cast<std::size_t>(data.n_targets), 0);
  if (!data.fit_intercept) return;
  for (std::int64_t t = 0; t < data.n_targets; ++t) {
    double value = mean[cols + t];
    for (std::int64_t j = 0; j < cols; ++j) value -= model.coef[t * cols + j] * mean[j];
    model.intercept[t] = value;
  }
}

/// Takes from `x` (n numbers) what lies in the span of the rows of `basis` (n_basis x n).
void ProjectOut(const std::vector<double>& basis, std::int64_t n_basis, std::int64_t n, double* x) {
  for (int round = 0; round < 2; ++round) {
    for (std::int64_t b = 0; b < n_basis; ++b) {
      const double* row = basis.data() + b * n;
      double share = 0;
      for (std::int64_t j = 0; j < n; ++j) share += row[j] * x[j];
      for (std::int64_t j = 0; j < n; ++j) x[j] -= share * row[j];
    }
  }
}

/// Singular values of R diag(1 / scale): those of the columns in their own units.
std::vector<double> SingularValues(std::vector<double> r, const std::vector<double>& scale,
                                   const Context& ctx) {
  const auto n = static_cast<std::int64_t>(scale.size());
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) r[i * n + j] /= scale[j];
  }
  return SvdOf(r, n, n, ctx).values;
}

/// A fit of more rows than columns.
class TallFit {
 public:
  TallFit(const LinearData& data, const LeastSquaresOptions& options, const Context& ctx)
      : data_(data),
        options_(options),
        ctx_(ctx),
        gram_(CentredGram(data, ctx)),
        columns_(gram_, data.cols()) {}

  LeastSquaresModel Run() {
    LeastSquaresModel model;
    model.coef.assign(static_cast<std::size_t>(data_.n_targets * data_.cols()), 0);
    for (const auto& [alpha, targets] : ByAlpha(options_.alpha)) {
      if (options_.positive) {
        for (const std::int64_t t : targets) SolvePositive(alpha, t, model);
      } else if (!SolveSquares(alpha, targets, model)) {
        SolveByQr(alpha, targets, model);
      }
    }
    SetIntercepts(data_, gram_.shift, model);
    if (options_.with_rank) {
      if (options_.positive) SolveByQr(0, {}, model);
      model.singular_values.resize(static_cast<std::size_t>(data_.cols()), 0.0);
    }
    return model;
  }

 private:
  void SolvePositive(double alpha, std::int64_t t, LeastSquaresModel& model) const {
    const std::vector<double> matrix = columns_.Matrix(alpha);
    const std::vector<double> x =
        SolveNonnegative(matrix, columns_.RightSide(t), columns_.size(), ctx_);
    columns_.Scatter(x, model.coef.data() + t * data_.cols());
  }

  /// Normal equations; false where they are not good enough.
  bool SolveSquares(double alpha, const std::vector<std::int64_t>& targets,
                    LeastSquaresModel& model) {
    const std::int64_t n = columns_.size();
    const std::vector<double> matrix = columns_.Matrix(alpha);
    const std::vector<double> l = Cholesky(matrix, n);
    if (l.empty() && n > 0) return false;
    double least = 1;
    for (std::int64_t i = 0; i < n; ++i)
      least = std::min(least, l[i * n + i] * l[i * n + i] / matrix[i * n + i]);
    if (least < kQrBelow) return false;
    for (const std::int64_t t : targets) {
      std::vector<double> x = columns_.RightSide(t);
      SolveLower(l, n, x.data());
      SolveLowerTransposed(l, n, x.data());
      if (least < kRefineBelow) Refine(alpha, t, l, x);
      columns_.Scatter(x, model.coef.data() + t * data_.cols());
    }
    if (options_.with_rank && alpha == 0) {
      std::vector<double> r(l.size());
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j <= i; ++j) r[j * n + i] = l[i * n + j];
      }
      model.rank = n;
      model.singular_values = SingularValues(std::move(r), columns_.scale(), ctx_);
    }
    return true;
  }

  /// Steps of Newton's method: the gradient comes from the rows themselves, not from their squares.
  void Refine(double alpha, std::int64_t t, const std::vector<double>& l,
              std::vector<double>& x) const {
    GlmProblem problem;
    problem.table = data_.table;
    problem.loss = GlmLoss::kSquared;
    problem.weights = data_.weights;
    problem.fit_intercept = data_.fit_intercept;
    problem.l2 = alpha / gram_.weight;
    const double* target = data_.targets.data() + t * data_.rows();
    problem.target.assign(target, target + data_.rows());
    problem.shift.assign(gram_.shift.begin(), gram_.shift.begin() + data_.cols());
    problem.factor.assign(static_cast<std::size_t>(data_.cols()), 0);
    columns_.Scatter(std::vector<double>(static_cast<std::size_t>(columns_.size()), 1),
                     problem.factor.data());
    GlmObjective objective(problem, ctx_);
    const std::int64_t n = columns_.size();
    std::vector<double> w(static_cast<std::size_t>(problem.size())), gradient(w.size());
    for (int round = 0; round < kRefinements; ++round) {
      for (std::int64_t i = 0; i < n; ++i) w[columns_.column(i)] = x[i];
      if (data_.fit_intercept) w[data_.cols()] = gram_.shift[data_.cols() + t];
      objective.Evaluate(w.data(), gradient.data());
      std::vector<double> step(static_cast<std::size_t>(n));
      for (std::int64_t i = 0; i < n; ++i) step[i] = gradient[columns_.column(i)] * gram_.weight;
      SolveLower(l, n, step.data());
      SolveLowerTransposed(l, n, step.data());
      for (std::int64_t i = 0; i < n; ++i) x[i] -= step[i];
    }
  }

  /// Orthogonal factors of the rows, below them the penalty; least norm where columns are
  /// collinear.
  void SolveByQr(double alpha, const std::vector<std::int64_t>& targets, LeastSquaresModel& model) {
    const std::int64_t n = columns_.size();
    const std::int64_t width = n + data_.n_targets;
    if (factor_.empty()) factor_ = RowFactor(data_, gram_.shift, columns_, ctx_);
    std::vector<double> a(static_cast<std::size_t>((2 * n) * n));
    std::vector<double> b(static_cast<std::size_t>((2 * n) * data_.n_targets));
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = i; j < n; ++j) a[i * n + j] = factor_[i * width + j];
      for (std::int64_t t = 0; t < data_.n_targets; ++t)
        b[i * data_.n_targets + t] = factor_[i * width + n + t];
      a[(n + i) * n + i] = std::sqrt(alpha) * columns_.scale()[i];
    }
    const LeastSquares solved =
        SolveLeastSquares(a, 2 * n, n, b, data_.n_targets, Rcond(data_), ctx_);
    const std::vector<double> unseen =
        solved.rank < n ? Unseen(a, solved.rank) : std::vector<double>();
    for (const std::int64_t t : targets) {
      std::vector<double> x(static_cast<std::size_t>(n));
      for (std::int64_t i = 0; i < n; ++i)
        x[i] = solved.x[i * data_.n_targets + t] * columns_.scale()[i];
      ProjectOut(unseen, n - solved.rank, n, x.data());
      for (std::int64_t i = 0; i < n; ++i) x[i] /= columns_.scale()[i];
      columns_.Scatter(x, model.coef.data() + t * data_.cols());
    }
    if (alpha > 0 || !options_.with_rank) return;
    model.rank = solved.rank;
    std::vector<double> r(a.begin(), a.begin() + n * n);
    model.singular_values = SingularValues(std::move(r), columns_.scale(), ctx_);
  }

  /// Orthonormal changes of the coefficients (in their own units) that the rows do not see.
  std::vector<double> Unseen(const std::vector<double>& a, std::int64_t rank) const {
    const std::int64_t n = columns_.size();
    const ThinSvd svd = SvdOf(a, 2 * n, n, ctx_);
    std::vector<double> columns(static_cast<std::size_t>(n * (n - rank)));
    for (std::int64_t k = rank; k < n; ++k) {
      for (std::int64_t i = 0; i < n; ++i)
        columns[i * (n - rank) + k - rank] = svd.vt[k * n + i] * columns_.scale()[i];
    }
    Orthonormalize(columns, n, n - rank);
    std::vector<double> rows(columns.size());
    for (std::int64_t k = 0; k < n - rank; ++k) {
      for (std::int64_t i = 0; i < n; ++i) rows[k * n + i] = columns[i * (n - rank) + k];
    }
    return rows;
  }

  const LinearData& data_;
  const LeastSquaresOptions& options_;
  const Context& ctx_;
  GramSums gram_;
  ScaledGram columns_;
  std::vector<double> factor_;
};

/// A fit of no more rows than columns.
class WideFit {
 public:
  WideFit(const LinearData& data, const LeastSquaresOptions& options, const Context& ctx)
      : data_(data), options_(options), ctx_(ctx), dense_(DenseRowsOf(data, RowFilter(), ctx)) {
    const std::int64_t cols = data.cols();
    for (std::int64_t i = 0; i < dense_.rows; ++i) {
      const double* row = dense_.values.data() + i * data.width();
      a_.insert(a_.end(), row, row + cols);
      b_.insert(b_.end(), row + cols, row + data.width());
    }
  }

  LeastSquaresModel Run() {
    LeastSquaresModel model;
    model.coef.assign(static_cast<std::size_t>(data_.n_targets * data_.cols()), 0);
    for (const auto& [alpha, targets] : ByAlpha(options_.alpha)) {
      if (alpha == 0 || !SolveByRows(alpha, targets, model)) SolveBySvd(alpha, targets, model);
    }
    SetIntercepts(data_, dense_.mean, model);
    if (options_.with_rank) {
      const std::int64_t least = std::min(data_.rows(), data_.cols());
      model.singular_values.resize(static_cast<std::size_t>(least), 0.0);
    }
    return model;
  }

 private:
  /// coef = A^T (A A^T + alpha I)^-1 b; false where that has no digits.
  bool SolveByRows(double alpha, const std::vector<std::int64_t>& targets,
                   LeastSquaresModel& model) const {
    const std::int64_t rows = dense_.rows;
    const std::int64_t cols = data_.cols();
    const MatrixView<double> a = RowMajor(a_.data(), rows, cols);
    std::vector<double> kernel(static_cast<std::size_t>(rows * rows));
    Gemm(a, a.Transposed(), Into::kReplace, kernel.data(), rows, ctx_);
    double largest = 0;
    for (std::int64_t i = 0; i < rows; ++i) {
      largest = std::max(largest, kernel[i * rows + i]);
      kernel[i * rows + i] += alpha;
    }
    if (!(alpha > kQrBelow * largest)) return false;
    const std::vector<double> l = Cholesky(kernel, rows);
    if (l.empty()) return false;
    for (const std::int64_t t : targets) {
      std::vector<double> dual(static_cast<std::size_t>(rows));
      for (std::int64_t i = 0; i < rows; ++i) dual[i] = b_[i * data_.n_targets + t];
      SolveLower(l, rows, dual.data());
      SolveLowerTransposed(l, rows, dual.data());
      double* coef = model.coef.data() + t * cols;
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < cols; ++j) coef[j] += dual[i] * a_[i * cols + j];
      }
    }
    return true;
  }

  void SolveBySvd(double alpha, const std::vector<std::int64_t>& targets,
                  LeastSquaresModel& model) const {
    const std::int64_t rows = dense_.rows;
    const std::int64_t cols = data_.cols();
    const ThinSvd svd = SvdOf(a_, rows, cols, ctx_);
    const auto k = static_cast<std::int64_t>(svd.values.size());
    const double cut = k > 0 ? Rcond(data_) * svd.values[0] : 0;
    std::int64_t rank = 0;
    for (std::int64_t v = 0; v < k; ++v) {
      const double s = svd.values[v];
      if (!(s > cut)) break;
      ++rank;
      for (const std::int64_t t : targets) {
        double share = 0;
        for (std::int64_t i = 0; i < rows; ++i)
          share += svd.ut[v * rows + i] * b_[i * data_.n_targets + t];
        share *= s / (s * s + alpha);
        double* coef = model.coef.data() + t * cols;
        for (std::int64_t j = 0; j < cols; ++j) coef[j] += share * svd.vt[v * cols + j];
      }
    }
    if (alpha > 0) return;
    model.rank = rank;
    model.singular_values = svd.values;
  }

  const LinearData& data_;
  const LeastSquaresOptions& options_;
  const Context& ctx_;
  DenseRows dense_;
  std::vector<double> a_;  // rows x cols
  std::vector<double> b_;  // rows x n_targets
};

}  // namespace

LeastSquaresModel FitLeastSquares(const LinearData& data, const LeastSquaresOptions& options,
                                  const Context& ctx) {
  if (data.rows() <= data.cols() && !options.positive) return WideFit(data, options, ctx).Run();
  return TallFit(data, options, ctx).Run();
}

}  // namespace treeline
