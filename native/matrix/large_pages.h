#pragma once

#include <cstddef>

namespace treeline {

/// Asks the system to back memory that nobody has touched yet by large pages, where there are such:
/// the first touch of a small page costs more than filling it. Memory that is not large is left
/// alone.
void AskForLargePages(void* memory, std::size_t bytes) noexcept;

}  // namespace treeline
