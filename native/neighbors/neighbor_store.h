#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "matrix/feature_labels.h"
#include "matrix/sink.h"
#include "neighbors/search.h"

namespace treeline {

/// The distances that a search for neighbours offers.
enum class Distance {
  kEuclidean,
  kSquaredEuclidean,
  kManhattan,
  kChebyshev,
  kMinkowski,
  kCosine,  // 1 - cosine of the angle; 1 where a row is zero
};

/// Rows as a search compares them, and its distances as the user sees them. Cosine distances are
/// half the squared distances of rows of length 1; two columns more keep rows of zeros at 1 from
/// all.
class DistanceRule {
 public:
  /// `p`: of kMinkowski.
  DistanceRule(Distance distance, double p) : distance_(distance), p_(p) {}
  RowMetric metric() const noexcept;
  double p() const noexcept { return p_; }
  std::int64_t CompareCols(std::int64_t cols) const noexcept {
    return distance_ == Distance::kCosine ? cols + 2 : cols;
  }
  /// Rows count x cols as rows count x CompareCols(cols). `of_store`: of those that are searched.
  void Prepare(std::span<const double> rows, std::int64_t cols, bool of_store, double* out) const;
  double FromSearch(double distance) const noexcept;
  double ToSearch(double distance) const noexcept;

 private:
  Distance distance_;
  double p_;
};

/// Neighbours of some rows: those of row i at [begin[i], begin[i + 1]).
struct RadiusNeighbors {
  std::vector<double> begin;
  std::vector<double> distances;
  std::vector<double> indices;
};

/// Rows in memory among which neighbours are searched.
class NeighborStore final : public Sink {
 public:
  NeighborStore(FeatureLabels labels, DistanceRule rule)
      : labels_(std::move(labels)), rule_(rule) {}
  /// Throws Error{kInvalidData} naming row and column for a value that is not finite.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override;
  /// Call once after the last Push.
  void Finish(const Context& ctx);

  std::int64_t rows() const noexcept { return rows_; }
  std::int64_t cols() const noexcept { return labels_.size(); }
  bool is_finished() const noexcept { return search_ != nullptr; }

  /// For each row of a block its k nearest rows: k distances, then k numbers, nearest first.
  void Nearest(const Block& block, const FeatureLabels& labels, std::int64_t k, double* out,
               const Context& ctx) const;
  /// The same for the rows held, each without itself.
  void NearestOfOwn(std::int64_t k, double* out, const Context& ctx) const;
  RadiusNeighbors Within(const Block& block, const FeatureLabels& labels, double radius,
                         const Context& ctx) const;
  RadiusNeighbors WithinOfOwn(double radius, const Context& ctx) const;

 private:
  template <typename Answer>
  void ForTasks(const Block& block, const FeatureLabels& labels, const Context& ctx,
                const Answer& answer) const;
  template <typename Answer>
  void ForOwnTasks(const Context& ctx, const Answer& answer) const;
  RadiusNeighbors Joined(const std::vector<std::vector<Neighbor>>& found) const;
  void WriteNearest(const std::vector<Neighbor>& found, std::int64_t k, double* out) const;

  FeatureLabels labels_;
  DistanceRule rule_;
  std::int64_t rows_ = 0;
  std::vector<double> values_;  // until Finish
  std::unique_ptr<const NeighborSearch> search_;
};

/// Rows to what NeighborStore::Nearest says of them.
class NeighborsMap final : public BlockMap {
 public:
  NeighborsMap(FeatureLabels labels, std::shared_ptr<const NeighborStore> store, std::int64_t k)
      : labels_(std::move(labels)), store_(std::move(store)), k_(k) {}
  std::int64_t n_inputs() const noexcept override { return store_->cols(); }
  std::int64_t n_outputs() const noexcept override { return 2 * k_; }
  void Apply(const Block& block, double* out, const Context& ctx) const override {
    store_->Nearest(block, labels_, k_, out, ctx);
  }
  void Apply(const Block& block, float* out, const Context& ctx) const override;
  std::size_t bytes() const noexcept override { return 0; }  // the store's are told by its handle

 private:
  FeatureLabels labels_;
  std::shared_ptr<const NeighborStore> store_;
  std::int64_t k_;
};

}  // namespace treeline
