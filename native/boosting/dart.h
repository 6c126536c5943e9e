#pragma once

#include <cstdint>
#include <vector>

namespace treeline::boosting {

/// Rules of DART (Rashmi and Gilad-Bachrach 2015), named and meant as LightGBM's.
struct DartParams {
  bool is_on = false;
  double drop_rate = 0.1;      // share of the iterations that are dropped
  std::int64_t max_drop = 50;  // most of them; <= 0: no limit
  double skip_drop = 0.5;      // probability that nothing is dropped
  bool uniform_drop = false;   // else in proportion to the weights the trees still have
  bool xgboost_mode = false;   // how the trees are weighed afterwards
};

/// Which iterations' trees are left out while the next is fitted, and what all of them weigh
/// afterwards (LightGBM's dart.hpp). What is drawn depends on the seed and the iteration only.
class Dart {
 public:
  Dart(const DartParams& params, double learning_rate, std::uint64_t seed)
      : params_(params), learning_rate_(learning_rate), seed_(seed) {}

  /// Chooses among the iterations noted so far; valid until Note. `iteration` counts all.
  const std::vector<std::int64_t>& Drop(std::int64_t iteration);
  /// What the values of the new trees, already shrunk by the learning rate, are multiplied with.
  double new_factor() const noexcept;
  /// What the values of the dropped trees are multiplied with.
  double dropped_factor() const noexcept;
  /// The iteration is done.
  void Note();

 private:
  DartParams params_;
  double learning_rate_;
  std::uint64_t seed_;
  std::vector<double> weights_;  // of the iterations so far
  double weight_sum_ = 0;
  std::vector<std::int64_t> dropped_;
};

}  // namespace treeline::boosting
