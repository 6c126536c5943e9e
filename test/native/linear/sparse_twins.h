#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.h"
#include "linear/linear_store.h"
#include "linear/sparse_store.h"
#include "test_context.h"

namespace treeline {

inline constexpr std::int64_t kCols = 7;

/// A table with empty rows, an empty column, explicit zeros and a column without a zero: dense and
/// sparse.
struct Twins {
  std::int64_t rows;
  std::vector<double> x;
  std::vector<double> starts{0};
  std::vector<std::int32_t> columns;
  std::vector<double> values;
  LinearStore dense{FeatureLabels("X", {}, kCols)};
  SparseStore sparse{FeatureLabels("X", {}, kCols)};

  explicit Twins(std::int64_t n_rows, std::int64_t chunk = 1000)
      : rows(n_rows), x(static_cast<std::size_t>(n_rows * kCols)) {
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t j = 0; j < kCols; ++j) {
        const bool is_there = j == 6 || (j != 3 && i % 11 != 0 && RandomUniform(1, j, i) < 0.2);
        if (!is_there) continue;
        const bool is_zero = j == 2 && i % 5 == 0;
        const double scale = std::pow(10, static_cast<double>(j % 3) - 1);
        const double value =
            is_zero ? 0 : (RandomUniform(2, j, i) - 0.3) * scale + (j == 6 ? 5 : 0);
        x[i * kCols + j] = value;
        columns.push_back(static_cast<std::int32_t>(j));
        values.push_back(value);
      }
      starts.push_back(static_cast<double>(values.size()));
    }
    TestContext context(2);
    Block block;
    block.rows = rows;
    for (std::int64_t j = 0; j < kCols; ++j) {
      Column column;
      column.values = x.data() + j;
      column.stride = kCols;
      block.columns.push_back(column);
    }
    dense.Push(block, context.ctx);
    dense.Finish();
    for (std::int64_t first = 0; first < rows; first += chunk)
      sparse.PushSparse(View(first, std::min(chunk, rows - first)));
    sparse.Finish(context.ctx);
  }

  SparseView View(std::int64_t first, std::int64_t count) const {
    SparseView view;
    view.rows = count;
    view.first_row = first;
    view.cols = kCols;
    view.starts.values = starts.data() + first;
    view.columns.type = DType::kInt32;
    view.columns.values = columns.data();
    view.values.values = values.data();
    view.entries = static_cast<std::int64_t>(values.size());
    return view;
  }
};

/// Equal but for rounding, beside the largest entry.
inline void CheckClose(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (const double x : b) largest = std::max(largest, std::abs(x));
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(std::abs(a[i] - b[i]) <= 1e-11 * largest);
}

}  // namespace treeline
