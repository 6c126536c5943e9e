import type { Bracket } from "./incremental-run.js";
import {
  Schedule,
  simulate,
  successiveHalving,
  type Halving,
  type Limits,
  type Simulated,
} from "./incremental-schedule.js";
import { ParameterSampler, type ParamDistributions } from "./parameter-grid.js";

/** One successive halving of drawn candidates, by itself or as a bracket of Hyperband. */
export interface HalvingPlan extends Halving {
  readonly parameters: ParamDistributions | readonly ParamDistributions[];
  readonly limits: Limits;
  readonly bracket?: number | undefined;
  /** What errors start with. */
  readonly where: string;
}

/** The models of a halving, drawn with a seed, and who decides about them. */
export function halvingRace(plan: HalvingPlan, seed: number): Bracket {
  const { parameters, limits, bracket, where } = plan;
  const on = { nIter: plan.nInitialParameters, randomState: seed };
  const candidates = [...new ParameterSampler(parameters, on, `${where}: parameters`)];
  return { bracket, candidates, schedule: new Schedule(successiveHalving(plan), limits) };
}

/** How a halving goes if no patience ends it. */
export function halvingForecast(plan: HalvingPlan): Simulated {
  const { parameters, limits, nInitialParameters, where } = plan;
  const sampler = new ParameterSampler(
    parameters,
    { nIter: nInitialParameters, randomState: 0 },
    `${where}: parameters`,
  );
  return simulate(sampler.length, new Schedule(successiveHalving(plan), { ...limits, patience: 0 }));
}

/** Of some calls: the sum. */
export function sumOf(calls: ArrayLike<number>): number {
  return Array.from(calls).reduce((sum, n) => sum + n, 0);
}
