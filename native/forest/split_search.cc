#include "forest/split_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace treeline::forest {

namespace {

/// Nodes of fewer rows look at the bins of their rows only, not at all bins.
constexpr std::int64_t kFewRows = 128;
constexpr std::int64_t kWideShare = 8;

/// A threshold between two neighbouring values: their midpoint, unless rounding makes it the upper
/// one.
double Between(double low, double high) noexcept {
  const double middle = low / 2 + high / 2;
  return middle < high ? middle : low;
}

/// Two classes side by side in one word: one addition a row.
template <typename Bin>
void CountTwo(const Bin* column, std::span<const Entry> entries, std::int32_t* sums) noexcept {
  for (const Entry& entry : entries) {
    std::int32_t* at = sums + 2 * static_cast<std::int64_t>(column[entry.row]);
    std::uint64_t both;
    std::memcpy(&both, at, 8);
    both += static_cast<std::uint64_t>(static_cast<std::uint32_t>(entry.count))
            << (32 * entry.code);
    std::memcpy(at, &both, 8);
  }
}

template <typename Bin>
void CountClasses(const Bin* column, std::span<const Entry> entries, const SumsLayout& layout,
                  std::int32_t* sums) noexcept {
  const std::int64_t width = layout.width();
  for (const Entry& entry : entries) {
    std::int32_t* at = sums + width * column[entry.row];
    at[entry.code] += entry.count;
    if (layout.has_rows) ++at[width - 1];
  }
}

template <typename Bin>
void WeighClasses(const Bin* column, std::span<const Entry> entries, const double* weights,
                  const SumsLayout& layout, double* sums) noexcept {
  const std::int64_t width = layout.width();
  for (const Entry& entry : entries) {
    double* at = sums + width * column[entry.row];
    at[entry.code] += weights[entry.row];
    if (layout.has_rows) at[width - 1] += 1;
  }
}

template <typename Bin>
void AddStats(const Bin* column, std::span<const Entry> entries, const double* stats,
              std::int64_t width, double* sums) noexcept {
  if (width == 2) {
    for (const Entry& entry : entries) {
      double* at = sums + 2 * static_cast<std::int64_t>(column[entry.row]);
      at[0] += stats[0];
      at[1] += stats[1];
      stats += 2;
    }
    return;
  }
  for (const Entry& entry : entries) {
    double* at = sums + width * column[entry.row];
    for (std::int64_t k = 0; k < width; ++k) at[k] += stats[k];
    stats += width;
  }
}

}  // namespace

template <typename T>
SplitSearch<T>::SplitSearch(const BinTable& table, const TreeProblem& problem,
                            const TreeParams& params, const std::vector<double>& class_weights,
                            double min_weight_leaf)
    : table_(table),
      problem_(problem),
      params_(params),
      class_weights_(class_weights),
      min_weight_leaf_(min_weight_leaf) {
  layout_.n_sums = problem.n_values();
  layout_.has_weight = problem.n_classes == 0;
  layout_.has_rows = params.min_samples_leaf > 1;
}

template <typename T>
SearchScratch SplitSearch<T>::MakeScratch() const {
  SearchScratch scratch;
  std::int64_t size = 0, words = 0;
  for (std::int64_t f = 0; f < table_.n_features(); ++f) {
    size = std::max(size, HistogramSize(f));
    words = std::max<std::int64_t>(words, table_.missing_bin(f) / 64 + 1);
  }
  scratch.sums = AlignedBuffer<double>(static_cast<std::size_t>(size));
  std::memset(scratch.sums.data(), 0, scratch.sums.bytes());
  scratch.touched.assign(static_cast<std::size_t>(words), 0);
  scratch.left.resize(static_cast<std::size_t>(layout_.width()));
  scratch.right.resize(static_cast<std::size_t>(layout_.width()));
  return scratch;
}

template <typename T>
void SplitSearch<T>::Fill(std::int64_t feature, const NodeView& node, T* sums) const noexcept {
  table_.WithColumn(feature, [&](const auto* column) {
    if constexpr (sizeof(T) == 4) {
      if (layout_.width() == 2) return CountTwo(column, node.entries, sums);
      CountClasses(column, node.entries, layout_, sums);
    } else if (problem_.n_classes > 0) {
      WeighClasses(column, node.entries, problem_.weights.data(), layout_, sums);
    } else {
      AddStats(column, node.entries, node.stats, layout_.width(), sums);
    }
  });
}

template <typename T>
bool SplitSearch<T>::IsPresent(const T* sums) const noexcept {
  if (layout_.has_weight) return sums[layout_.n_sums] > 0;
  for (std::int64_t k = 0; k < layout_.n_sums; ++k) {
    if (sums[k] != 0) return true;
  }
  return false;
}

template <typename T>
void SplitSearch<T>::ListPresent(std::int64_t feature, const T* sums,
                                 std::vector<int>& present) const {
  const std::int64_t width = layout_.width();
  const int n_bins = table_.n_bins(feature);
  present.resize(static_cast<std::size_t>(n_bins));
  std::size_t n = 0;
  for (int bin = 0; bin < n_bins; ++bin) {
    present[n] = bin;
    n += IsPresent(sums + bin * width) ? 1 : 0;
  }
  present.resize(n);
}

template <typename T>
void SplitSearch<T>::ListTouched(std::int64_t feature, const NodeView& node,
                                 SearchScratch& scratch) const {
  std::vector<int>& present = scratch.present;
  present.clear();
  std::uint64_t* touched = scratch.touched.data();
  const int missing = table_.missing_bin(feature);
  if (!table_.is_wide(feature)) {
    table_.WithColumn(feature, [&](const auto* column) {
      for (const Entry& entry : node.entries) {
        const int bin = column[entry.row];
        touched[bin >> 6] |= std::uint64_t{1} << (bin & 63);
      }
    });
    for (int word = 0; word <= missing >> 6; ++word) {
      for (std::uint64_t bits = std::exchange(touched[word], 0); bits != 0; bits &= bits - 1) {
        const int bin = 64 * word + std::countr_zero(bits);
        if (bin != missing) present.push_back(bin);
      }
    }
    return;
  }
  table_.WithColumn(feature, [&](const auto* column) {
    for (const Entry& entry : node.entries) {
      const int bin = column[entry.row];
      const std::uint64_t bit = std::uint64_t{1} << (bin & 63);
      if ((touched[bin >> 6] & bit) != 0 || bin == missing) continue;
      touched[bin >> 6] |= bit;
      present.push_back(bin);
    }
  });
  for (const int bin : present) touched[bin >> 6] = 0;
  std::sort(present.begin(), present.end());
}

template <typename T>
SplitCandidate SplitSearch<T>::Search(std::int64_t feature, const NodeView& node, const T* sums,
                                      const double* random, SearchScratch& scratch) const {
  ListPresent(feature, sums, scratch.present);
  return SearchPresent(feature, node, sums, random, scratch);
}

template <typename T>
SplitCandidate SplitSearch<T>::FillAndSearch(std::int64_t feature, const NodeView& node,
                                             const double* random, SearchScratch& scratch) const {
  T* sums = reinterpret_cast<T*>(scratch.sums.data());
  const auto n = static_cast<std::int64_t>(node.entries.size());
  const bool is_few =
      table_.is_wide(feature) ? n * kWideShare < table_.n_bins(feature) : n < kFewRows;
  Fill(feature, node, sums);
  if (!is_few) {
    const SplitCandidate found = Search(feature, node, sums, random, scratch);
    std::fill_n(sums, HistogramSize(feature), T{});
    return found;
  }
  ListTouched(feature, node, scratch);
  const SplitCandidate found = SearchPresent(feature, node, sums, random, scratch);
  const std::int64_t width = layout_.width();
  for (const int bin : scratch.present) std::fill_n(sums + bin * width, width, T{});
  std::fill_n(sums + table_.missing_bin(feature) * width, width, T{});
  return found;
}

template <typename T>
SplitCandidate SplitSearch<T>::SearchPresent(std::int64_t feature, const NodeView& node,
                                             const T* sums, const double* random,
                                             SearchScratch& scratch) const {
  SplitCandidate best;
  best.feature = feature;
  const T* missing = sums + table_.missing_bin(feature) * layout_.width();
  best.has_missing = table_.has_missing(feature) && IsPresent(missing);
  const std::size_t n_present = scratch.present.size();
  best.is_constant = n_present == 0 || (n_present == 1 && !best.has_missing);
  if (best.is_constant) return best;
  if (params_.criterion == Criterion::kAbsoluteError)
    scratch.medians.Compute(table_, feature, node.entries, *node.medians, scratch.present);
  if (random != nullptr) {
    DrawSplit(node, sums, missing, random, scratch, best);
  } else {
    SearchBest(node, sums, missing, scratch, best);
  }
  return best;
}

template <typename T>
void SplitSearch<T>::SearchBest(const NodeView& node, const T* sums, const T* missing,
                                SearchScratch& scratch, SplitCandidate& best) const {
  const std::vector<int>& present = scratch.present;
  std::size_t best_place = 0;
  const bool is_plain = sizeof(T) == 4 && layout_.width() == 2 && class_weights_.empty() &&
                        params_.criterion == Criterion::kGini && params_.monotonic.empty() &&
                        min_weight_leaf_ <= 0;
  if (is_plain && !best.has_missing) {
    SearchTwoClasses(node, sums, present, best);
    return;
  }
  const std::int64_t width = layout_.width();
  std::vector<T> left(static_cast<std::size_t>(width));
  for (int pass = 0; pass < (best.has_missing ? 2 : 1); ++pass) {
    std::fill(left.begin(), left.end(), T{});
    if (pass == 1) std::copy_n(missing, width, left.begin());
    // Missing values alone go right in the last place of the first pass.
    const std::size_t end = present.size() - (best.has_missing && pass == 0 ? 0 : 1);
    for (std::size_t i = 0; i < end; ++i) {
      const T* bin = sums + present[i] * width;
      for (std::int64_t k = 0; k < width; ++k) left[k] += bin[k];
      const double gain = GainOf(node, {best.feature, i, pass == 1, left.data()}, scratch);
      if (!(gain > best.gain)) continue;
      best.gain = gain;
      best.missing_left = pass == 1;
      best_place = i;
    }
  }
  if (best.gain == kNever) return;
  best.bin = present[best_place];
  best.threshold = best_place + 1 < present.size()
                       ? Between(table_.highest(best.feature, best.bin),
                                 table_.lowest(best.feature, present[best_place + 1]))
                       : std::numeric_limits<double>::infinity();
}

/// SearchBest for the most frequent case: two classes counted, gini, nothing missing.
template <typename T>
void SplitSearch<T>::SearchTwoClasses(const NodeView& node, const T* sums,
                                      const std::vector<int>& present, SplitCandidate& best) const {
  double first = 0, second = 0;
  std::size_t best_place = 0;
  for (std::size_t i = 0; i + 1 < present.size(); ++i) {
    const T* bin = sums + 2 * static_cast<std::int64_t>(present[i]);
    first += static_cast<double>(bin[0]);
    second += static_cast<double>(bin[1]);
    const double other_first = node.totals[0] - first, other_second = node.totals[1] - second;
    const double gain =
        (first * first + second * second) / (first + second) +
        (other_first * other_first + other_second * other_second) / (other_first + other_second);
    if (!(gain > best.gain)) continue;
    best.gain = gain;
    best_place = i;
  }
  best.bin = present[best_place];
  best.threshold = Between(table_.highest(best.feature, best.bin),
                           table_.lowest(best.feature, present[best_place + 1]));
}

/// A uniform threshold between the node's smallest and largest value. One that falls inside a bin
/// of several values moves to the bin's nearer end.
template <typename T>
void SplitSearch<T>::DrawSplit(const NodeView& node, const T* sums, const T* missing,
                               const double* random, SearchScratch& scratch,
                               SplitCandidate& best) const {
  const std::vector<int>& present = scratch.present;
  const std::int64_t feature = best.feature;
  const double low = table_.lowest(feature, present.front());
  const double high = table_.highest(feature, present.back());
  double threshold = low + random[0] * (high - low);
  if (!(threshold < high)) threshold = low;
  std::size_t place = 0;  // the last bin that goes left
  while (place + 1 < present.size() && table_.highest(feature, present[place + 1]) <= threshold)
    ++place;
  if (present.size() == 1) {
    threshold = high;
  } else {
    place = std::min(place, present.size() - 2);
    const double next_low = table_.lowest(feature, present[place + 1]);
    const double next_high = table_.highest(feature, present[place + 1]);
    if (threshold >= next_low && threshold - next_low > next_high - threshold &&
        place + 2 < present.size()) {
      ++place;
    }
    const double from = table_.highest(feature, present[place]);
    const double to = table_.lowest(feature, present[place + 1]);
    if (!(threshold >= from && threshold < to)) threshold = from;
  }
  const bool missing_left = best.has_missing && present.size() > 1 && random[1] < 0.5;
  const std::int64_t width = layout_.width();
  std::vector<T> left(static_cast<std::size_t>(width));
  if (missing_left) std::copy_n(missing, width, left.begin());
  for (std::size_t i = 0; i <= place; ++i) {
    for (std::int64_t k = 0; k < width; ++k) left[k] += sums[present[i] * width + k];
  }
  best.gain = GainOf(node, {feature, place, missing_left, left.data()}, scratch);
  best.bin = present[place];
  best.threshold = threshold;
  best.missing_left = missing_left;
}

template <typename T>
double SplitSearch<T>::GainOf(const NodeView& node, const Tried& split,
                              SearchScratch& scratch) const noexcept {
  const std::int64_t n = layout_.n_sums;
  const T* left = split.left;
  if (layout_.has_rows) {
    const auto rows = static_cast<double>(left[layout_.rows_at()]);
    const auto least = static_cast<double>(params_.min_samples_leaf);
    if (rows < least || node.totals[layout_.rows_at()] - rows < least) return kNever;
  }
  SideSums sides[2] = {{scratch.left.data(), 0}, {scratch.right.data(), 0}};
  for (std::int64_t k = 0; k < n; ++k) {
    const double factor = class_weights_.empty() ? 1 : class_weights_[k];
    scratch.left[k] = static_cast<double>(left[k]) * factor;
    scratch.right[k] = (node.totals[k] - static_cast<double>(left[k])) * factor;
    sides[0].weight += scratch.left[k];
    sides[1].weight += scratch.right[k];
  }
  if (layout_.has_weight) {
    sides[0].weight = static_cast<double>(left[n]);
    sides[1].weight = node.totals[n] - sides[0].weight;
  }
  if (sides[0].weight < min_weight_leaf_ || sides[1].weight < min_weight_leaf_) return kNever;
  if (!(sides[0].weight > 0) || !(sides[1].weight > 0)) return kNever;
  if (params_.criterion == Criterion::kAbsoluteError)
    return ErrorGain(node, split, sides[0].weight, sides[1].weight, scratch.medians);
  // Values are predictions, or the share of the second class.
  const std::int64_t at = problem_.n_classes > 0 ? 1 : 0;
  if (!KeepsOrder(node, split.feature, sides[0].sums[at] / sides[0].weight,
                  sides[1].sums[at] / sides[1].weight)) {
    return kNever;
  }
  return ProxyGain(params_.criterion, sides[0], sides[1], n);
}

/// ProxyGain of the criterion absolute error: rounded as scikit-learn does, so that splits tie
/// where they do there.
template <typename T>
double SplitSearch<T>::ErrorGain(const NodeView& node, const Tried& split, double left_weight,
                                 double right_weight, const MedianSides& sides) const noexcept {
  const MedianSide& left = sides.left(split.place, split.missing_left);
  const MedianSide& right = sides.right(split.place, split.missing_left);
  if (!KeepsOrder(node, split.feature, left.median, right.median)) return kNever;
  const auto n = static_cast<double>(layout_.n_sums);
  return -right_weight * (right.error / (right_weight * n)) -
         left_weight * (left.error / (left_weight * n));
}

/// Whether the values of the sides are in the order that the feature's constraint asks for, if any.
template <typename T>
bool SplitSearch<T>::KeepsOrder(const NodeView& node, std::int64_t feature, double left,
                                double right) const noexcept {
  if (params_.monotonic.empty() || params_.monotonic[feature] == 0) return true;
  return left >= node.lower_bound && left <= node.upper_bound && right >= node.lower_bound &&
         right <= node.upper_bound && (left - right) * params_.monotonic[feature] <= 0;
}

template class SplitSearch<std::int32_t>;
template class SplitSearch<double>;

}  // namespace treeline::forest
