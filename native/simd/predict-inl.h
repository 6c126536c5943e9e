// Compiled once per instruction set (target_*.cc): no #pragma once, no includes, no standard
// templates.
//
// One tree over binned rows, 64 at a time: the set of rows at a node is a 64-bit mask; every node
// compares its column once and hands the two halves of its mask to its children. No branch depends
// on the data.

template <bool kHasSets>
static inline void AddTreeBy(const FlatTree& tree, const std::uint8_t* bins, std::int64_t stride,
                             std::int64_t n_groups, std::uint64_t* masks, double* scores) noexcept {
  for (std::int64_t group = 0; group < n_groups; ++group) {
    const std::uint8_t* rows = bins + 64 * group;
    double* out = scores + 64 * group;
    masks[0] = ~std::uint64_t{0};
    for (std::int32_t i = 0; i < tree.n_splits; ++i) {
      const FlatSplit& split = tree.splits[i];
      const std::uint64_t mask = masks[i];
      const std::uint8_t* column = rows + split.column * stride;
      const std::uint64_t left = kHasSets && split.set >= 0
                                     ? MemberBins64(column, tree.sets[split.set].bytes)
                                     : CompareBins64(column, split.shift, split.limit);
      masks[split.left] = mask & left;
      masks[split.right] = mask & ~left;
    }
    const std::uint64_t* leaf_masks = masks + tree.n_splits;
#if TREELINE_TARGET_AVX512
    if (tree.n_leaves <= 256) {
      __m512i ids = _mm512_setzero_si512();
      for (std::int32_t leaf = 1; leaf < tree.n_leaves; ++leaf) {
        ids =
            _mm512_mask_mov_epi8(ids, leaf_masks[leaf], _mm512_set1_epi8(static_cast<char>(leaf)));
      }
      alignas(64) std::uint8_t leaf_of[64];
      _mm512_store_si512(leaf_of, ids);
      for (int part = 0; part < 8; ++part) {
        const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(leaf_of + 8 * part));
        const __m512d value = _mm512_i32gather_pd(_mm256_cvtepu8_epi32(eight), tree.values, 8);
        _mm512_storeu_pd(out + 8 * part, _mm512_add_pd(_mm512_loadu_pd(out + 8 * part), value));
      }
      continue;
    }
#endif
    for (std::int32_t leaf = 0; leaf < tree.n_leaves; ++leaf) {
      for (std::uint64_t mask = leaf_masks[leaf]; mask != 0; mask &= mask - 1) {
        out[__builtin_ctzll(mask)] += tree.values[leaf];
      }
    }
  }
}

static void AddTree(const FlatTree& tree, const std::uint8_t* bins, std::int64_t stride,
                    std::int64_t n_groups, std::uint64_t* masks, double* scores) noexcept {
  if (tree.sets != nullptr) {
    AddTreeBy<true>(tree, bins, stride, n_groups, masks, scores);
  } else {
    AddTreeBy<false>(tree, bins, stride, n_groups, masks, scores);
  }
}
