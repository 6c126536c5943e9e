#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/reblock.h"

namespace treeline {

/// The classes and weights of a table's rows: what every naive Bayes sink is given before the first
/// block.
struct ClassRows {
  std::int64_t n_classes = 0;
  std::vector<std::int32_t> codes;  // one a row of the table, in [0, n_classes)
  std::vector<double> weights;      // one a row, or none: all weigh 1

  /// Throws Error{kInvalidData} if the table has more rows than there are codes.
  void CheckRows(std::int64_t rows, const FeatureLabels& labels) const;
};

/// The rows of a slot in the order of their classes, so that a class's values of a column can be
/// gathered into one run. The order within a class is that of the rows.
class ClassOrder {
 public:
  ClassOrder(const ClassRows& rows, std::int64_t first_row, std::int64_t n_rows);

  struct Run {
    std::int64_t code;
    std::int64_t begin;
    std::int64_t count;
  };
  /// The classes the slot has, ascending.
  std::span<const Run> runs() const noexcept { return runs_; }
  /// Weights in the order of the classes; empty: all weigh 1.
  std::span<const double> weights() const noexcept { return weights_; }

  /// A column of the slot in the order of the classes; `out` has room for kSlotRows values.
  void Gather(const double* column, double* out) const noexcept;

 private:
  std::vector<std::int32_t> order_;
  std::vector<double> weights_;
  std::vector<Run> runs_;
};

/// Orders of a batch of slots, made in parallel.
std::vector<ClassOrder> OrdersOf(const ClassRows& rows, std::span<const Slot<double>> slots,
                                 const Context& ctx);

/// Throws Error{kInvalidData} for the first NaN or infinity of the slots, by row; returns if there
/// is none.
void RefuseNonFinite(const FeatureLabels& labels, std::span<const Slot<double>> slots);

}  // namespace treeline
