#include "matrix/spill_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/error.h"

namespace treeline {

namespace {

constexpr const char* kPrefix = "treeline-spill-";

[[noreturn]] void Fail(const std::string& what, int error) {
  throw Error(ErrorCode::kIo, what + ": " + std::generic_category().message(error));
}

std::string DirectoryOr(const std::string& directory) {
  if (!directory.empty()) return directory;
  const char* const named = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return named != nullptr && *named != '\0' ? named : "/tmp";
}

/// Removes files that a process left when it ended between making and unlinking one. One that lives
/// loses nothing: it is about to unlink its file itself.
void SweepLeftovers(const std::string& directory) {
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): of a stream of our own
  while (const dirent* const entry = readdir(entries)) {
    if (std::strncmp(entry->d_name, kPrefix, std::strlen(kPrefix)) == 0) {
      unlink((directory + "/" + entry->d_name).c_str());
    }
  }
  closedir(entries);
}

/// A new file with a name, which it loses at once.
int OpenAndUnlink(const std::string& directory) {
  SweepLeftovers(directory);
  std::string path = directory + "/" + kPrefix + "XXXXXX";
  const int descriptor = mkstemp(path.data());
  if (descriptor < 0) return -1;
  unlink(path.c_str());
  fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return descriptor;
}

int OpenUnnamed(const std::string& directory) {
#ifdef O_TMPFILE
  const int descriptor = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor >= 0) return descriptor;  // else the file system cannot: overlays, networks
#endif
  return OpenAndUnlink(directory);
}

std::size_t PageBytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

SpillView::SpillView(SpillView&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

SpillView& SpillView::operator=(SpillView&& other) noexcept {
  std::swap(base_, other.base_);
  std::swap(mapped_, other.mapped_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

SpillView::~SpillView() {
  if (base_ != nullptr) munmap(base_, mapped_);
}

SpillFile::SpillFile(const std::string& directory)
    : directory_(DirectoryOr(directory)), descriptor_(OpenUnnamed(directory_)) {
  if (descriptor_ < 0) {
    Fail("cannot make a spill file in " + directory_ +
             " (the setting spillDirectory names another directory)",
         errno);
  }
}

SpillFile::~SpillFile() { close(descriptor_); }

std::int64_t SpillFile::Append(std::span<const std::byte> bytes) {
  const std::int64_t offset = (size() + kAlignment - 1) / kAlignment * kAlignment;
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t written = pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                                   static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const int error = written < 0 ? errno : ENOSPC;
      Fail("cannot write " + std::to_string(bytes.size()) + " bytes to the spill file in " +
               directory_ + " after " + std::to_string(offset) +
               " (free some space, raise memoryLimit, or name a directory with room as "
               "spillDirectory)",
           error);
    }
    done += static_cast<std::size_t>(written);
  }
  size_.store(offset + static_cast<std::int64_t>(bytes.size()), std::memory_order_release);
  return offset;
}

void SpillFile::CheckRange(std::int64_t offset, std::int64_t size) const {
  if (offset < 0 || size < 0 || offset > this->size() || size > this->size() - offset) {
    throw Error(ErrorCode::kIo, "the spill file in " + directory_ + " has no bytes [" +
                                    std::to_string(offset) + ", " + std::to_string(offset + size) +
                                    ")");
  }
}

void SpillFile::Read(std::int64_t offset, std::span<std::byte> out) const {
  CheckRange(offset, static_cast<std::int64_t>(out.size()));
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = pread(descriptor_, out.data() + done, out.size() - done,
                              static_cast<off_t>(offset) + static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) Fail("cannot read the spill file in " + directory_, got < 0 ? errno : EIO);
    done += static_cast<std::size_t>(got);
  }
}

SpillView SpillFile::Map(std::int64_t offset, std::int64_t size) const {
  CheckRange(offset, size);
  SpillView view;
  view.size_ = static_cast<std::size_t>(size);
  if (size == 0) return view;
  const std::size_t before = static_cast<std::size_t>(offset) % PageBytes();
  const std::size_t mapped = view.size_ + before;
  void* const base = mmap(nullptr, mapped, PROT_READ, MAP_SHARED, descriptor_,
                          static_cast<off_t>(offset) - static_cast<off_t>(before));
  if (base == MAP_FAILED) Fail("cannot map the spill file in " + directory_, errno);
  madvise(base, mapped, MADV_SEQUENTIAL);
  view.base_ = base;
  view.mapped_ = mapped;
  view.data_ = static_cast<const std::byte*>(base) + before;
  return view;
}

}  // namespace treeline
