#include "forest/median_sides.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace treeline::forest {

void MedianTree::Reset(std::span<const double> targets, double center) {
  targets_ = targets;
  center_ = center;
  nodes_.assign(targets.size() + 1, {});
  top_ = static_cast<std::int64_t>(std::bit_floor(targets.size()));
  total_ = {};
}

void MedianTree::Add(std::int64_t rank, double weight) noexcept {
  const double target = weight * (targets_[rank] - center_);
  for (std::int64_t i = rank + 1; i < std::ssize(nodes_); i += i & -i) {
    nodes_[i].weight += weight;
    nodes_[i].target += target;
  }
  total_.weight += weight;
  total_.target += target;
}

/// The first rank up to which the weights, it included, do not fit.
template <typename Fits>
MedianTree::Place MedianTree::Descend(Fits&& fits) const noexcept {
  Place place{0, {}};
  for (std::int64_t step = top_; step > 0; step /= 2) {
    const std::int64_t next = place.rank + step;
    if (next >= std::ssize(nodes_) || !fits(place.before.weight + nodes_[next].weight)) continue;
    place.rank = next;
    place.before.weight += nodes_[next].weight;
    place.before.target += nodes_[next].target;
  }
  place.rank = std::min(place.rank, std::ssize(nodes_) - 2);
  return place;
}

MedianTree::Median MedianTree::Find() const noexcept {
  const double half = total_.weight / 2;
  const Place reaching = Descend([half](double weight) { return weight < half; });
  const Place passing = Descend([half](double weight) { return weight <= half; });
  Median median;
  median.value = reaching.rank == passing.rank
                     ? targets_[passing.rank]
                     : (targets_[reaching.rank] + targets_[passing.rank]) / 2;
  const double own = median.value - center_;
  const Sums& below = passing.before;
  median.error = (total_.target - below.target - own * (total_.weight - below.weight)) +
                 (own * below.weight - below.target);
  return median;
}

void MedianSides::Compute(const BinTable& table, std::int64_t feature,
                          std::span<const Entry> entries, const MedianNode& node,
                          std::span<const int> present) {
  rows_.resize(entries.size());
  table.WithColumn(feature, [&](const auto* column) {
    for (std::size_t i = 0; i < entries.size(); ++i)
      rows_[i] = static_cast<std::uint64_t>(column[entries[i].row]) << 32 | i;
  });
  std::sort(rows_.begin(), rows_.end());  // the missing bin is the last
  ends_.clear();
  for (const int bin : present) {
    const auto next = static_cast<std::uint64_t>(bin + 1) << 32;
    ends_.push_back(static_cast<std::size_t>(std::lower_bound(rows_.begin(), rows_.end(), next) -
                                             rows_.begin()));
  }
  const bool has_missing = (ends_.empty() ? 0 : ends_.back()) < rows_.size();
  Sum(node, true, false, left_[0]);
  Sum(node, false, has_missing, right_[1]);
  if (!has_missing) return;
  Sum(node, true, true, left_[1]);
  Sum(node, false, false, right_[0]);
}

/// Forwards: the sides left of the places behind every bin; backwards: those right of them.
void MedianSides::Sum(const MedianNode& node, bool forwards, bool with_missing,
                      std::vector<MedianSide>& sides) {
  const std::size_t n = rows_.size(), n_bins = ends_.size();
  sides.assign(n_bins, {});
  for (std::size_t output = 0; output < node.centers.size(); ++output) {
    const std::int32_t* ranks = node.ranks.data() + output * n;
    tree_.Reset(std::span(node.targets).subspan(output * n, n), node.centers[output]);
    const auto add = [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const auto row = static_cast<std::uint32_t>(rows_[i]);
        tree_.Add(ranks[row], node.weights[row]);
      }
    };
    bool is_empty = true;
    const auto note = [&](std::size_t place) {
      if (is_empty) return;  // the side behind the last bin
      const MedianTree::Median median = tree_.Find();
      if (output == 0) sides[place].median = median.value;
      sides[place].error += median.error;
    };
    if (with_missing) {
      add(ends_.empty() ? 0 : ends_.back(), n);
      is_empty = false;
    }
    for (std::size_t i = 0; i < n_bins; ++i) {
      const std::size_t bin = forwards ? i : n_bins - 1 - i;
      if (!forwards) note(bin);
      add(bin == 0 ? 0 : ends_[bin - 1], ends_[bin]);
      is_empty = false;
      if (forwards) note(bin);
    }
  }
}

}  // namespace treeline::forest
