#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"
#include "forest/tree_nodes.h"
#include "matrix/feature_labels.h"
#include "matrix/sink.h"

namespace treeline::forest {

/// What isolation trees are grown on.
struct IsolationParams {
  std::int64_t n_rows = 0;        // of the table
  std::int64_t max_samples = 1;   // rows a tree draws
  std::int64_t max_features = 1;  // columns a tree draws
  bool bootstrap = false;         // rows with replacement
  std::int64_t first_tree = 0;    // trees draw by their number
  std::int64_t n_trees = 1;
  std::uint64_t seed = 0;
  std::vector<double> weights;  // rows are drawn in proportion to them; empty: all alike
};

/// Rows and columns that a tree draws, ascending; a row drawn twice is there once.
struct IsolationDraw {
  std::vector<std::int64_t> rows;
  std::vector<std::int32_t> features;
};

IsolationDraw DrawForIsolation(const IsolationParams& params, std::int64_t n_features,
                               std::int64_t tree);

/// Keeps the rows of a table that the trees draw.
class IsolationSink final : public Sink {
 public:
  IsolationSink(IsolationParams params, FeatureLabels labels);

  /// Throws Error{kInvalidData} for infinities, by name.
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override { return 8 * (values_.size() + kept_.size()); }

  std::int64_t rows() const noexcept { return rows_; }
  /// What every tree draws, once rows have come.
  const std::vector<IsolationDraw>& draws() const noexcept { return draws_; }
  /// Isolation trees (Liu, Ting, Zhou 2008): a random column, a random threshold between its
  /// smallest and largest value, until a row is alone or the depth is log2(max_samples). The value
  /// of a leaf is its depth, plus what more it would take on average to isolate its rows.
  Forest Fit(const Context& ctx) const;

 private:
  void Draw(const Context& ctx);
  TreeNodes Grow(std::int64_t tree) const;

  IsolationParams params_;
  FeatureLabels labels_;
  std::vector<IsolationDraw> draws_;
  std::vector<std::int64_t> kept_;  // rows that some tree draws, ascending
  std::vector<double> values_;      // of kept_, row after row
  std::int64_t rows_ = 0;
};

/// The mean depth of a search without success in a binary search tree of n rows.
double AveragePathLength(double n) noexcept;

}  // namespace treeline::forest
