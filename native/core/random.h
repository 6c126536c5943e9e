#pragma once

#include <cstdint>

namespace treeline {

/// SplitMix64's finaliser: a bijection of 64-bit words that passes BigCrush as a counter generator
/// (Steele, Lea, Flood, OOPSLA 2014).
inline std::uint64_t MixBits(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// A random word for (seed, stream, index), with no state: what a row draws depends on its global
/// index only, never on threads, chunks or ranks.
inline std::uint64_t RandomBits(std::uint64_t seed, std::uint64_t stream,
                                std::uint64_t index) noexcept {
  const std::uint64_t key = MixBits(seed + 0x9e3779b97f4a7c15ULL * (stream + 1));
  return MixBits(key + 0x9e3779b97f4a7c15ULL * (index + 1));
}

/// RandomBits as a double in [0, 1).
inline double RandomUniform(std::uint64_t seed, std::uint64_t stream,
                            std::uint64_t index) noexcept {
  return static_cast<double>(RandomBits(seed, stream, index) >> 11) * 0x1.0p-53;
}

}  // namespace treeline
