#include "matrix/large_pages.h"

#include <cstdint>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace treeline {

void AskForLargePages(void* memory, std::size_t bytes) noexcept {
#if defined(MADV_HUGEPAGE)
  // Whole large pages only: the rest would be memory that nobody asked for.
  constexpr std::uintptr_t kLargePage = std::uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<std::uintptr_t>(memory);
  const std::uintptr_t first = (begin + kLargePage - 1) / kLargePage * kLargePage;
  const std::uintptr_t last = (begin + bytes) / kLargePage * kLargePage;
  if (last > first)
    madvise(static_cast<char*>(memory) + (first - begin), last - first, MADV_HUGEPAGE);
#else
  static_cast<void>(memory);
  static_cast<void>(bytes);
#endif
}

}  // namespace treeline
