#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "forest/criterion.h"
#include "forest/median_sides.h"
#include "forest/sample.h"
#include "forest/split_search.h"
#include "loss/weighted_quantile.h"

namespace treeline::forest {

/// What is known of a node before it is split.
struct NodeTotals {
  std::vector<double> sums;  // SumsLayout::width() numbers
  double weight = 0;
  double impurity = 0;
  std::vector<double> medians;  // of every output, where the criterion is the absolute error
};

/// Sums rows of a tree for the nodes they are in, in the order of the rows.
class NodeSummer {
 public:
  NodeSummer(const TreeProblem& problem, const TreeParams& params, const TreeSample& sample,
             SumsLayout layout)
      : problem_(problem), params_(params), sample_(sample), layout_(layout) {}

  NodeTotals Sum(std::span<const Entry> entries) const {
    NodeTotals totals;
    totals.sums.assign(static_cast<std::size_t>(layout_.width()), 0);
    for (const Entry& entry : entries) {
      const double weight = WeightOf(entry);
      if (problem_.n_classes > 0) {
        totals.sums[entry.code] += weight;
      } else {
        const double* y = TargetOf(entry);
        for (std::int64_t k = 0; k < layout_.n_sums; ++k) totals.sums[k] += weight * y[k];
        totals.sums[layout_.n_sums] += weight;
      }
    }
    if (layout_.has_rows) totals.sums[layout_.rows_at()] = static_cast<double>(entries.size());
    Finish(entries, totals);
    return totals;
  }

  /// The other side of a split, where sums are exact.
  NodeTotals Rest(const NodeTotals& parent, const NodeTotals& part,
                  std::span<const Entry> entries) const {
    NodeTotals totals;
    for (std::size_t k = 0; k < parent.sums.size(); ++k)
      totals.sums.push_back(parent.sums[k] - part.sums[k]);
    Finish(entries, totals);
    return totals;
  }

  /// Class fractions or means.
  void Values(const NodeTotals& totals, std::vector<double>& values) const {
    if (!totals.medians.empty()) {
      values.insert(values.end(), totals.medians.begin(), totals.medians.end());
      return;
    }
    for (std::int64_t k = 0; k < layout_.n_sums; ++k)
      values.push_back(totals.sums[k] * Factor(k) / totals.weight);
  }

  /// What searches by absolute error look at.
  MedianNode Medians(std::span<const Entry> entries, const NodeTotals& totals) const {
    MedianNode node;
    node.centers = totals.medians;
    for (const Entry& entry : entries) node.weights.push_back(WeightOf(entry));
    std::vector<std::int32_t> order(entries.size());
    for (std::int64_t k = 0; k < layout_.n_sums; ++k) {
      std::iota(order.begin(), order.end(), 0);
      const auto target = [&](std::int32_t i) { return TargetOf(entries[i])[k]; };
      std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
        return target(a) != target(b) ? target(a) < target(b) : a < b;
      });
      const std::size_t first = node.ranks.size();
      node.ranks.resize(first + order.size());
      for (std::size_t rank = 0; rank < order.size(); ++rank) {
        node.ranks[first + static_cast<std::size_t>(order[rank])] = static_cast<std::int32_t>(rank);
        node.targets.push_back(target(order[rank]));
      }
    }
    return node;
  }

  /// width() numbers an entry, of a regression: what histograms add up.
  void FillStats(std::span<const Entry> entries, double* stats) const noexcept {
    for (const Entry& entry : entries) {
      const double weight = WeightOf(entry);
      const double* y = TargetOf(entry);
      for (std::int64_t k = 0; k < layout_.n_sums; ++k) *stats++ = weight * y[k];
      *stats++ = weight;
      if (layout_.has_rows) *stats++ = 1;
    }
  }

  double WeightOf(const Entry& entry) const noexcept {
    return sample_.is_counted ? entry.count : problem_.weights[entry.row];
  }
  const double* TargetOf(const Entry& entry) const noexcept {
    return problem_.targets.data() + entry.row * problem_.n_outputs;
  }

 private:
  double Factor(std::int64_t k) const noexcept {
    return problem_.n_classes > 0 && !sample_.class_weights.empty() ? sample_.class_weights[k] : 1;
  }

  void Finish(std::span<const Entry> entries, NodeTotals& totals) const {
    const std::int64_t n = layout_.n_sums;
    if (problem_.n_classes == 0) {
      totals.weight = totals.sums[n];
      switch (params_.criterion) {
        case Criterion::kPoisson: totals.impurity = PoissonLoss(entries, totals); break;
        case Criterion::kAbsoluteError: totals.impurity = AbsoluteError(entries, totals); break;
        default: totals.impurity = Variance(entries, totals);
      }
      return;
    }
    std::vector<double> sums(static_cast<std::size_t>(n));
    for (std::int64_t k = 0; k < n; ++k) {
      sums[k] = totals.sums[k] * Factor(k);
      totals.weight += sums[k];
    }
    totals.impurity = ClassImpurity(params_.criterion, {sums.data(), totals.weight}, n);
  }

  /// The mean of the outputs' variances: of deviations, so that equal targets give 0.
  double Variance(std::span<const Entry> entries, const NodeTotals& totals) const noexcept {
    double sum = 0;
    for (std::int64_t k = 0; k < layout_.n_sums; ++k) {
      const double mean = totals.sums[k] / totals.weight;
      for (const Entry& entry : entries) {
        const double deviation = TargetOf(entry)[k] - mean;
        sum += WeightOf(entry) * deviation * deviation;
      }
    }
    return sum / totals.weight / static_cast<double>(layout_.n_sums);
  }

  /// Sets the medians.
  double AbsoluteError(std::span<const Entry> entries, NodeTotals& totals) const {
    double sum = 0;
    std::vector<Weighted> targets(entries.size());
    for (std::int64_t k = 0; k < layout_.n_sums; ++k) {
      std::transform(entries.begin(), entries.end(), targets.begin(), [&](const Entry& entry) {
        return Weighted{TargetOf(entry)[k], WeightOf(entry)};
      });
      const double median = Quantile(targets, 0.5);
      totals.medians.push_back(median);
      for (const Entry& entry : entries)
        sum += WeightOf(entry) * std::abs(TargetOf(entry)[k] - median);
    }
    return sum / totals.weight / static_cast<double>(layout_.n_sums);
  }

  double PoissonLoss(std::span<const Entry> entries, const NodeTotals& totals) const noexcept {
    double loss = 0;
    for (std::int64_t k = 0; k < layout_.n_sums; ++k) {
      if (totals.sums[k] <= kEpsilon) return std::numeric_limits<double>::infinity();
      const double mean = totals.sums[k] / totals.weight;
      for (const Entry& entry : entries) {
        const double y = TargetOf(entry)[k];
        if (y > 0) loss += WeightOf(entry) * y * std::log(y / mean);
      }
    }
    return loss / totals.weight / static_cast<double>(layout_.n_sums);
  }

  const TreeProblem& problem_;
  const TreeParams& params_;
  const TreeSample& sample_;
  SumsLayout layout_;
};

}  // namespace treeline::forest
