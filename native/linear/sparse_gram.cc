#include "linear/sparse_gram.h"

#include <algorithm>

namespace treeline {

namespace {

/// Sum over rows of a * b, slot by slot.
double SumRows(const std::vector<double>& a, const std::vector<double>& b) noexcept {
  double total = 0;
  for (std::size_t begin = 0; begin < a.size(); begin += kSlotRows) {
    const std::size_t end = std::min(a.size(), begin + kSlotRows);
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += a[i] * b[i];
    total += sum;
  }
  return total;
}

/// One pass over a table.
class Products {
 public:
  Products(const LinearData& data, const std::vector<double>& shift, const RowFilter& filter)
      : store_(*data.table.sparse()), shift_(shift), width_(data.width() + 1) {
    const auto rows = static_cast<std::size_t>(data.rows());
    weight_.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const auto row = static_cast<std::int64_t>(i);
      weight_[i] = filter.Has(row) ? data.Weight(row) : 0;
      n_rows_ += weight_[i] > 0 ? 1 : 0;
    }
    for (std::int64_t t = 0; t < data.n_targets; ++t) {
      const double* target = data.targets.data() + t * data.rows();
      std::vector<double> column(target, target + data.rows());
      for (double& value : column) value -= shift[data.cols() + t];
      beside_.push_back(std::move(column));
    }
    beside_.emplace_back(rows, 1.0);
  }

  std::vector<double> Run(const Context& ctx) {
    const std::int64_t cols = store_.cols();
    out_.assign(static_cast<std::size_t>(width_ * width_), 0.0);
    for (std::size_t b = 0; b < beside_.size(); ++b) {
      std::vector<double> weighted(weight_);
      for (std::size_t i = 0; i < weighted.size(); ++i) weighted[i] *= beside_[b][i];
      const auto row = (cols + static_cast<std::int64_t>(b)) * width_;
      for (std::size_t c = b; c < beside_.size(); ++c)
        out_[row + cols + static_cast<std::int64_t>(c)] = SumRows(weighted, beside_[c]);
      beside_sums_.push_back(out_[row + width_ - 1]);
    }
    sums_.resize(static_cast<std::size_t>(cols));
    store_.ForEachColumn(
        ctx, [&](std::int64_t j) { sums_[j] = store_.by_column().Dot(j, weight_.data(), 0); });
    store_.ForEachColumn(ctx, [&](std::int64_t a) { Column(a); });
    return std::move(out_);
  }

 private:
  /// Row `a` of the products.
  void Column(std::int64_t a) {
    const SparseRows& columns = store_.by_column();
    const SparseRows& rows = store_.by_row();
    const std::int64_t cols = store_.cols();
    double* const out = out_.data() + a * width_;
    std::vector<double> with_beside(beside_.size());
    for (std::int64_t e = columns.begin(a); e < columns.end(a); ++e) {
      const std::int32_t row = columns.column(e);
      if (weight_[row] == 0) continue;
      const double factor = weight_[row] * columns.value(e);
      for (std::size_t b = 0; b < beside_.size(); ++b) with_beside[b] += factor * beside_[b][row];
      for (std::int64_t k = rows.end(row); k-- > rows.begin(row) && rows.column(k) > a;)
        out[rows.column(k)] += factor * rows.value(k);
    }
    const double total = beside_sums_.back();
    for (std::int64_t j = a + 1; j < cols; ++j)
      out[j] += shift_[a] * shift_[j] * total - shift_[a] * sums_[j] - shift_[j] * sums_[a];
    out[a] = SquaresAbout(columns, a, shift_[a], weight_, total, n_rows_);
    for (std::size_t b = 0; b < beside_.size(); ++b)
      out[cols + static_cast<std::int64_t>(b)] = with_beside[b] - shift_[a] * beside_sums_[b];
  }

  const SparseStore& store_;
  const std::vector<double>& shift_;
  std::int64_t width_;
  std::int64_t n_rows_ = 0;  // that weigh something
  std::vector<double> weight_;
  std::vector<std::vector<double>> beside_;  // targets less their shift, a column of 1
  std::vector<double> beside_sums_;          // weighted
  std::vector<double> sums_;                 // of the columns, weighted
  std::vector<double> out_;
};

}  // namespace

std::vector<double> SparseProducts(const LinearData& data, const std::vector<double>& shift,
                                   const RowFilter& filter, const Context& ctx) {
  return Products(data, shift, filter).Run(ctx);
}

double SquaresAbout(const SparseRows& columns, std::int64_t j, double centre,
                    const std::vector<double>& weight, double total, std::int64_t n_rows) noexcept {
  double sum = 0;
  double rest = total;  // the weight of rows that have no entry
  for (std::int64_t k = columns.begin(j); k < columns.end(j); ++k) {
    const double own = weight[columns.column(k)];
    if (!(own > 0)) continue;
    const double apart = columns.value(k) - centre;
    sum += own * apart * apart;
    rest -= own;
    --n_rows;
  }
  return n_rows > 0 ? sum + std::max(rest, 0.0) * centre * centre : sum;
}

}  // namespace treeline
