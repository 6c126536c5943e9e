#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace treeline {

/// A part of a SpillFile in the address space, read-only. Its pages belong to the file, not to the
/// process: the system takes them back when memory is short. Movable; unmaps at its end.
class SpillView {
 public:
  SpillView() = default;
  SpillView(SpillView&& other) noexcept;
  SpillView& operator=(SpillView&& other) noexcept;
  SpillView(const SpillView&) = delete;
  SpillView& operator=(const SpillView&) = delete;
  ~SpillView();

  const std::byte* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  /// The bytes as elements of T: data() is on a SpillFile::kAlignment boundary if its offset is.
  template <typename T>
  std::span<const T> as() const noexcept {
    return {reinterpret_cast<const T*>(data_), size_ / sizeof(T)};
  }

 private:
  friend class SpillFile;
  void* base_ = nullptr;  // of the mapping: a page boundary at or before data_
  std::size_t mapped_ = 0;
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

/// A temporary file for data beyond the memory budget: appended to by one writer, read by any
/// number of threads. It has no name (or loses it at once), so it is gone when the process is,
/// however it ends. Every write goes through the file interface, never through a mapping: a full
/// disk is an Error{kIo} and not a signal.
class SpillFile {
 public:
  /// Where every segment begins, in the file and, as views are, in memory.
  static constexpr std::int64_t kAlignment = 64;

  /// Makes the file in `directory`; empty: $TMPDIR, else /tmp. Throws Error{kIo}.
  explicit SpillFile(const std::string& directory);
  SpillFile(const SpillFile&) = delete;
  SpillFile& operator=(const SpillFile&) = delete;
  ~SpillFile();

  /// Writes a segment at the end and returns its offset, a multiple of kAlignment. One call at a
  /// time; earlier segments may be read meanwhile. Throws Error{kIo}: the disk is full, for
  /// example; what was written before stays readable.
  std::int64_t Append(std::span<const std::byte> bytes);
  template <typename T>
  std::int64_t Append(std::span<const T> values) {
    return Append(std::as_bytes(values));
  }

  /// Reads written bytes from `offset` on into `out`. Throws Error{kIo}.
  void Read(std::int64_t offset, std::span<std::byte> out) const;
  template <typename T>
  void Read(std::int64_t offset, std::span<T> out) const {
    Read(offset, std::as_writable_bytes(out));
  }

  /// Maps written bytes [offset, offset + size); the view may outlive the file object.
  SpillView Map(std::int64_t offset, std::int64_t size) const;

  /// Bytes written, gaps between segments included.
  std::int64_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  const std::string& directory() const noexcept { return directory_; }

 private:
  void CheckRange(std::int64_t offset, std::int64_t size) const;

  std::string directory_;
  int descriptor_ = -1;
  std::atomic<std::int64_t> size_{0};
};

}  // namespace treeline
