#include "core/aligned_buffer.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <new>
#include <numeric>
#include <utility>

using treeline::AlignedBuffer;

TEST_CASE("an aligned buffer starts on a cache line and holds what was asked for") {
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{63}, std::size_t{64}, std::size_t{1000}}) {
    AlignedBuffer<std::uint16_t> buffer(size);
    CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
    CHECK(buffer.size() == size);
    CHECK(buffer.bytes() == 2 * size);
    std::iota(buffer.begin(), buffer.end(), std::uint16_t{0});
    CHECK(buffer[size - 1] == size - 1);
  }
}

TEST_CASE("an empty aligned buffer owns nothing") {
  const AlignedBuffer<double> none;
  const AlignedBuffer<double> zero(0);
  CHECK(none.empty());
  CHECK(zero.empty());
  CHECK(zero.data() == nullptr);
}

TEST_CASE("moving an aligned buffer hands its memory over") {
  AlignedBuffer<int> first(8);
  first[7] = 42;
  const int* memory = first.data();
  AlignedBuffer<int> second(std::move(first));
  CHECK(second.data() == memory);
  AlignedBuffer<int> third(3);
  third = std::move(second);
  CHECK(third.data() == memory);
  CHECK(third[7] == 42);
  CHECK(third.size() == 8);
}

TEST_CASE("a buffer of an impossible size is refused, whatever the arithmetic made of it") {
  for (const std::int64_t size : {std::int64_t{-1}, std::int64_t{-1024}, std::int64_t{1} << 62}) {
    CHECK_THROWS_AS(AlignedBuffer<double>(static_cast<std::size_t>(size)), std::bad_alloc);
  }
}
