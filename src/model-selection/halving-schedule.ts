import { invalidArgument } from "../base/errors.js";

/** What a schedule is made from. */
export interface HalvingPlan {
  readonly candidates: number;
  readonly factor: number;
  readonly minResources: number;
  readonly maxResources: number;
  /** Begin with as much as lets the last iteration use all there is. */
  readonly exhaust: boolean;
  readonly aggressiveElimination: boolean;
}

/** How much each iteration gives to how many candidates. */
export interface HalvingSchedule {
  readonly minResources: number;
  readonly nRequiredIterations: number;
  readonly nPossibleIterations: number;
  readonly nIterations: number;
  readonly nCandidates: readonly number[];
  readonly nResources: readonly number[];
  readonly nRemainingCandidates: number;
}

/** The schedule of scikit-learn's BaseSuccessiveHalving._run_search. */
export function halvingSchedule(plan: HalvingPlan): HalvingSchedule {
  const { candidates, factor, maxResources, aggressiveElimination } = plan;
  const required = 1 + floorLog(candidates, factor);
  const most = Math.floor(maxResources / factor ** (required - 1));
  const minResources = plan.exhaust ? Math.max(plan.minResources, most) : plan.minResources;
  const possible = 1 + floorLog(Math.floor(maxResources / minResources), factor);
  const nIterations = aggressiveElimination ? required : Math.min(possible, required);
  const nCandidates: number[] = [];
  const nResources: number[] = [];
  let left = candidates;
  for (let i = 0; i < nIterations; i++) {
    const power = aggressiveElimination ? Math.max(0, i - required + possible) : i;
    nCandidates.push(left);
    nResources.push(Math.min(Math.floor(factor ** power * minResources), maxResources));
    left = Math.ceil(left / factor);
  }
  return {
    minResources,
    nRequiredIterations: required,
    nPossibleIterations: possible,
    nIterations,
    nCandidates,
    nResources,
    nRemainingCandidates: left,
  };
}

/** The greatest k with base ** k <= n: exact, where a quotient of logarithms may round below a whole number. */
export function floorLog(n: number, base: number): number {
  let k = 0;
  for (let power = base; power <= n; power *= base) k++;
  return k;
}

/** @throws TreelineError ERR_INVALID_ARGUMENT where an iteration would begin with more than there is. */
export function checkResources(minResources: number, maxResources: number, where: string): void {
  if (minResources <= maxResources) return;
  throw invalidArgument(
    `${where}: the first iteration needs ${minResources} of the resource, but there are at most ${maxResources}: give more rows ` +
      "or maxResources, or a smaller minResources",
  );
}

/** Places of the k best scores, the best last; NaN is less than all. */
export function topK(scores: ArrayLike<number>, k: number): number[] {
  const worth = Array.from(scores, (score) => (Number.isNaN(score) ? -Infinity : score));
  const order = worth.map((_, i) => i).sort((a, b) => (worth[a] as number) - (worth[b] as number) || a - b);
  return order.slice(-k);
}
