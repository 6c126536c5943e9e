#include "linear/glm_sparse.h"

#include <algorithm>

#include "linear/glm_tile.h"

namespace treeline {

namespace {

constexpr std::int64_t kLanes = simd::kLinearLanes;

/// A pass: first by rows, which leaves numbers of every row; then by columns, which sums them.
class SparsePass {
 public:
  SparsePass(const GlmProblem& problem, const double* scaled, bool with_hessian, const Context& ctx)
      : problem_(problem),
        table_(*problem.table.sparse()),
        scaled_(scaled),
        with_hessian_(with_hessian),
        ctx_(ctx),
        width_(problem.width()),
        n_outputs_(problem.n_outputs()),
        residual_(static_cast<std::size_t>(n_outputs_ * table_.rows())) {
    if (problem.fit_intercept) beside_.emplace_back(static_cast<std::size_t>(table_.rows()), 1.0);
    if (problem.has_scale()) beside_.emplace_back(static_cast<std::size_t>(table_.rows()), 0.0);
    if (!with_hessian) return;
    weight_.resize(static_cast<std::size_t>(table_.rows()));
    curvature_.resize(weight_.size());
    if (n_outputs_ > 1) probability_.resize(residual_.size());
  }

  std::vector<double> Run() {
    const std::int64_t n_pairs = with_hessian_ ? n_outputs_ * (n_outputs_ + 1) / 2 : 0;
    std::vector<double> total(
        static_cast<std::size_t>(1 + n_outputs_ * width_ + n_pairs * width_ * width_));
    total[0] = Rows();
    for (std::int64_t k = 0; k < n_outputs_; ++k)
      Gradient(residual_.data() + k * table_.rows(), total.data() + 1 + k * width_);
    double* products = total.data() + 1 + n_outputs_ * width_;
    for (std::int64_t k = 0; k < n_outputs_ && with_hessian_; ++k) {
      for (std::int64_t l = k; l < n_outputs_; ++l, products += width_ * width_) {
        if (n_outputs_ > 1) PairCurvature(k, l);
        Products(products);
      }
    }
    return total;
  }

 private:
  struct Thread {
    GlmTile tile;
    AlignedBuffer<double> scale_column;
  };

  /// Margins, losses and residuals of all rows. Returns the loss.
  double Rows() {
    for (std::int64_t k = 0; k < n_outputs_; ++k) {
      const double* coef = scaled_ + k * width_;
      double offset = problem_.fit_intercept ? coef[table_.cols()] : 0;
      for (std::int64_t j = 0; j < table_.cols(); ++j) offset -= problem_.shift[j] * coef[j];
      offset_.push_back(offset);
    }
    const std::int64_t n_slots = (table_.rows() + kSlotRows - 1) / kSlotRows;
    std::vector<double> losses(static_cast<std::size_t>(n_slots));
    std::vector<Thread> threads(static_cast<std::size_t>(ctx_.n_jobs));
    ctx_.ParallelFor(n_slots, [&](std::int64_t s, int index) {
      double lanes[kLanes] = {};
      const std::int64_t end = std::min(table_.rows(), (s + 1) * kSlotRows);
      for (std::int64_t row = s * kSlotRows; row < end; row += kTileRows)
        Tile(row, std::min(kTileRows, end - row), threads[index], lanes);
      losses[s] = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
                  ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    });
    double loss = 0;
    for (const double part : losses) loss += part;
    return loss;
  }

  void Tile(std::int64_t first, std::int64_t count, Thread& thread, double* lanes) {
    GlmTile& tile = thread.tile;
    tile.SetUp(n_outputs_);
    if (thread.scale_column.empty()) thread.scale_column = AlignedBuffer<double>(kTileRows);
    if (!tile.LoadWeights(problem_, first, count)) return;
    for (std::int64_t k = 0; k < n_outputs_; ++k) {
      double* margin = tile.margin.data() + k * kTileRows;
      for (std::int64_t i = 0; i < count; ++i)
        margin[i] = table_.by_row().Dot(first + i, scaled_ + k * width_, offset_[k]);
      std::fill(margin + count, margin + GlmTile::PaddedRows(count), 0.0);
    }
    tile.AddLoss(problem_, {scaled_[width_ - 1], thread.scale_column.data()}, first, count,
                 with_hessian_, lanes);
    for (std::int64_t k = 0; k < n_outputs_; ++k) {
      const std::int64_t at = k * table_.rows() + first;
      std::copy_n(tile.residual.data() + k * kTileRows, count, residual_.data() + at);
      if (!probability_.empty())
        std::copy_n(tile.margin.data() + k * kTileRows, count, probability_.data() + at);
    }
    if (problem_.has_scale())
      std::copy_n(thread.scale_column.data(), count, beside_.back().data() + first);
    if (!with_hessian_) return;
    std::copy_n(tile.weight.data(), count, weight_.data() + first);
    if (n_outputs_ == 1) std::copy_n(tile.curvature.data(), count, curvature_.data() + first);
  }

  /// Sum over rows of factor[row] * beside[row], and of factor alone where `beside` is null.
  double SumRows(const double* factor, const double* beside) const {
    double total = 0;
    for (std::int64_t begin = 0; begin < table_.rows(); begin += kSlotRows) {
      const std::int64_t end = std::min(table_.rows(), begin + kSlotRows);
      double sum = 0;
      for (std::int64_t i = begin; i < end; ++i)
        sum += beside == nullptr ? factor[i] : factor[i] * beside[i];
      total += sum;
    }
    return total;
  }

  /// out[j] = sum over rows of factor[row] * z_j, for centred columns and for those beside them.
  void Gradient(const double* factor, double* out) const {
    const double sum = SumRows(factor, nullptr);
    const SparseRows& columns = table_.by_column();
    table_.ForEachColumn(ctx_, [&](std::int64_t j) {
      out[j] = columns.Dot(j, factor, 0) - problem_.shift[j] * sum;
    });
    for (std::size_t b = 0; b < beside_.size(); ++b)
      out[table_.cols() + static_cast<std::int64_t>(b)] = SumRows(factor, beside_[b].data());
  }

  /// What a pair of classes' probabilities makes of rows.
  void PairCurvature(std::int64_t k, std::int64_t l) {
    const double* p = probability_.data() + k * table_.rows();
    const double* q = probability_.data() + l * table_.rows();
    const double own = k == l ? 1.0 : 0.0;
    for (std::int64_t i = 0; i < table_.rows(); ++i)
      curvature_[i] = weight_[i] > 0 ? weight_[i] * p[i] * (own - q[i]) : 0.0;
  }

  /// Upper triangle of sum over rows of curvature[row] * z z^T, width x width; zeros before.
  void Products(double* out) const {
    const std::int64_t cols = table_.cols();
    const auto n_beside = static_cast<std::int64_t>(beside_.size());
    const double weight = SumRows(curvature_.data(), nullptr);
    std::vector<double> beside_sums;
    for (const std::vector<double>& column : beside_)
      beside_sums.push_back(SumRows(curvature_.data(), column.data()));
    std::vector<double> sums(static_cast<std::size_t>(cols));
    const SparseRows& columns = table_.by_column();
    table_.ForEachColumn(ctx_,
                         [&](std::int64_t j) { sums[j] = columns.Dot(j, curvature_.data(), 0); });
    table_.ForEachColumn(
        ctx_, [&](std::int64_t a) { ColumnProducts(a, weight, sums, beside_sums, out); });
    for (std::int64_t b = 0; b < n_beside; ++b) {
      std::vector<double> product(curvature_);
      for (std::size_t i = 0; i < product.size(); ++i) product[i] *= beside_[b][i];
      for (std::int64_t c = b; c < n_beside; ++c)
        out[(cols + b) * width_ + cols + c] = SumRows(product.data(), beside_[c].data());
    }
  }

  /// Row `a` of the products.
  void ColumnProducts(std::int64_t a, double weight, const std::vector<double>& sums,
                      const std::vector<double>& beside_sums, double* out) const {
    const std::int64_t cols = table_.cols();
    const SparseRows& columns = table_.by_column();
    const SparseRows& rows = table_.by_row();
    double* const row_out = out + a * width_;
    std::vector<double> with_beside(beside_.size());
    for (std::int64_t e = columns.begin(a); e < columns.end(a); ++e) {
      const std::int32_t row = columns.column(e);
      const double factor = curvature_[row] * columns.value(e);
      for (std::size_t b = 0; b < beside_.size(); ++b) with_beside[b] += factor * beside_[b][row];
      for (std::int64_t k = rows.end(row); k-- > rows.begin(row) && rows.column(k) >= a;)
        row_out[rows.column(k)] += factor * rows.value(k);
    }
    const double* shift = problem_.shift.data();
    for (std::int64_t j = a; j < cols; ++j)
      row_out[j] += shift[a] * shift[j] * weight - shift[a] * sums[j] - shift[j] * sums[a];
    for (std::size_t b = 0; b < beside_.size(); ++b) {
      row_out[cols + static_cast<std::int64_t>(b)] = with_beside[b] - shift[a] * beside_sums[b];
    }
  }

  const GlmProblem& problem_;
  const SparseStore& table_;
  const double* scaled_;
  bool with_hessian_;
  const Context& ctx_;
  std::int64_t width_;
  std::int64_t n_outputs_;
  std::vector<double> offset_;               // of the margins: intercepts less what shifts take
  std::vector<double> residual_;             // n_outputs x rows
  std::vector<double> probability_;          // n_outputs x rows: several classes' Hessian
  std::vector<double> weight_;               // with the Hessian
  std::vector<double> curvature_;            // of the pair of outputs at hand
  std::vector<std::vector<double>> beside_;  // the columns that no coefficient is for
};

}  // namespace

std::vector<double> SumSparse(const GlmProblem& problem, const double* scaled, bool with_hessian,
                              const Context& ctx) {
  return SparsePass(problem, scaled, with_hessian, ctx).Run();
}

}  // namespace treeline
