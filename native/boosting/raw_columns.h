#pragma once

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "matrix/sink.h"

namespace treeline::boosting {

/// The values of a table's numerical features as they are, feature by feature, for the leaves of
/// linear trees: float32 as long as every block fits in it, else float64.
class RawColumns final : public Sink {
 public:
  /// `is_kept`: one byte a feature. Of `n_rows` rows.
  RawColumns(const std::vector<std::uint8_t>& is_kept, std::int64_t n_rows);

  /// @throws Error kInvalidData for more rows than announced
  void Push(const Block& block, const Context& ctx) override;
  std::size_t bytes() const noexcept override;

  std::int64_t rows() const noexcept { return rows_; }
  /// Of a feature that is kept.
  double at(std::int64_t feature, std::int64_t row) const noexcept {
    const Values& values = columns_[feature];
    return is_wide_ ? values.doubles[row] : static_cast<double>(values.floats[row]);
  }

 private:
  struct Values {
    AlignedBuffer<float> floats;
    AlignedBuffer<double> doubles;
  };
  void Widen();

  std::int64_t n_rows_;
  std::int64_t rows_ = 0;
  bool is_wide_ = false;
  std::vector<std::int64_t> kept_;  // features
  std::vector<Values> columns_;     // by feature
};

}  // namespace treeline::boosting
