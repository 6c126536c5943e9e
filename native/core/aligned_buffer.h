#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace treeline {

/// A block of memory on a 64-byte boundary (a cache line, a full vector register), NOT initialised:
/// zeroing pages that a kernel overwrites at once would cost as much as the kernel. Movable, owns
/// its memory. Large ones begin on a large page, and end on one where that wastes little, so that
/// AskForLargePages reaches all of them.
template <typename T>
class AlignedBuffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 46;

  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) : size_(size) {
    if (size == 0) return;
    if (size > kMaxBytes / sizeof(T)) throw std::bad_alloc();  // what a negative number became
    data_ = static_cast<T*>(::operator new(capacity(), Alignment()));
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    if (this != &other) {
      Free();
      data_ = std::exchange(other.data_, nullptr);
      size_ = std::exchange(other.size_, 0);
    }
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { Free(); }

  T* data() noexcept { return data_; }
  const T* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t bytes() const noexcept { return size_ * sizeof(T); }
  /// Bytes that were allocated: bytes() rounded up.
  std::size_t capacity() const noexcept {
    const std::size_t large = RoundUp(bytes(), kLargePage);
    return large - bytes() <= bytes() / 8 ? large : RoundUp(bytes(), kAlignment);
  }
  bool empty() const noexcept { return size_ == 0; }
  T& operator[](std::size_t i) noexcept { return data_[i]; }
  const T& operator[](std::size_t i) const noexcept { return data_[i]; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + size_; }
  const T* begin() const noexcept { return data_; }
  const T* end() const noexcept { return data_ + size_; }

 private:
  static constexpr std::size_t kLargePage = std::size_t{2} << 20;

  static constexpr std::size_t RoundUp(std::size_t bytes, std::size_t to) noexcept {
    return (bytes + to - 1) / to * to;
  }
  std::align_val_t Alignment() const noexcept {
    return std::align_val_t(capacity() >= kLargePage ? kLargePage : kAlignment);
  }
  void Free() noexcept {
    if (data_ != nullptr) ::operator delete(data_, Alignment());
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace treeline
