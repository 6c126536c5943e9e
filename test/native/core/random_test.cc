#include "core/random.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <set>

using treeline::RandomBits;
using treeline::RandomUniform;

TEST_CASE("random words depend on seed, stream and index, and on nothing else") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed : {0, 1, 42}) {
    for (std::uint64_t stream : {0, 1}) {
      for (std::uint64_t index = 0; index < 1000; ++index) {
        CHECK(RandomBits(seed, stream, index) == RandomBits(seed, stream, index));
        seen.insert(RandomBits(seed, stream, index));
      }
    }
  }
  CHECK(seen.size() == 6000);
}

TEST_CASE("uniform draws lie in [0, 1) with the mean and variance of a uniform distribution") {
  constexpr int kDraws = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = RandomUniform(7, 3, static_cast<std::uint64_t>(i));
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    sum += u;
    squares += (u - 0.5) * (u - 0.5);
  }
  // Four standard errors.
  CHECK(std::abs(sum / kDraws - 0.5) < 4 * std::sqrt(1.0 / 12 / kDraws));
  CHECK(std::abs(squares / kDraws - 1.0 / 12) < 4 * std::sqrt(1.0 / 180 / kDraws));
}
