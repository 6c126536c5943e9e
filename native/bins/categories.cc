#include "bins/categories.h"

#include <algorithm>
#include <utility>

namespace treeline {

namespace {

constexpr double kLargestCode = 9007199254740992.0;  // 2^53: what doubles count to
constexpr double kSmallCodes = 1 << 16;              // counted in a list

}  // namespace

bool CategoryCounter::IsCode(double value) noexcept {
  return value >= 0 && value <= kLargestCode &&
         value == static_cast<double>(static_cast<std::int64_t>(value));
}

void CategoryCounter::Add(double code, double weight) {
  if (code >= kSmallCodes) {
    large_[code] += weight;
    return;
  }
  const auto index = static_cast<std::size_t>(code);
  if (index >= small_.size()) small_.resize(index + 1, -1.0);
  small_[index] = std::max(small_[index], 0.0) + weight;
}

/// visit(code, rows) for every category seen, in no order.
template <typename Visit>
void CategoryCounter::ForEach(Visit&& visit) const {
  for (std::size_t code = 0; code < small_.size(); ++code) {
    if (small_[code] >= 0) visit(static_cast<double>(code), small_[code]);
  }
  for (const auto& [code, rows] : large_) visit(code, rows);
}

bool CategoryCounter::HasOthers(const Categories& known) const {
  if (known.has_rare) return false;
  bool has_others = false;
  ForEach([&](double code, double) {
    has_others = has_others || !std::binary_search(known.codes.begin(), known.codes.end(), code);
  });
  return has_others;
}

Categories CategoryCounter::Finish(int max_bins) const {
  std::vector<std::pair<double, double>> rows;  // negative, with the code: the order of rank
  ForEach([&](double code, double count) { rows.emplace_back(-count, code); });
  Categories categories;
  categories.is_categorical = true;
  categories.has_rare = rows.size() > static_cast<std::size_t>(max_bins);
  std::sort(rows.begin(), rows.end());
  if (categories.has_rare) rows.resize(static_cast<std::size_t>(max_bins - 1));
  for (const auto& [count, code] : rows) categories.codes.push_back(code);
  std::sort(categories.codes.begin(), categories.codes.end());
  return categories;
}

std::size_t CategoryCounter::bytes() const noexcept {
  return small_.capacity() * sizeof(double) + large_.size() * 4 * sizeof(double);
}

}  // namespace treeline
