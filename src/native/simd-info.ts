import { addon } from "./load.js";

/**
 * The instruction sets of this processor that Treeline has kernels for, worst first, and the one in use. The environment
 * variable TREELINE_ISA (baseline, avx2, avx512, neon) forces one; results are the same bits on all of them.
 */
export function simdInfo(): { active: string; supported: string[] } {
  return addon().simdInfo();
}
