#pragma once

#include <cstdint>
#include <vector>

#include "matrix/projector.h"

namespace treeline {

/// Rows (the centres of clusters, for example) ready to be compared with many others:
/// |x - c|^2 = |x|^2 + (|c|^2 - 2 x.c), the products by register tiles.
class Centers {
 public:
  /// `values`: n x cols, row-major.
  Centers(const std::vector<double>& values, std::int64_t cols);

  std::int64_t size() const noexcept { return n_; }
  std::int64_t cols() const noexcept { return projector_.n_inputs(); }
  const std::vector<double>& values() const noexcept { return values_; }

  /// The nearest centre (the first of equals) of each of `count` rows, row-major, readable up to
  /// the next multiple of Projector::RowStep(); score: |c|^2 - 2 x.c; second, unless nullptr: the
  /// least score of the other centres, infinite where there are none.
  void Nearest(const double* rows, std::int64_t count, std::int32_t* label, double* score,
               double* second = nullptr) const;

  /// x.c for each of `count` rows and every centre: count x size(), row-major.
  void Products(const double* rows, std::int64_t count, double* out) const;

  /// |x - c|^2 for each of `count` rows and every centre: count x size(), row-major. Distances that
  /// are small beside the numbers they are a difference of are computed again without one.
  void SquaredDistances(const double* rows, std::int64_t count, double* out) const;

 private:
  template <typename Use>
  void ForTiles(const double* rows, std::int64_t count, const Use& use) const;

  std::int64_t n_;
  std::vector<double> values_;
  std::vector<double> norms_;  // infinite behind the last centre
  Projector projector_;
};

/// |a - b|^2
double SquaredDistance(const double* a, const double* b, std::int64_t n) noexcept;

}  // namespace treeline
