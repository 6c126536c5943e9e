#pragma once

#include <cstdint>
#include <vector>

#include "core/context.h"

namespace treeline {

/// x >= 0 of least x^T A x / 2 - b^T x: A symmetric positive semidefinite, n x n, its diagonal
/// about 1. Active sets (Lawson and Hanson 1974, ch. 23; Bro and de Jong 1997).
std::vector<double> SolveNonnegative(const std::vector<double>& a, const std::vector<double>& b,
                                     std::int64_t n, const Context& ctx);

}  // namespace treeline
