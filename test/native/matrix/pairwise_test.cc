#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"
#include "matrix/pairwise_map.h"
#include "simd/kernels.h"
#include "test_context.h"

using namespace treeline;

namespace {

std::vector<double> Draw(std::int64_t n, std::uint64_t stream) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = RandomUniform(6, stream, i) - 0.5;
  return values;
}

double Naive(Pairwise kind, const double* x, const double* y, std::int64_t n, double gamma) {
  long double square = 0;
  long double absolute = 0;
  long double product = 0;
  long double xx = 0;
  long double yy = 0;
  for (std::int64_t j = 0; j < n; ++j) {
    square += (x[j] - static_cast<long double>(y[j])) * (x[j] - static_cast<long double>(y[j]));
    absolute += std::abs(x[j] - static_cast<long double>(y[j]));
    product += static_cast<long double>(x[j]) * y[j];
    xx += static_cast<long double>(x[j]) * x[j];
    yy += static_cast<long double>(y[j]) * y[j];
  }
  const long double cosine = product / std::sqrt(xx * yy);
  switch (kind) {
    case Pairwise::kEuclidean: return static_cast<double>(std::sqrt(square));
    case Pairwise::kSquaredEuclidean: return static_cast<double>(square);
    case Pairwise::kManhattan: return static_cast<double>(absolute);
    case Pairwise::kCosine: return static_cast<double>(1 - cosine);
    case Pairwise::kCosineSimilarity: return static_cast<double>(cosine);
    case Pairwise::kRbf: return static_cast<double>(std::exp(-gamma * square));
    case Pairwise::kLaplacian: return static_cast<double>(std::exp(-gamma * absolute));
  }
  return 0;
}

}  // namespace

TEST_CASE("sums of absolute differences are their naive twin, the same bits on every set") {
  constexpr std::int64_t kStride = simd::kPairwiseLanes + 3;
  for (const simd::Kernels* kernels : simd::Supported()) {
    CAPTURE(std::string(kernels->isa));
    for (const std::int64_t cols : {0, 1, 2, 17}) {
      const std::vector<double> row = Draw(cols + 1, 1);
      const std::vector<double> others = Draw(cols * kStride + 1, 2);
      std::vector<double> out(simd::kPairwiseLanes);
      kernels->pairwise.absolute_distances(row.data(), cols, others.data(), kStride, out.data());
      for (int lane = 0; lane < simd::kPairwiseLanes; ++lane) {
        double sum = 0;
        for (std::int64_t j = 0; j < cols; ++j)
          sum += std::abs(row[j] - others[j * kStride + lane]);
        CHECK(out[lane] == sum);
      }
    }
  }
}

TEST_CASE(
    "rows against rows are their naive twins, any number of both, on one thread and on three") {
  constexpr double kGamma = 0.7;
  for (const Pairwise kind :
       {Pairwise::kEuclidean, Pairwise::kSquaredEuclidean, Pairwise::kManhattan, Pairwise::kCosine,
        Pairwise::kCosineSimilarity, Pairwise::kRbf, Pairwise::kLaplacian}) {
    for (const std::int64_t cols : {1, 5, 300}) {
      for (const std::int64_t n : {1, 16, 33}) {
        CAPTURE(static_cast<int>(kind));
        CAPTURE(cols);
        CAPTURE(n);
        const std::int64_t rows = 601;
        const std::vector<double> x = Draw(rows * cols, 3);
        const std::vector<double> others = Draw(n * cols, 4);
        Block block;
        block.rows = rows;
        for (std::int64_t j = 0; j < cols; ++j) block.columns.push_back({x.data() + j, cols});
        const PairwiseMap map(FeatureLabels("test", {}, cols), others, kind, kGamma);
        std::vector<double> out(static_cast<std::size_t>(rows * n));
        std::vector<double> same(out.size());
        map.Apply(block, out.data(), TestContext(1).ctx);
        map.Apply(block, same.data(), TestContext(3).ctx);
        CHECK(out == same);
        double worst = 0;
        for (std::int64_t i = 0; i < rows; i += 7) {
          for (std::int64_t c = 0; c < n; ++c) {
            const double expected =
                Naive(kind, x.data() + i * cols, others.data() + c * cols, cols, kGamma);
            worst = std::max(
                worst, std::abs(out[i * n + c] - expected) / std::max(1.0, std::abs(expected)));
          }
        }
        CHECK(worst < 1e-13);
      }
    }
  }
}
