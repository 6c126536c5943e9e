import { floorLog } from "./halving-schedule.js";
import type { Halving } from "./incremental-schedule.js";

/** One bracket of Hyperband: a search by successive halving. */
export interface BracketPlan extends Halving {
  /** 0 trains few models for long; the greater, the more models it begins with, and the sooner it drops them. */
  readonly bracket: number;
}

/**
 * The brackets of Hyperband (Li et al. 2016, algorithm 1), the greatest number first: with s the largest power of
 * aggressiveness within maxIter, bracket b begins with ceil((s + 1) * aggressiveness ** b / (b + 1)) models, each for
 * maxIter / aggressiveness ** b calls.
 */
export function hyperbandBrackets(maxIter: number, aggressiveness: number): BracketPlan[] {
  const most = floorLog(maxIter, aggressiveness);
  return Array.from({ length: most + 1 }, (_, k) => {
    const bracket = most - k;
    const power = aggressiveness ** bracket;
    return {
      bracket,
      nInitialParameters: Math.ceil(((most + 1) * power) / (bracket + 1)),
      nInitialIter: Math.floor(maxIter / power),
      aggressiveness,
    };
  });
}

/** What Hyperband takes `patience: true` for: that of a search whose last step gives as many calls; at least 2. */
export function hyperbandPatience(maxIter: number, aggressiveness: number): number {
  return Math.max(2, Math.floor(maxIter / aggressiveness));
}
