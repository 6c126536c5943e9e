#include "matrix/slot_window.h"

#include <utility>

#include "core/error.h"

namespace treeline {

class SlotWindow::Cursor final : public SlotCursor {
 public:
  explicit Cursor(const SlotWindow& window) : window_(window) {}
  const std::byte* Slot(std::int64_t index) override {
    return window_.slots_[static_cast<std::size_t>(index - window_.first_slot_)].data();
  }

 private:
  const SlotWindow& window_;
};

SlotWindow::SlotWindow(std::int64_t cols, DType type) : cols_(cols), type_(type) {}

void SlotWindow::Push(const Block& block, const Context& ctx) {
  if (block.cols() != cols_) {
    throw Error(ErrorCode::kInvalidData, "X has " + std::to_string(block.cols()) +
                                             " columns in one part and " + std::to_string(cols_) +
                                             " in another");
  }
  const auto slot_bytes = static_cast<std::size_t>(cols_ * kSlotRows * ElementBytes(type_));
  FileRows(block, rows_, type_, ctx, [&](std::int64_t index) {
    while (index >= first_slot_ + static_cast<std::int64_t>(slots_.size())) {
      if (spare_.empty()) spare_.emplace_back(slot_bytes);
      slots_.push_back(std::move(spare_.back()));
      spare_.pop_back();
    }
    return slots_[static_cast<std::size_t>(index - first_slot_)].data();
  });
  rows_ += block.rows;
}

void SlotWindow::DropBefore(std::int64_t row) {
  while (!slots_.empty() && (first_slot_ + 1) * kSlotRows <= row &&
         (first_slot_ + 1) * kSlotRows <= rows_) {
    spare_.push_back(std::move(slots_.front()));
    slots_.pop_front();
    ++first_slot_;
  }
}

std::unique_ptr<SlotCursor> SlotWindow::Open() const { return std::make_unique<Cursor>(*this); }

std::size_t SlotWindow::bytes() const noexcept {
  return (slots_.size() + spare_.size()) *
         static_cast<std::size_t>(cols_ * kSlotRows * ElementBytes(type_));
}

}  // namespace treeline
