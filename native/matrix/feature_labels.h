#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "matrix/block.h"
#include "matrix/reblock.h"
#include "matrix/sparse_block.h"

namespace treeline {

/// What error messages call a table and its columns.
class FeatureLabels {
 public:
  /// `where` starts every message ("LogisticRegression.fit: X"); `names` is empty where the columns
  /// have none.
  FeatureLabels(std::string where, std::vector<std::string> names, std::int64_t n_features)
      : where_(std::move(where)), names_(std::move(names)), n_features_(n_features) {}

  std::int64_t size() const noexcept { return n_features_; }
  const std::string& where() const noexcept { return where_; }
  /// `column 3`, or `column 3 ("Amount")`.
  std::string Name(std::int64_t column) const;

  /// Throws Error{kInvalidData} for the first value (by row, then by column) of rows
  /// [begin, begin + count) that is NaN or infinite; returns if there is none. Slow: for after a
  /// sum came out as NaN.
  void RefuseNonFinite(const Block& block, std::int64_t begin, std::int64_t count) const;
  /// The same for one value.
  void RefuseNonFinite(double value, std::int64_t row, std::int64_t column) const {
    if (!std::isfinite(value)) Refuse(value, row, column);
  }
  /// The same for the rows of a slot or of a block, for infinities only.
  void RefuseInfinite(const Slot<double>& slot) const;
  void RefuseInfinite(const Block& block) const;
  void RefuseInfinite(const SparseBlock& block) const;
  /// Throws Error{kInvalidData}: the squares of a column's finite values overflow.
  [[noreturn]] void RefuseTooLarge(std::int64_t column) const;

 private:
  [[noreturn]] void Refuse(double value, std::int64_t row, std::int64_t column) const;

  std::string where_;
  std::vector<std::string> names_;
  std::int64_t n_features_;
};

}  // namespace treeline
