#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "bins/categories.h"
#include "bins/fit_trace.h"
#include "bins/sparse_sample.h"
#include "bins/thresholds.h"
#include "matrix/sink.h"

namespace treeline {

/// Which rows of the table are trained on, validated on or left out: one byte a row; empty: all are
/// trained on.
enum class RowUse : std::uint8_t { kTrain = 0, kValidate = 1, kIgnore = 2 };

/// What SketchSink needs to know before the first row.
struct SketchParams {
  std::int64_t n_features = 0;
  std::int64_t n_rows = 0;  // of the whole table
  std::uint64_t seed = 0;
  std::vector<std::uint8_t> row_use;      // RowUse of every row, or empty
  std::vector<double> weights;            // of every row, or empty: all 1
  std::vector<std::uint8_t> categorical;  // of every feature 1 if it holds categories; or empty
  std::int64_t sample_rows = 200'000;     // about; all rows of smaller tables
};

/// A sample of at most about `sample_rows` training rows, for the bin thresholds (scikit-learn's
/// subsample, 200,000). A row is in it because of its global index alone: the same sample for any
/// chunking.
class SketchSink final : public Sink {
 public:
  explicit SketchSink(SketchParams params);
  void Push(const Block& block, const Context& ctx) override;
  /// Keeps what is not 0: memory and time go with the entries.
  void PushEntries(const SparseBlock& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override;

  const SketchParams& params() const noexcept { return params_; }
  std::int64_t rows() const noexcept { return rows_; }
  /// What Thresholds takes besides: made once for all features.
  SampleWeights Weights() const;
  /// Thresholds of one numerical feature's bins, as FindThresholds has them.
  std::vector<double> Thresholds(std::int64_t feature, int max_bins,
                                 const SampleWeights& weights) const;
  bool is_categorical(std::int64_t feature) const noexcept {
    return !params_.categorical.empty() && params_.categorical[feature] != 0;
  }
  /// All training rows of a categorical feature, counted; it has no sample.
  const CategoryCounter& categories(std::int64_t feature) const { return categories_[feature]; }
  /// By feature: whether a training row misses it.
  std::vector<bool> has_missing() const;
  const FitTrace& trace() const noexcept { return trace_; }
  /// Frees the sample: the thresholds have been found.
  void ReleaseSample();

 private:
  template <typename T>
  using Columns = std::vector<std::vector<T>>;  // of the sample, in row order, NaN included
  struct Tile;
  bool IsTraining(std::int64_t row) const noexcept;
  bool Selects(std::int64_t row) const noexcept;
  std::vector<Tile> MakeTiles(std::int64_t rows, std::vector<std::int64_t>& chosen) const;
  template <typename T>
  void Read(const Block& block, const std::vector<Tile>& tiles,
            std::span<const std::int64_t> chosen, Columns<T>& columns, const Context& ctx);
  template <typename T>
  void ReadRows(const Block& block, const Tile& tile, std::span<const std::int64_t> chosen,
                Columns<T>& columns, std::vector<std::uint8_t>& missing);
  template <typename T>
  void ReadColumns(const Block& block, const Tile& tile, std::span<const std::int64_t> chosen,
                   Columns<T>& columns);
  void KeepDoubles();
  void CountCategories(const Block& block, std::int64_t feature);
  void CountCategory(double value, std::int64_t feature, std::int64_t row);
  void ReadSparse(const SparseBlock& block, std::span<const std::int64_t> places,
                  std::int64_t feature);

  SketchParams params_;
  std::uint64_t threshold_;  // rows whose random word is not above it
  std::int64_t rows_ = 0;
  std::int64_t sample_rows_ = 0;
  bool is_float_ = true;  // every value so far is exact in float32: the sample is in floats_
  Columns<float> floats_;
  Columns<double> doubles_;
  std::vector<SparseColumnSample> sparse_;  // of a sparse table, instead of either
  std::vector<double> weights_;
  std::vector<std::atomic<bool>> has_missing_;
  std::vector<CategoryCounter> categories_;  // one a feature, or none at all
  FitTrace trace_;
};

/// FindThresholds for every feature of a sketch.
std::vector<std::vector<double>> FindAllThresholds(const SketchSink& sketch, int max_bins,
                                                   const Context& ctx);

/// The categories of every feature of a sketch; empty: no feature is categorical.
std::vector<Categories> FindAllCategories(const SketchSink& sketch, int max_bins);

}  // namespace treeline
