#include "matrix/gemm.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "core/random.h"
#include "simd/kernels.h"
#include "test_context.h"

using namespace treeline;

namespace {

template <typename T>
std::vector<T> Draw(std::int64_t n, std::uint64_t stream) {
  std::vector<T> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<T>(RandomUniform(3, stream, i) - 0.5);
  return values;
}

/// The naive twin of a sum over the inner dimension: blocks of kGemmDepth fused chains, in order.
template <typename T>
T NaiveElement(const MatrixView<T>& a, const MatrixView<T>& b, std::int64_t i, std::int64_t j,
               Into into, T c) {
  T total = into == Into::kReplace ? T{0} : c;
  for (std::int64_t begin = 0; begin < a.cols; begin += simd::kGemmDepth) {
    T chain = 0;
    for (std::int64_t k = begin; k < std::min(a.cols, begin + simd::kGemmDepth); ++k) {
      const T left = into == Into::kSubtract ? -a.at(i, k) : a.at(i, k);
      chain = std::fma(left, b.at(k, j), chain);
    }
    total = begin == 0 && into == Into::kReplace ? chain : total + chain;
  }
  return total;
}

bool Same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

template <typename T>
void CheckProduct(std::int64_t m, std::int64_t n, std::int64_t k, bool transpose_a,
                  bool transpose_b, Into into, int n_jobs) {
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  const std::vector<T> a_values = Draw<T>(m * k, 1);
  const std::vector<T> b_values = Draw<T>(k * n, 2);
  const MatrixView<T> a =
      transpose_a ? RowMajor(a_values.data(), k, m).Transposed() : RowMajor(a_values.data(), m, k);
  const MatrixView<T> b =
      transpose_b ? RowMajor(b_values.data(), n, k).Transposed() : RowMajor(b_values.data(), k, n);
  const std::int64_t stride = n + 3;
  const std::vector<T> before = Draw<T>(m * stride, 4);
  std::vector<T> c = before;
  const TestContext test(n_jobs);
  Gemm(a, b, into, c.data(), stride, test.ctx);
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < stride; ++j) {
      const T old = before[i * stride + j];
      const T expected = j < n ? NaiveElement(a, b, i, j, into, old) : old;
      wrong += Same(c[i * stride + j], expected) ? 0 : 1;
    }
  }
  CHECK(wrong == 0);
}

/// One register tile against its naive twin, in the layouts that are used.
template <typename T>
void CheckTile(const simd::GemmKernels& kernels, std::int64_t cols,
               void (*run)(const simd::GemmTile<T>&), std::int64_t depth, bool packed, bool add,
               std::int64_t wanted) {
  const std::int64_t rows = kernels.rows;
  const std::vector<T> a = Draw<T>(rows * std::max<std::int64_t>(depth, 1) + rows, 5);
  const std::vector<T> b = Draw<T>(cols * depth, 6);
  std::vector<T> c = Draw<T>(rows * (cols + 1), 7);
  const std::vector<T> before = c;
  const std::int64_t a_row = packed ? 1 : depth + 1;
  const std::int64_t a_depth = packed ? rows : 1;
  run({depth, a.data(), a_row, a_depth, b.data(), c.data(), cols + 1, add, wanted});
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < wanted; ++j) {
      T chain = 0;
      for (std::int64_t k = 0; k < depth; ++k)
        chain = std::fma(a[i * a_row + k * a_depth], b[k * cols + j], chain);
      const T expected = add ? before[i * (cols + 1) + j] + chain : chain;
      CHECK(Same(c[i * (cols + 1) + j], expected));
    }
    CHECK(c[i * (cols + 1) + cols] == before[i * (cols + 1) + cols]);
  }
}

}  // namespace

TEST_CASE("a register tile is its naive twin, the same bits on every instruction set") {
  for (const simd::Kernels* kernels : simd::Supported()) {
    CAPTURE(std::string(kernels->isa));
    for (const std::int64_t depth : {0, 1, 2, 7, 256}) {
      CAPTURE(depth);
      for (const bool packed : {false, true}) {
        for (const bool add : {false, true}) {
          const simd::GemmKernels& gemm = kernels->gemm;
          for (std::int64_t wanted = 1; wanted <= gemm.cols_f32; wanted += depth > 7 ? 5 : 1) {
            CheckTile<float>(gemm, gemm.cols_f32, gemm.tile_f32, depth, packed, add, wanted);
            if (wanted > gemm.cols_f64) continue;
            CheckTile<double>(gemm, gemm.cols_f64, gemm.tile_f64, depth, packed, add, wanted);
          }
          CheckTile<float>(gemm, gemm.cols_f32, gemm.tile_f32, depth, packed, add, gemm.cols_f32);
        }
      }
    }
  }
}

TEST_CASE(
    "rows are packed less their shift and summed, zeros behind them, on every instruction set") {
  for (const simd::Kernels* kernels : simd::Supported()) {
    const std::int64_t cols = kernels->gemm.cols_f64;
    const std::vector<double> x = Draw<double>(5 * (cols + 2), 8);
    const std::vector<float> narrow = Draw<float>(5 * (cols + 2), 8);
    const std::vector<double> shift = Draw<double>(cols, 9);
    for (std::int64_t width = 1; width <= cols; ++width) {
      std::vector<double> panel(static_cast<std::size_t>(5 * cols), 7.0);
      std::vector<double> narrow_panel = panel;
      std::vector<double> sums = Draw<double>(width, 10);
      std::vector<double> narrow_sums = sums;
      std::vector<double> expected_sums = sums;
      for (std::int64_t at = 0; at < 5 * width; ++at)
        expected_sums[at % width] += x[at / width * (cols + 2) + at % width] - shift[at % width];
      kernels->gemm.pack_rows_f64(x.data(), cols + 2, 5, width, shift.data(), panel.data(),
                                  sums.data());
      kernels->gemm.pack_rows_f32(narrow.data(), cols + 2, 5, width, shift.data(),
                                  narrow_panel.data(), narrow_sums.data());
      CHECK(sums == expected_sums);
      for (std::int64_t j = 0; j < width; ++j)
        CHECK(narrow_sums[j] == doctest::Approx(sums[j]).epsilon(1e-5));
      for (std::int64_t i = 0; i < 5; ++i) {
        for (std::int64_t j = 0; j < cols; ++j) {
          const std::int64_t at = i * (cols + 2) + j;
          CHECK(panel[i * cols + j] == (j < width ? x[at] - shift[j] : 0.0));
          CHECK(narrow_panel[i * cols + j] ==
                (j < width ? static_cast<double>(narrow[at]) - shift[j] : 0.0));
        }
      }
    }
  }
}

TEST_CASE("products of all shapes around the edges of tiles and blocks are their naive twins") {
  for (const std::int64_t m : {0, 1, 3, 8, 9, 97}) {
    for (const std::int64_t n : {0, 1, 15, 16, 17, 33}) {
      for (const std::int64_t k : {0, 1, 5, 255, 256, 257, 513}) {
        CheckProduct<double>(m, n, k, false, false, Into::kReplace, 1);
        if (m * n * k < 9 * 17 * 257) CheckProduct<float>(m, n, k, false, false, Into::kReplace, 1);
      }
    }
  }
}

TEST_CASE("transposed, added and subtracted products, on one thread and on three") {
  for (const int n_jobs : {1, 3}) {
    for (const Into into : {Into::kReplace, Into::kAdd, Into::kSubtract}) {
      for (const bool transpose_a : {false, true}) {
        for (const bool transpose_b : {false, true}) {
          CheckProduct<double>(101, 43, 270, transpose_a, transpose_b, into, n_jobs);
          CheckProduct<float>(50, 67, 30, transpose_a, transpose_b, into, n_jobs);
        }
      }
    }
    CheckProduct<double>(3, 4200, 2, false, false, Into::kReplace, n_jobs);
  }
}

TEST_CASE("dot, axpy and rotate are their naive twins, the same bits on every instruction set") {
  const std::vector<double> x = Draw<double>(3 * simd::kVectorLanes + 2, 10);
  const std::vector<double> y = Draw<double>(3 * simd::kVectorLanes + 2, 11);
  for (std::int64_t n = 0; n <= 2 * simd::kVectorLanes + 1; ++n) {
    long double exact = 0;
    for (std::int64_t i = 0; i < n; ++i) exact += static_cast<long double>(x[i + 1]) * y[i];
    const double first = simd::Supported()[0]->vectors.dot(x.data() + 1, y.data(), n);
    for (const simd::Kernels* kernels : simd::Supported()) {
      const double sum = kernels->vectors.dot(x.data() + 1, y.data(), n);
      CHECK(Same(sum, first));
      CHECK(std::abs(sum - static_cast<double>(exact)) < 1e-14);
      std::vector<double> a = x;
      std::vector<double> b = y;
      kernels->vectors.axpy(0.3, x.data() + 1, n, b.data());
      kernels->vectors.rotate(0.6, 0.8, n, a.data(), b.data() + 1);
      std::vector<double> expected_a = x;
      std::vector<double> expected_b = y;
      for (std::int64_t i = 0; i < n; ++i) expected_b[i] += 0.3 * x[i + 1];
      for (std::int64_t i = 0; i < n; ++i) {
        const double u = expected_a[i];
        const double v = expected_b[i + 1];
        expected_a[i] = 0.6 * u - 0.8 * v;
        expected_b[i + 1] = 0.8 * u + 0.6 * v;
      }
      CHECK(a == expected_a);
      CHECK(b == expected_b);
    }
  }
}

TEST_CASE("the nearest centre is the first of least distance, on every instruction set") {
  constexpr std::int64_t kRows = 9;
  for (const simd::Kernels* kernels : simd::Supported()) {
    const std::int64_t width = kernels->gemm.cols_f64;
    for (std::int64_t centers = 1; centers <= 2 * width + 1; ++centers) {
      const std::int64_t n_panels = (centers + width - 1) / width;
      const std::int64_t stride = (kRows + 2) * width;
      std::vector<double> products = Draw<double>(n_panels * stride, 12);
      for (double& x : products) x = std::round(x * 8);  // many equal ones
      std::vector<double> norms(static_cast<std::size_t>(n_panels * width), HUGE_VAL);
      for (std::int64_t c = 0; c < centers; ++c) norms[c] = static_cast<double>(c % 3);
      std::vector<std::int32_t> label(kRows);
      std::vector<double> score(kRows);
      kernels->clusters.nearest(products.data(), stride, n_panels, kRows, norms.data(),
                                label.data(), score.data(), nullptr);
      std::vector<std::int32_t> label_of_two(kRows);
      std::vector<double> score_of_two(kRows);
      std::vector<double> second(kRows);
      kernels->clusters.nearest(products.data(), stride, n_panels, kRows, norms.data(),
                                label_of_two.data(), score_of_two.data(), second.data());
      CHECK(label_of_two == label);
      CHECK(score_of_two == score);
      for (std::int64_t i = 0; i < kRows; ++i) {
        std::int64_t best = 0;
        double least = HUGE_VAL;
        double next = HUGE_VAL;
        for (std::int64_t c = 0; c < centers; ++c) {
          const double value = products[c / width * stride + i * width + c % width] + norms[c];
          next = std::min(next, std::max(value, least));
          if (value < least) {
            least = value;
            best = c;
          }
        }
        CHECK(second[i] == next);
        CHECK(label[i] == best);
        CHECK(score[i] == least);
      }
    }
  }
}
