#include "matrix/segment_store.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "core/random.h"

using namespace treeline;

namespace {

std::size_t SizeOf(std::size_t i) { return i % 7 == 0 ? 0 : RandomBits(5, 1, i) % 60000; }
std::byte ByteOf(std::size_t i) { return static_cast<std::byte>(RandomBits(5, 2, i)); }

/// n segments, `at_once` of them being written at a time by as many threads.
std::vector<SegmentStore::Segment> Fill(SegmentStore& store, std::size_t n, std::size_t at_once) {
  std::vector<SegmentStore::Segment> segments(n);
  for (std::size_t begin = 0; begin < n; begin += at_once) {
    std::vector<std::thread> threads;
    for (std::size_t i = begin; i < std::min(n, begin + at_once); ++i) {
      threads.emplace_back([&store, &segments, i] {
        const SegmentStore::Reserved place = store.Reserve(SizeOf(i));
        if (SizeOf(i) > 0) std::memset(place.memory, static_cast<int>(ByteOf(i)), SizeOf(i));
        segments[i] = place.segment;
      });
    }
    for (std::thread& thread : threads) thread.join();
    store.Settle();
  }
  store.Finish();
  return segments;
}

void CheckAll(const SegmentStore& store, const std::vector<SegmentStore::Segment>& segments) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::byte* const at = store.At(segments[i]);
    if (SizeOf(i) > 0) CHECK(reinterpret_cast<std::uintptr_t>(at) % 64 == 0);
    CHECK(std::all_of(at, at + SizeOf(i), [&](std::byte b) { return b == ByteOf(i); }));
  }
}

}  // namespace

TEST_CASE("segments are read as they were written, in memory and in a file, by many threads") {
  for (const std::size_t budget : {std::size_t{0}, std::size_t{1} << 20, ~std::size_t{0}}) {
    for (const std::size_t at_once : {1, 5}) {
      SegmentStore store(MemoryBudget{budget, ""});
      const auto segments = Fill(store, 100, at_once);
      CheckAll(store, segments);
      const SegmentStore moved = std::move(store);
      CheckAll(moved, segments);
      CHECK((moved.spilled_bytes() > 0) == (budget < ~std::size_t{0}));
      if (budget < ~std::size_t{0}) CHECK(moved.bytes() <= budget + (std::size_t{1} << 20));
    }
  }
}

TEST_CASE("a small store takes little memory") {
  SegmentStore store;
  for (int i = 0; i < 10; ++i) store.Reserve(1000);
  store.Settle();
  store.Finish();
  CHECK(store.bytes() < 32000);
  CHECK(store.spilled_bytes() == 0);
}

TEST_CASE("a store without segments is finished too") {
  SegmentStore store(MemoryBudget{0, ""});
  store.Settle();
  store.Finish();
  CHECK(store.bytes() == 0);
}
