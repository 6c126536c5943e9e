#include "core/large_blocks.h"

#include <cstdlib>
#include <mutex>
#include <string_view>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace treeline {

void ReturnLargeBlocks() {
#if defined(__GLIBC__)
  static std::once_flag once;
  std::call_once(once, [] {
    const char* tunables = std::getenv("GLIBC_TUNABLES");
    const bool is_tuned = tunables != nullptr && std::string_view(tunables).find(
                                                     "mmap_threshold") != std::string_view::npos;
    if (is_tuned || std::getenv("MALLOC_MMAP_THRESHOLD_") != nullptr) return;
    mallopt(M_MMAP_THRESHOLD, 2 << 20);
  });
#endif
}

}  // namespace treeline
