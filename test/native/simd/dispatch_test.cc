#include <doctest/doctest.h>

#include <algorithm>

#include "simd/kernels.h"

using treeline::simd::Active;
using treeline::simd::Supported;

TEST_CASE(
    "the supported sets begin with the baseline, are all different, and hold the active one") {
  const auto sets = Supported();
  REQUIRE(!sets.empty());
  CHECK(sets.front()->isa == "baseline");
  for (std::size_t i = 0; i < sets.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) CHECK(sets[i]->isa != sets[j]->isa);
  }
  CHECK(std::find(sets.begin(), sets.end(), &Active()) != sets.end());
}
