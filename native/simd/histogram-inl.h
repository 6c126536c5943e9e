// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.

/// sums[i] = sum over the parts of part[i]; rest[i] -= sums[i], unless rest is nullptr; the parts
/// become 0.
static void MergeSums(std::int64_t* const* parts, std::int64_t n_parts, std::int64_t n,
                      std::int64_t* sums, std::int64_t* rest) noexcept {
  for (std::int64_t i = 0; i < n; ++i) {
    sums[i] = parts[0][i];
    parts[0][i] = 0;
  }
  for (std::int64_t k = 1; k < n_parts; ++k) {
    for (std::int64_t i = 0; i < n; ++i) {
      sums[i] += parts[k][i];
      parts[k][i] = 0;
    }
  }
  if (rest == nullptr) return;
  for (std::int64_t i = 0; i < n; ++i) rest[i] -= sums[i];
}
