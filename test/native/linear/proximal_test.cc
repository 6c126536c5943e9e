#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"
#include "linear/quadratic_model.h"
#include "linear/solver.h"

using namespace treeline;

namespace {

using Numbers = std::vector<double>;

Numbers Some(std::int64_t n, std::uint64_t stream) {
  Numbers values;
  for (std::int64_t i = 0; i < n; ++i) values.push_back(RandomUniform(3, stream, i) - 0.5);
  return values;
}

double Product(const Numbers& a, const Numbers& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// A positive definite matrix whose columns are nearly collinear for small `ridge`.
Numbers Definite(std::int64_t n, double ridge) {
  const Numbers x = Some(3 * n, 7);
  Numbers matrix(static_cast<std::size_t>(n * n));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      for (int k = 0; k < 3; ++k) matrix[i * n + j] += x[i * 3 + k] * x[j * 3 + k];
    }
    matrix[i * n + i] += ridge;
  }
  return matrix;
}

/// BFGS, entry by entry: B + y y^T / y^T s - (B s)(B s)^T / s^T B s.
void Update(Numbers& matrix, const Numbers& s, const Numbers& y) {
  const std::size_t n = s.size();
  Numbers image(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) image[i] += matrix[i * n + j] * s[j];
  }
  const double ys = Product(y, s);
  const double square = Product(s, image);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j)
      matrix[i * n + j] += y[i] * y[j] / ys - image[i] * image[j] / square;
  }
}

/// sum_i a_i (w - b)_i^2 / 2 in a rotated basis, plus exp of the mean, with absolute values.
class Bowl final : public LinearObjective {
 public:
  Bowl(Numbers matrix, Numbers side, Numbers l1)
      : matrix_(std::move(matrix)), side_(std::move(side)), l1_(std::move(l1)) {}
  std::int64_t size() const noexcept override { return static_cast<std::int64_t>(side_.size()); }
  double Evaluate(const double* w, double* gradient) override {
    const std::int64_t n = size();
    double value = 0, mean = 0;
    for (std::int64_t i = 0; i < n; ++i) mean += w[i] / static_cast<double>(n);
    for (std::int64_t i = 0; i < n; ++i) {
      gradient[i] = std::exp(mean) / static_cast<double>(n) - side_[i];
      value -= side_[i] * w[i];
      for (std::int64_t j = 0; j < n; ++j) {
        gradient[i] += matrix_[i * n + j] * w[j];
        value += w[i] * matrix_[i * n + j] * w[j] / 2;
      }
    }
    return value + std::exp(mean);
  }
  double EvaluateWithHessian(const double* w, double* gradient, double* hessian) override {
    const std::int64_t n = size();
    double mean = 0;
    for (std::int64_t i = 0; i < n; ++i) mean += w[i] / static_cast<double>(n);
    for (std::int64_t i = 0; i < n * n; ++i)
      hessian[i] = matrix_[i] + std::exp(mean) / static_cast<double>(n * n);
    return Evaluate(w, gradient);
  }
  const Numbers& l1() const noexcept override { return l1_; }
  double Violation(const double* w, const double* gradient) const override {
    double worst = 0;
    for (std::size_t i = 0; i < l1_.size(); ++i)
      worst = std::max(worst, Subgradient(w[i], gradient[i], l1_[i]));
    return worst;
  }

 private:
  Numbers matrix_, side_, l1_;
};

}  // namespace

TEST_CASE("a model that remembers steps is the matrix of BFGS, entry by entry") {
  constexpr std::int64_t n = 6;
  const Numbers truth = Definite(n, 0.5);
  for (const bool dense : {true, false}) {
    Numbers start(static_cast<std::size_t>(n * n));
    Numbers diagonal;
    for (std::int64_t i = 0; i < n; ++i) {
      diagonal.push_back(1 + static_cast<double>(i));
      start[i * n + i] = diagonal[i];
    }
    QuadraticModel model =
        dense ? QuadraticModel::Dense(start, n) : QuadraticModel::Diagonal(diagonal);
    for (std::uint64_t pair = 0; pair < 3; ++pair) {
      const Numbers s = Some(n, 20 + pair);
      Numbers y(n);
      for (std::int64_t i = 0; i < n; ++i) {
        for (std::int64_t j = 0; j < n; ++j) y[i] += truth[i * n + j] * s[j];
      }
      model.Remember(s, y);
      if (dense) Update(start, s, y);
      // B s = y for the last step, whatever the start.
      for (std::int64_t i = 0; i < n; ++i) {
        double image = 0;
        for (std::int64_t j = 0; j < n; ++j) image += model.Entry(i, j) * s[j];
        CHECK(image == doctest::Approx(y[i]).epsilon(1e-9));
        CHECK(model.Curvature(i) == doctest::Approx(model.Entry(i, i)).epsilon(1e-12));
        if (!dense) continue;
        for (std::int64_t j = 0; j < n; ++j)
          CHECK(model.Entry(i, j) == doctest::Approx(start[i * n + j]).epsilon(1e-9));
      }
    }
    const Numbers gradient = Some(n, 30);
    model.Start(gradient);
    model.Move(2, 0.5);
    model.Move(4, -2);
    for (std::int64_t i = 0; i < n; ++i) {
      const double slope = gradient[i] + 0.5 * model.Entry(i, 2) - 2 * model.Entry(i, 4);
      CHECK(model.Slope(i) == doctest::Approx(slope).epsilon(1e-9));
    }
    model.Forget();
    CHECK(model.Entry(1, 1) == 2);
    CHECK(model.Entry(1, 2) == 0);
  }
}

TEST_CASE("steps that say nothing change no model") {
  QuadraticModel model = QuadraticModel::Diagonal({1, 2});
  model.Remember({0, 0}, {1, 1});
  model.Remember({1, 1}, {-1, -1});
  model.Remember({1, 0}, {0, 1});
  model.Remember({1, 0}, {std::numeric_limits<double>::quiet_NaN(), 1});
  CHECK(model.rank() == 0);
  CHECK(model.Curvature(1) == 2);
}

TEST_CASE("proximal Newton reaches the minimum from matrices, diagonals and bad starts") {
  for (const std::int64_t n : {1, 2, 5, 40}) {
    for (const double ridge : {1.0, 1e-3}) {
      for (const double l1 : {1e-3, 0.1, 10.0}) {
        Numbers weights(static_cast<std::size_t>(n), l1);
        weights[0] = 0;
        for (const int kind : {0, 1, 2}) {
          Bowl bowl(Definite(n, ridge), Some(n, 11), weights);
          SolverPoint point(kind == 2 ? Numbers(static_cast<std::size_t>(n), 3.0)
                                      : Numbers(static_cast<std::size_t>(n)));
          ProximalOptions options;
          options.tol = 1e-10;
          options.max_iter = 2000;
          QuadraticModel model =
              QuadraticModel::Diagonal(Numbers(static_cast<std::size_t>(n), 1.0));
          point.Evaluate(bowl);
          if (kind > 0) {
            options.renew_after = kind;
            options.renew = [&](SolverPoint& at) {
              Numbers matrix(static_cast<std::size_t>(n * n));
              at.value = bowl.EvaluateWithHessian(at.w.data(), at.gradient.data(), matrix.data());
              return QuadraticModel::Dense(std::move(matrix), n);
            };
            model = options.renew(point);
          }
          const SolverResult result = ProximalNewton(bowl, options, model, point);
          INFO("n " << n << ", ridge " << ridge << ", l1 " << l1 << ", kind " << kind);
          CHECK((result.converged || result.at_floor));
          CHECK(bowl.Violation(point.w.data(), point.gradient.data()) <= (kind == 0 ? 1e-6 : 1e-8));
          if (l1 == 10) {
            for (std::int64_t i = 1; i < n; ++i) CHECK(point.w[i] == 0);
          }
        }
      }
    }
  }
}
