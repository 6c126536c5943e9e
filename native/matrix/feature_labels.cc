#include "matrix/feature_labels.h"

#include <cmath>

#include "core/error.h"

namespace treeline {

std::string FeatureLabels::Name(std::int64_t column) const {
  std::string name = "column " + std::to_string(column);
  if (column < static_cast<std::int64_t>(names_.size())) name += " (\"" + names_[column] + "\")";
  return name;
}

void FeatureLabels::RefuseNonFinite(const Block& block, std::int64_t begin,
                                    std::int64_t count) const {
  for (std::int64_t row = begin; row < begin + count; ++row) {
    for (std::int64_t j = 0; j < block.cols(); ++j) {
      double value = 0;
      ReadColumn(block.columns[j], row, 1, &value);
      if (std::isfinite(value)) continue;
      const char* what = std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
      throw Error(ErrorCode::kInvalidData, where_ + " contains " + what + " in row " +
                                               std::to_string(block.first_row + row) + ", " +
                                               Name(j) +
                                               ": impute missing values or drop such rows first");
    }
  }
}

}  // namespace treeline
