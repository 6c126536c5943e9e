#include "chunked/statistics.h"

#include <algorithm>
#include <cmath>

#include "simd/kernels.h"

namespace treeline {

namespace {

/// One vector of numbers for each field of the partials of all columns.
template <typename Partial>
std::vector<std::vector<double>> Fields(const std::vector<Partial>& partials,
                                        std::initializer_list<double Partial::*> fields) {
  std::vector<std::vector<double>> result;
  for (const auto field : fields) {
    std::vector<double> values;
    values.reserve(partials.size());
    for (const Partial& partial : partials) values.push_back(partial.*field);
    result.push_back(std::move(values));
  }
  return result;
}

}  // namespace

SumPartial SumReduction::Reduce(const SlotColumn& column) const noexcept {
  SumPartial part;
  simd::Active().tape.sum(column.values, column.rows, &part.sum, &part.count);
  return part;
}

void SumReduction::MergeInto(SumPartial& total, const SumPartial& part) const noexcept {
  const double sum = total.sum + part.sum;
  total.lost += std::fabs(total.sum) >= std::fabs(part.sum) ? (total.sum - sum) + part.sum
                                                            : (part.sum - sum) + total.sum;
  total.sum = sum;
  total.count += part.count;
}

std::vector<std::vector<double>> SumReduction::Result() {
  std::vector<std::vector<double>> result = Fields(total(), {&SumPartial::sum, &SumPartial::count});
  for (std::size_t j = 0; j < total().size(); ++j) {
    // An infinite sum has lost NaN: infinity - infinity.
    if (std::isfinite(total()[j].lost)) result[0][j] += total()[j].lost;
  }
  return result;
}

Moments MomentsReduction::Reduce(const SlotColumn& column) const noexcept {
  Moments moments;
  std::int64_t count = 0;
  simd::Active().moments.column_moments(column.values, column.rows, &count, &moments.mean,
                                        &moments.m2);
  moments.count = static_cast<double>(count);
  return moments;
}

void MomentsReduction::MergeInto(Moments& total, const Moments& part) const noexcept {
  Merge(total, part);
}

std::vector<std::vector<double>> MomentsReduction::Result() {
  return Fields(total(), {&Moments::count, &Moments::mean, &Moments::m2});
}

ExtremesPartial ExtremesReduction::Reduce(const SlotColumn& column) const noexcept {
  ExtremesPartial part;
  const simd::TapeKernels& kernels = simd::Active().tape;
  kernels.extremes(column.values, column.rows, &part.least, &part.greatest, &part.count);
  const auto first = static_cast<double>(column.first_row);
  const auto row = [&](double value) {
    return first + static_cast<double>(kernels.find(column.values, column.rows, value));
  };
  if (part.count > 0) {
    part.least_row = row(part.least);
    part.greatest_row = row(part.greatest);
  }
  if (part.count < static_cast<double>(column.rows)) {
    const double* const nan =
        std::find_if(column.values, column.values + column.rows, [](double x) { return x != x; });
    part.nan_row = first + static_cast<double>(nan - column.values);
  }
  return part;
}

void ExtremesReduction::MergeInto(ExtremesPartial& total,
                                  const ExtremesPartial& part) const noexcept {
  if (total.nan_row < 0) total.nan_row = part.nan_row;
  if (part.count > 0 && (total.count == 0 || part.least < total.least)) {
    total.least = part.least;
    total.least_row = part.least_row;
  }
  if (part.count > 0 && (total.count == 0 || part.greatest > total.greatest)) {
    total.greatest = part.greatest;
    total.greatest_row = part.greatest_row;
  }
  total.count += part.count;
}

std::vector<std::vector<double>> ExtremesReduction::Result() {
  return Fields(total(), {&ExtremesPartial::least, &ExtremesPartial::least_row,
                          &ExtremesPartial::greatest, &ExtremesPartial::greatest_row,
                          &ExtremesPartial::nan_row, &ExtremesPartial::count});
}

}  // namespace treeline
