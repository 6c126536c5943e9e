#include "matrix/feature_labels.h"

#include <cmath>

#include "core/error.h"

namespace treeline {

std::string FeatureLabels::Name(std::int64_t column) const {
  std::string name = "column " + std::to_string(column);
  if (column < static_cast<std::int64_t>(names_.size())) name += " (\"" + names_[column] + "\")";
  return name;
}

void FeatureLabels::Refuse(double value, std::int64_t row, std::int64_t column) const {
  const bool missing = std::isnan(value);
  const char* what = missing ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  const char* advice = missing ? "impute missing values or drop such rows first"
                               : "replace such values or drop such rows first";
  throw Error(ErrorCode::kInvalidData, where_ + " contains " + what + " in row " +
                                           std::to_string(row) + ", " + Name(column) + ": " +
                                           advice);
}

void FeatureLabels::RefuseNonFinite(const Block& block, std::int64_t begin,
                                    std::int64_t count) const {
  for (std::int64_t row = begin; row < begin + count; ++row) {
    for (std::int64_t j = 0; j < block.cols(); ++j) {
      double value = 0;
      ReadColumn(block.columns[j], row, 1, &value);
      if (!std::isfinite(value)) Refuse(value, block.first_row + row, j);
    }
  }
}

void FeatureLabels::RefuseInfinite(const Slot<double>& slot) const {
  for (std::int64_t i = 0; i < slot.rows; ++i) {
    for (std::int64_t j = 0; j < slot.cols; ++j) {
      const double value = slot.column(j)[i];
      if (std::isinf(value)) Refuse(value, slot.index * kSlotRows + i, j);
    }
  }
}

void FeatureLabels::RefuseInfinite(const Block& block) const {
  for (std::int64_t row = 0; row < block.rows; ++row) {
    for (std::int64_t j = 0; j < block.cols(); ++j) {
      double value = 0;
      ReadColumn(block.columns[j], row, 1, &value);
      if (std::isinf(value)) Refuse(value, block.first_row + row, j);
    }
  }
}

void FeatureLabels::RefuseInfinite(const SparseBlock& block) const {
  std::int64_t row = block.rows(), column = 0;
  double value = 0;
  for (std::int64_t j = 0; j < block.cols(); ++j) {
    const SparseEntries entries = block.column(j);
    for (std::size_t k = 0; k < entries.size() && entries.rows[k] < row; ++k) {
      if (!std::isinf(entries.values[k])) continue;
      row = entries.rows[k];
      column = j;
      value = entries.values[k];
    }
  }
  if (row < block.rows()) Refuse(value, block.first_row() + row, column);
}

void FeatureLabels::RefuseTooLarge(std::int64_t column) const {
  throw Error(ErrorCode::kInvalidData, where_ + " has values too large to square in " +
                                           Name(column) + ": scale it down first");
}

}  // namespace treeline
