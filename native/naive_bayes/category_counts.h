#pragma once

#include <vector>

#include "matrix/sink.h"
#include "naive_bayes/class_rows.h"

namespace treeline {

/// Weight of every category of every column within every class, in one pass: what CategoricalNB
/// learns. Values are categories 0, 1, 2, …; anything else is refused by name.
class CategoryCountsSink final : public Sink {
 public:
  /// No column may have a category of this number or above.
  static constexpr std::int64_t kMaxCategories = std::int64_t{1} << 20;

  CategoryCountsSink(FeatureLabels labels, ClassRows rows);
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override;

  /// Takes in the last, incomplete slot. Call once, after the last Push.
  void Finish(const Context& ctx);

  std::int64_t rows() const noexcept { return reblocker_.rows(); }
  std::int64_t n_classes() const noexcept { return rows_.n_classes; }
  /// Total weight of every class.
  std::vector<double> ClassWeight() const;
  /// Of every column: categories x n_classes.
  const std::vector<std::vector<double>>& counts() const noexcept { return counts_; }

 private:
  void Consume(std::span<const Slot<double>> slots, const Context& ctx);
  bool AddColumn(std::span<const Slot<double>> slots, std::int64_t column);
  void RefuseOther(std::span<const Slot<double>> slots) const;

  FeatureLabels labels_;
  ClassRows rows_;
  Reblocker<double> reblocker_;
  std::vector<std::vector<double>> counts_;
};

}  // namespace treeline
