#include "linear/elastic_net.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "linear/coordinate_descent.h"

namespace treeline {

namespace {

/// Most columns whose products are kept where there are fewer rows than that, or the table is
/// sparse.
constexpr std::int64_t kMaxGramCols = 1500;

bool KeepsProducts(const LinearData& data) {
  const bool is_tall = data.rows() >= data.cols() && data.table.sparse() == nullptr;
  return is_tall || data.cols() <= kMaxGramCols;
}

/// A problem with what its coefficients need to become a model.
struct Part {
  std::unique_ptr<CoordinateProblem> problem;
  std::vector<double> mean;
  double weight = 0;
};

Part PartOf(const GramSums& centred, std::int64_t cols) {
  Part part;
  part.problem = std::make_unique<GramProblem>(centred, cols);
  part.mean = centred.shift;
  part.weight = centred.weight;
  return part;
}

/// Without products of columns.
Part PartOf(const LinearData& data, const RowFilter& filter, const Context& ctx) {
  Part part;
  if (data.table.sparse() != nullptr) {
    auto problem = std::make_unique<SparseProblem>(data, filter, ctx);
    part.mean = problem->mean;
    part.weight = problem->weight;
    part.problem = std::move(problem);
    return part;
  }
  const DenseRows dense = DenseRowsOf(data, filter, ctx);
  part.problem = std::make_unique<RowProblem>(dense, data.cols());
  part.mean = dense.mean;
  part.weight = dense.weight;
  return part;
}

Part WholeOf(const LinearData& data, const Context& ctx) {
  if (!KeepsProducts(data)) return PartOf(data, RowFilter(), ctx);
  return PartOf(CentredGram(data, ctx), data.cols());
}

DescentOptions DescentOf(const ElasticNetOptions& options) {
  return {options.tol, options.max_iter, options.in_random_order, options.seed};
}

ElasticNetPenalty PenaltyOf(const Part& part, double alpha, double l1_ratio, bool positive) {
  return {alpha * l1_ratio * part.weight, alpha * (1 - l1_ratio) * part.weight, positive};
}

/// Coefficients in X's own units, and the intercept.
void ToModel(const Part& part, const std::vector<double>& x, std::int64_t cols, bool fit_intercept,
             std::vector<double>& coef, double* intercept) {
  coef.assign(static_cast<std::size_t>(cols), 0);
  *intercept = fit_intercept ? part.mean[cols] : 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::int64_t j = part.problem->columns[i];
    coef[j] = x[i] * part.problem->scale[i];
    *intercept -= coef[j] * part.mean[j];
  }
}

ElasticNetModel Solve(Part& part, const LinearData& data, const ElasticNetOptions& options,
                      const Context& ctx) {
  std::vector<double> x(static_cast<std::size_t>(part.problem->size()));
  if (!options.start_coef.empty()) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = options.start_coef[part.problem->columns[i]] / part.problem->scale[i];
      part.problem->Move(static_cast<std::int64_t>(i), x[i]);
    }
  }
  const ElasticNetPenalty penalty =
      PenaltyOf(part, options.alpha, options.l1_ratio, options.positive);
  const DescentResult result =
      DescendCoordinates(*part.problem, penalty, DescentOf(options), ctx, x);
  ElasticNetModel model;
  ToModel(part, x, data.cols(), data.fit_intercept, model.coef, &model.intercept);
  model.n_iter = result.n_iter;
  // scikit-learn's weights sum to the number of rows.
  model.dual_gap = result.gap / part.weight;
  model.converged = result.converged;
  return model;
}

/// Mean squared error of a model over the rows whose sums these are: about their own mean, where
/// least is lost.
double MeanSquaredError(const GramSums& test, const std::vector<double>& coef, double intercept,
                        bool fit_intercept) {
  const auto cols = static_cast<std::int64_t>(coef.size());
  const std::int64_t width = cols + 1;
  std::vector<double> direction(coef);
  direction.push_back(-1);
  double apart = intercept;
  for (std::int64_t j = 0; j < width; ++j) apart += direction[j] * test.shift[j];
  double sum = 0;
  for (std::int64_t i = 0; i < width; ++i) {
    double row = 0;
    for (std::int64_t j = 0; j < width; ++j) row += test.products[i * width + j] * direction[j];
    sum += direction[i] * row;
  }
  // Without an intercept the products are about 0 and hold the mean themselves.
  return std::max(0.0, sum / test.weight) + (fit_intercept ? apart * apart : 0);
}

/// The same over rows in memory.
double MeanSquaredError(const DenseRows& test, const std::vector<double>& coef, double intercept,
                        bool fit_intercept) {
  const auto cols = static_cast<std::int64_t>(coef.size());
  double sum = 0;
  for (std::int64_t i = 0; i < test.rows; ++i) {
    const double* row = test.values.data() + i * (cols + 1);
    double residual = -row[cols];
    for (std::int64_t j = 0; j < cols; ++j) residual += row[j] * coef[j];
    sum += residual * residual;
  }
  double apart = intercept - test.mean[cols];
  for (std::int64_t j = 0; j < cols; ++j) apart += coef[j] * test.mean[j];
  return sum / test.weight + (fit_intercept ? apart * apart : 0);
}

/// The same over the rows of a sparse table.
double MeanSquaredError(const LinearData& data, const RowFilter& test,
                        const std::vector<double>& coef, double intercept) {
  const SparseRows& rows = data.table.sparse()->by_row();
  double sum = 0;
  double weight = 0;
  for (std::int64_t i = 0; i < data.rows(); ++i) {
    const double own = test.Has(i) ? data.Weight(i) : 0;
    if (!(own > 0)) continue;
    const double residual = data.targets[i] - rows.Dot(i, coef.data(), intercept);
    sum += own * residual * residual;
    weight += own;
  }
  return sum / weight;
}

/// The rows of a fold, in the form errors are summed in.
struct Test {
  RowFilter filter;
  GramSums sums;   // where products are kept
  DenseRows rows;  // else, of a dense table
};

/// All folds of a cross-validation.
class Folds {
 public:
  Folds(const LinearData& data, const ElasticNetGrid& grid, const Context& ctx)
      : data_(data), grid_(grid), ctx_(ctx), shift_(MeansOf(data, ctx)) {
    if (!KeepsProducts(data)) return;
    for (std::int32_t f = 0; f < grid.n_folds; ++f)
      sums_.push_back(SumGram(data, shift_, RowFilter{grid.folds.data(), f, true}, ctx));
  }

  /// All rows but a fold's.
  Part Train(std::int32_t fold) const {
    if (sums_.empty()) return PartOf(data_, RowFilter{grid_.folds.data(), fold, false}, ctx_);
    GramSums total;
    for (std::int32_t f = 0; f < grid_.n_folds; ++f) {
      if (f != fold) total.Add(sums_[f]);
    }
    if (data_.fit_intercept) total.Centre();
    return PartOf(total, data_.cols());
  }

  Test TestOf(std::int32_t fold) const {
    Test test{RowFilter{grid_.folds.data(), fold, true}, {}, {}};
    if (!sums_.empty()) {
      test.sums = sums_[fold];
      if (data_.fit_intercept) test.sums.Centre();
    } else if (data_.table.sparse() == nullptr) {
      test.rows = DenseRowsOf(data_, test.filter, ctx_);
    }
    return test;
  }

  double Error(const Test& test, const std::vector<double>& coef, double intercept) const {
    if (!sums_.empty()) return MeanSquaredError(test.sums, coef, intercept, data_.fit_intercept);
    if (data_.table.sparse() != nullptr)
      return MeanSquaredError(data_, test.filter, coef, intercept);
    return MeanSquaredError(test.rows, coef, intercept, data_.fit_intercept);
  }

  double Weight(std::int32_t fold) const {
    double weight = 0;
    for (std::int64_t i = 0; i < data_.rows(); ++i) {
      if (grid_.folds[i] == fold) weight += data_.Weight(i);
    }
    return weight;
  }

 private:
  const LinearData& data_;
  const ElasticNetGrid& grid_;
  const Context& ctx_;
  std::vector<double> shift_;
  std::vector<GramSums> sums_;
};

/// Penalties from the least that makes all coefficients 0 down, evenly in logarithms (numpy's
/// geomspace). Rounded to float32 in the exponent: pow() may differ by a last place.
void AppendGrid(const Part& whole, double l1_ratio, bool positive, const ElasticNetGrid& grid,
                std::vector<double>& alphas) {
  double most = 0;
  for (std::int64_t i = 0; i < whole.problem->size(); ++i) {
    const double slope = whole.problem->Slope(i) / whole.problem->scale[i];
    most = std::max(most, positive ? slope : std::abs(slope));
  }
  const double largest = most / (whole.weight * l1_ratio);
  constexpr double kResolution = 1e-15;
  for (std::int64_t a = 0; a < grid.n_alphas; ++a) {
    if (largest <= kResolution) {
      alphas.push_back(kResolution);
      continue;
    }
    const double share =
        grid.n_alphas > 1 ? static_cast<double>(a) / static_cast<double>(grid.n_alphas - 1) : 0;
    alphas.push_back(largest * std::pow(grid.eps, share));
  }
}

}  // namespace

ElasticNetModel FitElasticNet(const LinearData& data, const ElasticNetOptions& options,
                              const Context& ctx) {
  Part whole = WholeOf(data, ctx);
  return Solve(whole, data, options, ctx);
}

ElasticNetCvModel FitElasticNetCv(const LinearData& data, const ElasticNetOptions& options,
                                  const ElasticNetGrid& grid, const Context& ctx) {
  Part whole = WholeOf(data, ctx);
  ElasticNetCvModel model;
  const auto n_ratios = static_cast<std::int64_t>(grid.l1_ratios.size());
  model.alphas = grid.alphas;
  if (model.alphas.empty()) {
    for (const double ratio : grid.l1_ratios)
      AppendGrid(whole, ratio, options.positive, grid, model.alphas);
  }
  const std::int64_t n_alphas = static_cast<std::int64_t>(model.alphas.size()) / n_ratios;
  const Folds folds(data, grid, ctx);
  model.mse_path.resize(static_cast<std::size_t>(n_ratios * n_alphas * grid.n_folds));
  const std::int64_t n_tasks = n_ratios * grid.n_folds;
  std::vector<char> converged(static_cast<std::size_t>(n_tasks), 1);
  ctx.ParallelFor(n_tasks, [&](std::int64_t task, int) {
    const std::int64_t ratio = task / grid.n_folds;
    const auto fold = static_cast<std::int32_t>(task % grid.n_folds);
    Part train = folds.Train(fold);
    const Test test = folds.TestOf(fold);
    std::vector<double> x(static_cast<std::size_t>(train.problem->size())), coef;
    for (std::int64_t a = 0; a < n_alphas; ++a) {
      const ElasticNetPenalty penalty = PenaltyOf(train, model.alphas[ratio * n_alphas + a],
                                                  grid.l1_ratios[ratio], options.positive);
      const DescentResult result =
          DescendCoordinates(*train.problem, penalty, DescentOf(options), ctx, x);
      if (!result.converged) converged[task] = 0;
      double intercept = 0;
      ToModel(train, x, data.cols(), data.fit_intercept, coef, &intercept);
      model.mse_path[(ratio * n_alphas + a) * grid.n_folds + fold] =
          folds.Error(test, coef, intercept);
    }
  });
  std::vector<double> fold_weight;
  for (std::int32_t f = 0; f < grid.n_folds; ++f)
    fold_weight.push_back(data.weights.empty() ? 1 : folds.Weight(f));
  double least = 0;
  std::int64_t best = -1;
  for (std::int64_t at = 0; at < n_ratios * n_alphas; ++at) {
    double sum = 0;
    double weight = 0;
    for (std::int32_t f = 0; f < grid.n_folds; ++f) {
      sum += fold_weight[f] * model.mse_path[at * grid.n_folds + f];
      weight += fold_weight[f];
    }
    if (best < 0 || sum / weight < least) {
      least = sum / weight;
      best = at;
    }
  }
  model.alpha = model.alphas[best];
  model.l1_ratio = grid.l1_ratios[best / n_alphas];
  ElasticNetOptions chosen = options;
  chosen.alpha = model.alpha;
  chosen.l1_ratio = model.l1_ratio;
  model.best = Solve(whole, data, chosen, ctx);
  model.converged = std::all_of(converged.begin(), converged.end(), [](char c) { return c != 0; });
  return model;
}

}  // namespace treeline
