#include "bins/bin_mapper.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace treeline {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <typename T, typename Convert>
void FillTable(const std::vector<double>& thresholds, simd::BinTable<T>& table, Convert convert) {
  constexpr T kEnd = std::numeric_limits<T>::infinity();
  std::fill(std::begin(table.fine), std::end(table.fine), kEnd);
  std::transform(thresholds.begin(), thresholds.end(), table.fine, convert);
  for (int i = 0; i < 15; ++i) table.coarse[i] = table.fine[16 * i + 15];
  table.coarse[15] = kEnd;
  table.n_thresholds = static_cast<std::int32_t>(thresholds.size());
}

/// The number of sorted bounds below each value (any for NaN), by halving; values go together, so
/// that their look-ups do not wait for one another.
template <typename T>
void CountBelow(const std::vector<double>& bounds, const T* x, std::int64_t n,
                std::uint16_t* counts) noexcept {
  constexpr std::int64_t kTogether = 16;
  for (std::int64_t begin = 0; begin < n; begin += kTogether) {
    const std::int64_t count = std::min(kTogether, n - begin);
    const double* first[kTogether];
    std::fill_n(first, count, bounds.data());
    std::size_t left = bounds.size();
    while (left > 0) {
      const std::size_t half = (left + 1) / 2;
      for (std::int64_t i = 0; i < count; ++i) {
        if (first[i][half - 1] < static_cast<double>(x[begin + i])) first[i] += half;
      }
      left -= half;
    }
    for (std::int64_t i = 0; i < count; ++i)
      counts[begin + i] = static_cast<std::uint16_t>(first[i] - bounds.data());
  }
}

}  // namespace

float FloorToFloat(double threshold) noexcept {
  if (threshold > static_cast<double>(std::numeric_limits<float>::max())) {
    return threshold == kInfinity ? std::numeric_limits<float>::infinity()
                                  : std::numeric_limits<float>::max();
  }
  const auto rounded = static_cast<float>(threshold);
  return static_cast<double>(rounded) > threshold
             ? std::nextafter(rounded, -std::numeric_limits<float>::infinity())
             : rounded;
}

BinMapper::BinMapper(std::vector<std::vector<double>> thresholds,
                     std::vector<Categories> categories)
    : thresholds_(std::move(thresholds)),
      categories_(std::move(categories)),
      float_tables_(thresholds_.size()),
      double_tables_(thresholds_.size()) {
  for (std::int64_t feature = 0; feature < n_features(); ++feature) {
    if (is_wide(feature)) continue;
    FillTable(Bounds(feature), float_tables_[feature], FloorToFloat);
    FillTable(Bounds(feature), double_tables_[feature], [](double t) { return t; });
  }
}

double BinMapper::UpperBound(std::int64_t feature, int bin) const noexcept {
  const std::vector<double>& thresholds = thresholds_[feature];
  return bin < static_cast<int>(thresholds.size()) ? thresholds[bin] : kInfinity;
}

void BinMapper::Bin(std::int64_t feature, const float* x, std::int64_t n,
                    std::uint8_t* bins) const noexcept {
  simd::Active().binning.bin_floats(float_tables_[feature], x, n, bins);
  if (is_categorical(feature)) ToCategories(feature, x, n, bins);
}

void BinMapper::Bin(std::int64_t feature, const double* x, std::int64_t n,
                    std::uint8_t* bins) const noexcept {
  simd::Active().binning.bin_doubles(double_tables_[feature], x, n, bins);
  if (is_categorical(feature)) ToCategories(feature, x, n, bins);
}

void BinMapper::Bin(std::int64_t feature, const float* x, std::int64_t n,
                    std::uint16_t* bins) const noexcept {
  BinWords(feature, x, n, bins);
}

void BinMapper::Bin(std::int64_t feature, const double* x, std::int64_t n,
                    std::uint16_t* bins) const noexcept {
  BinWords(feature, x, n, bins);
}

template <typename T>
void BinMapper::BinWords(std::int64_t feature, const T* x, std::int64_t n,
                         std::uint16_t* bins) const noexcept {
  CountBelow(Bounds(feature), x, n, bins);
  const auto missing = static_cast<std::uint16_t>(MissingBin(n_bins(feature)));
  for (std::int64_t i = 0; i < n; ++i) {
    if (std::isnan(x[i])) bins[i] = missing;
  }
  if (!is_categorical(feature)) return;
  const Categories& categories = categories_[feature];
  const auto unknown = static_cast<std::uint16_t>(categories.unknown_bin());
  for (std::int64_t i = 0; i < n; ++i) {
    const std::size_t bin = bins[i];
    const bool is_known =
        bin < categories.codes.size() && categories.codes[bin] == static_cast<double>(x[i]);
    if (!is_known && !std::isnan(x[i])) bins[i] = unknown;
  }
}

/// From the number of codes below a value to the value's bin: that number if the value is the code
/// there.
template <typename T>
void BinMapper::ToCategories(std::int64_t feature, const T* x, std::int64_t n,
                             std::uint8_t* bins) const noexcept {
  const Categories& categories = categories_[feature];
  const auto n_codes = static_cast<int>(categories.codes.size());
  const auto unknown = static_cast<std::uint8_t>(categories.unknown_bin());
  for (std::int64_t i = 0; i < n; ++i) {
    const int bin = bins[i];
    if (bin == simd::kMissingBin) continue;
    const bool is_known = bin < n_codes && categories.codes[bin] == static_cast<double>(x[i]);
    if (!is_known) bins[i] = unknown;
  }
}

template <typename Bins>
void BinMapper::BinSparse(std::int64_t feature, SparseEntries entries, std::int64_t begin,
                          std::int64_t n, Bins* bins) const noexcept {
  constexpr std::size_t kStrip = 256;
  std::array<Bins, kStrip> strip;
  const double zero = 0;
  Bin(feature, &zero, 1, strip.data());
  std::fill_n(bins, n, strip[0]);
  for (std::size_t first = 0; first < entries.size(); first += kStrip) {
    const std::size_t count = std::min(kStrip, entries.size() - first);
    Bin(feature, entries.values.data() + first, static_cast<std::int64_t>(count), strip.data());
    for (std::size_t k = 0; k < count; ++k) bins[entries.rows[first + k] - begin] = strip[k];
  }
}

template void BinMapper::BinSparse(std::int64_t, SparseEntries, std::int64_t, std::int64_t,
                                   std::uint8_t*) const noexcept;
template void BinMapper::BinSparse(std::int64_t, SparseEntries, std::int64_t, std::int64_t,
                                   std::uint16_t*) const noexcept;

std::size_t BinMapper::bytes() const noexcept {
  return float_tables_.bytes() + double_tables_.bytes() + 255 * 8 * thresholds_.size();
}

bool FitsFloat(const Block& block) noexcept {
  return std::all_of(block.columns.begin(), block.columns.end(), [](const Column& column) {
    switch (column.type) {
      case DType::kFloat64:
      case DType::kInt32:
      case DType::kInt64:
      case DType::kUint32:
      case DType::kUint64: return false;
      default: return true;
    }
  });
}

}  // namespace treeline
