#include "linear/ridge_cv.h"

#include <algorithm>
#include <cmath>

#include "linear/row_qr.h"
#include "matrix/jacobi_svd.h"
#include "simd/kernels.h"

namespace treeline {

namespace {

/// The centred, weighted columns as T V^T, T's columns orthogonal of lengths s.
struct Basis {
  std::vector<double> mean;  // width
  double weight = 0;
  std::vector<double> vt;      // n x cols
  std::vector<double> square;  // s^2
  std::vector<double> share;   // n x n_targets: T^T y
};

Basis BasisOf(const LinearData& data, const Context& ctx) {
  const std::int64_t cols = data.cols();
  Basis basis;
  std::vector<double> a, b;
  std::int64_t rows = 0;
  if (data.rows() <= cols) {
    const DenseRows dense = DenseRowsOf(data, RowFilter(), ctx);
    basis.mean = dense.mean;
    basis.weight = dense.weight;
    rows = dense.rows;
    for (std::int64_t i = 0; i < rows; ++i) {
      const double* row = dense.values.data() + i * data.width();
      a.insert(a.end(), row, row + cols);
      b.insert(b.end(), row + cols, row + data.width());
    }
  } else {
    const GramSums gram = CentredGram(data, ctx);
    basis.mean = gram.shift;
    basis.weight = gram.weight;
    const ScaledGram columns(gram, cols);
    const std::vector<double> r = RowFactor(data, gram.shift, columns, ctx);
    const std::int64_t n = columns.size();
    const std::int64_t width = n + data.n_targets;
    rows = n;
    a.assign(static_cast<std::size_t>(n * cols), 0);
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t j = i; j < n; ++j)
        a[i * cols + columns.column(j)] = r[i * width + j] / columns.scale()[j];
      for (std::int64_t t = 0; t < data.n_targets; ++t) b.push_back(r[i * width + n + t]);
    }
  }
  const ThinSvd svd = SvdOf(a, rows, cols, ctx);
  basis.vt = svd.vt;
  for (std::size_t v = 0; v < svd.values.size(); ++v) {
    basis.square.push_back(svd.values[v] * svd.values[v]);
    for (std::int64_t t = 0; t < data.n_targets; ++t) {
      double sum = 0;
      for (std::int64_t i = 0; i < rows; ++i)
        sum += svd.ut[static_cast<std::int64_t>(v) * rows + i] * b[i * data.n_targets + t];
      basis.share.push_back(svd.values[v] * sum);
    }
  }
  return basis;
}

/// Errors of one slot's rows, each predicted from all others, times the roots of their weights:
/// rows x n_targets x n_alphas.
class LeaveOneOut {
 public:
  LeaveOneOut(const LinearData& data, const Basis& basis, const std::vector<double>& alphas)
      : data_(data), basis_(basis), alphas_(alphas) {}

  std::int64_t n_outputs() const noexcept {
    return data_.n_targets * static_cast<std::int64_t>(alphas_.size());
  }

  void Slot(std::int64_t s, double* errors) const {
    const std::int64_t cols = data_.cols();
    std::vector<double> row(static_cast<std::size_t>(cols)), t(basis_.square.size());
    for (std::int64_t i = 0; i < data_.table.slot_rows(s); ++i) {
      const std::int64_t at = s * kSlotRows + i;
      const double weight = data_.Weight(at);
      const double root = std::sqrt(weight);
      data_.table.ReadRow(at, row.data());
      for (std::int64_t j = 0; j < cols; ++j) row[j] -= basis_.mean[j];
      for (std::size_t v = 0; v < t.size(); ++v) {
        t[v] = root * simd::Active().vectors.dot(
                          row.data(), basis_.vt.data() + static_cast<std::int64_t>(v) * cols, cols);
      }
      Errors(at, weight, t, errors + i * n_outputs());
    }
  }

 private:
  void Errors(std::int64_t at, double weight, const std::vector<double>& t, double* out) const {
    const double own = data_.fit_intercept ? weight / basis_.weight : 0;
    const auto n_alphas = static_cast<std::int64_t>(alphas_.size());
    for (std::int64_t a = 0; a < n_alphas; ++a) {
      double leverage = own;
      std::vector<double> fitted(static_cast<std::size_t>(data_.n_targets));
      for (std::size_t v = 0; v < t.size(); ++v) {
        const double part = t[v] / (basis_.square[v] + alphas_[a]);
        leverage += part * t[v];
        for (std::int64_t k = 0; k < data_.n_targets; ++k)
          fitted[k] += part * basis_.share[static_cast<std::int64_t>(v) * data_.n_targets + k];
      }
      for (std::int64_t k = 0; k < data_.n_targets; ++k) {
        const double y = data_.targets[k * data_.rows() + at] - basis_.mean[data_.cols() + k];
        out[k * n_alphas + a] = (std::sqrt(weight) * y - fitted[k]) / (1 - leverage);
      }
    }
  }

  const LinearData& data_;
  const Basis& basis_;
  const std::vector<double>& alphas_;
};

/// Picks the penalty of least error, for every target or for all.
void Choose(const std::vector<double>& sums, const LinearData& data, const RidgeCvOptions& options,
            RidgeCvModel& model) {
  const auto n_alphas = static_cast<std::int64_t>(options.alphas.size());
  const auto rows = static_cast<double>(data.rows());
  const std::int64_t groups = options.alpha_per_target ? data.n_targets : 1;
  const std::int64_t each = data.n_targets / groups;
  for (std::int64_t g = 0; g < groups; ++g) {
    std::int64_t best = 0;
    double least = 0;
    for (std::int64_t a = 0; a < n_alphas; ++a) {
      double error = 0;
      for (std::int64_t k = g * each; k < (g + 1) * each; ++k) error += sums[k * n_alphas + a];
      error /= rows * static_cast<double>(each);
      if (a == 0 || error < least) {
        least = error;
        best = a;
      }
    }
    model.score.push_back(-least);
    for (std::int64_t k = 0; k < each; ++k) model.alpha.push_back(options.alphas[best]);
  }
}

}  // namespace

RidgeCvModel FitRidgeCv(const LinearData& data, const RidgeCvOptions& options, const Context& ctx) {
  const Basis basis = BasisOf(data, ctx);
  const LeaveOneOut rows(data, basis, options.alphas);
  const std::int64_t n = rows.n_outputs();
  const std::int64_t n_slots = data.table.n_slots();
  RidgeCvModel model;
  if (options.keep_errors) model.errors.resize(static_cast<std::size_t>(data.rows() * n));
  std::vector<double> partials(static_cast<std::size_t>(n_slots * n));
  ctx.ParallelFor(n_slots, [&](std::int64_t s, int) {
    const std::int64_t count = data.table.slot_rows(s);
    std::vector<double> errors(static_cast<std::size_t>(count * n));
    rows.Slot(s, errors.data());
    for (std::int64_t i = 0; i < count; ++i) {
      for (std::int64_t o = 0; o < n; ++o) {
        const double error = errors[i * n + o];
        partials[s * n + o] += error * error;
      }
    }
    if (options.keep_errors)
      std::copy(errors.begin(), errors.end(), model.errors.begin() + s * kSlotRows * n);
  });
  std::vector<double> sums(static_cast<std::size_t>(n));
  for (std::int64_t s = 0; s < n_slots; ++s) {
    for (std::int64_t o = 0; o < n; ++o) sums[o] += partials[s * n + o];
  }
  Choose(sums, data, options, model);
  LeastSquaresOptions chosen;
  chosen.alpha = model.alpha;
  model.best = FitLeastSquares(data, chosen, ctx);
  return model;
}

}  // namespace treeline
