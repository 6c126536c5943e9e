#pragma once

// Target regions: everything between TREELINE_BEGIN_TARGET("…") and TREELINE_END_TARGET is compiled
// for the named instruction-set features, whatever the flags of the file. Include every header
// BEFORE the region: a standard inline function first compiled inside one could be the copy the
// linker keeps for the baseline.

#if defined(__x86_64__) || defined(_M_X64)
#define TREELINE_X86 1
#else
#define TREELINE_X86 0
#endif
#if defined(__aarch64__)
#define TREELINE_ARM64 1
#else
#define TREELINE_ARM64 0
#endif

#define TREELINE_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define TREELINE_BEGIN_TARGET(features) \
  TREELINE_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define TREELINE_END_TARGET _Pragma("clang attribute pop")
#elif defined(__GNUC__)
#define TREELINE_BEGIN_TARGET(features) \
  _Pragma("GCC push_options") TREELINE_PRAGMA(GCC target(features))
#define TREELINE_END_TARGET _Pragma("GCC pop_options")
#endif
