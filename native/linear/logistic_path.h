#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "linear/logistic_map.h"
#include "linear/logistic_regression.h"

namespace treeline {

/// What a row is to a fold.
enum class FoldRole : std::uint8_t { kNone = 0, kTrain = 1, kTest = 2 };

/// What cross-validation is to try: every c with every ratio on every fold.
struct LogisticGrid {
  std::vector<double> cs;
  std::vector<double> l1_ratios;
  std::vector<std::uint8_t> roles;  // n_folds x rows: FoldRole
  std::int64_t n_folds = 0;
};

/// Models of every fold, ratio and c, in this order.
struct LogisticPaths {
  std::vector<double> coef;       // each n_outputs x cols
  std::vector<double> intercept;  // each n_outputs
  std::vector<double> n_iter;
  bool converged = true;  // all of them
  double violation = 0;   // the largest
};

/// Fits the models of a grid on the rows to learn from of every fold, each from the one of the c
/// before. Folds are ways to read one table: no row is copied. `options`: all but c and l1_ratio.
LogisticPaths FitLogisticPaths(const LinearTable& table, const std::vector<std::int32_t>& codes,
                               const std::vector<double>& weights, std::int64_t n_classes,
                               const LogisticOptions& options, const LogisticGrid& grid,
                               const Context& ctx);

/// What a model says of the rows whose role (one a row) is kTest, in their order.
std::vector<double> TestOutputs(const LinearTable& table, const std::vector<std::uint8_t>& roles,
                                const LogisticMap& model, const Context& ctx);

}  // namespace treeline
