// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// Shapley values of one path of a tree (boosting/shap_map.h has the formula). Loops over rows are
// plain: every row is on its own, so all instruction sets give the same bits.

/// `lo` NaN: there is no lower bound.
static void MarkInterval(const double* x, std::int64_t n, double lo, double hi, bool with_missing,
                         double* ones) noexcept {
  if (with_missing) {
    for (std::int64_t r = 0; r < n; ++r) ones[r] = x[r] <= lo || x[r] > hi ? 0.0 : 1.0;
  } else {
    for (std::int64_t r = 0; r < n; ++r) ones[r] = !(x[r] <= lo) && x[r] <= hi ? 1.0 : 0.0;
  }
}

/// products[k * kShapRows + r] = weight * value * the product over all features of the path.
static inline void PathProducts(const ShapPath& path, const double* ones, std::int64_t n,
                                double* products) noexcept {
  for (std::int32_t k = 0; k < path.n_nodes; ++k) {
    const double t = path.nodes[k];
    double* product = products + k * kShapRows;
    for (std::int64_t r = 0; r < n; ++r) product[r] = path.weights[k] * path.value;
    for (std::int32_t i = 0; i < path.n_features; ++i) {
      const double zero = (1 - t) * path.shares[i];
      const double* one = ones + i * kShapRows;
      for (std::int64_t r = 0; r < n; ++r) product[r] *= one[r] * t + zero;
    }
  }
}

/// What divides a factor out of a product: a factor of 0 makes all of it 0, so any number will do.
static inline double Inverse(double factor) noexcept { return factor > 0 ? 1 / factor : 0; }

static void AddShapValues(const ShapPath& path, const double* ones, std::int64_t n, double* scratch,
                          double* const* values) noexcept {
  PathProducts(path, ones, n, scratch);
  double* sum = scratch + path.n_nodes * kShapRows;
  for (std::int32_t i = 0; i < path.n_features; ++i) {
    const double* one = ones + i * kShapRows;
    for (std::int64_t r = 0; r < n; ++r) sum[r] = 0;
    for (std::int32_t k = 0; k < path.n_nodes; ++k) {
      const double t = path.nodes[k];
      const double zero = (1 - t) * path.shares[i];
      const double by_zero = Inverse(zero);
      const double by_one = Inverse(t + zero);
      const double* product = scratch + k * kShapRows;
      for (std::int64_t r = 0; r < n; ++r) sum[r] += product[r] * (one[r] != 0 ? by_one : by_zero);
    }
    double* to = values[i];
    for (std::int64_t r = 0; r < n; ++r) to[r] += sum[r] * (one[r] - path.shares[i]);
  }
}

static void AddShapInteractions(const ShapPath& path, const double* ones, std::int64_t n,
                                double* scratch, double* const* values) noexcept {
  PathProducts(path, ones, n, scratch);
  double* sum = scratch + path.n_nodes * kShapRows;
  for (std::int32_t i = 0; i < path.n_features; ++i) {
    const double* a = ones + i * kShapRows;
    for (std::int32_t j = 0; j < i; ++j) {
      const double* b = ones + j * kShapRows;
      for (std::int64_t r = 0; r < n; ++r) sum[r] = 0;
      for (std::int32_t k = 0; k < path.n_nodes; ++k) {
        const double t = path.nodes[k];
        const double a_zero = Inverse((1 - t) * path.shares[i]);
        const double a_one = Inverse(t + (1 - t) * path.shares[i]);
        const double b_zero = Inverse((1 - t) * path.shares[j]);
        const double b_one = Inverse(t + (1 - t) * path.shares[j]);
        const double* product = scratch + k * kShapRows;
        for (std::int64_t r = 0; r < n; ++r) {
          sum[r] += product[r] * ((a[r] != 0 ? a_one : a_zero) * (b[r] != 0 ? b_one : b_zero));
        }
      }
      double* to = values[i * (i - 1) / 2 + j];
      for (std::int64_t r = 0; r < n; ++r)
        to[r] += sum[r] * ((a[r] - path.shares[i]) * (b[r] - path.shares[j]));
    }
  }
}
