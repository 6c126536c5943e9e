import { invalidArgument, show } from "../base/errors.js";

/** Numbers to draw from: what uniform, loguniform, randint and normal make. Plain data, so that searches can be saved. */
export type Distribution =
  | { readonly distribution: "uniform" | "loguniform" | "randint"; readonly low: number; readonly high: number }
  | { readonly distribution: "normal"; readonly mean: number; readonly std: number };

/** A distribution of your own: draws a value with the help of a source of random numbers in [0, 1). */
export type Draw = (random: () => number) => unknown;

function checkRange(where: string, low: number, high: number, least: number): void {
  if (Number.isFinite(low) && Number.isFinite(high) && low < high && low > least) return;
  throw invalidArgument(
    `${where}: expected two finite numbers low < high${least === 0 ? ", above 0" : ""}, got ${show(low)} and ${show(high)}`,
  );
}

/** Numbers in [low, high), all equally likely. @throws TreelineError ERR_INVALID_ARGUMENT */
export function uniform(low: number, high: number): Distribution {
  checkRange("uniform", low, high, -Infinity);
  return { distribution: "uniform", low, high };
}

/**
 * Numbers in [low, high) whose logarithms are equally likely: strengths of penalties, learning rates (scipy's loguniform).
 *
 * @example const search = new RandomizedSearchCV({ paramDistributions: { C: loguniform(1e-3, 1e3) } });
 * @throws TreelineError ERR_INVALID_ARGUMENT
 */
export function loguniform(low: number, high: number): Distribution {
  checkRange("loguniform", low, high, 0);
  return { distribution: "loguniform", low, high };
}

/** Integers from low to high - 1, all equally likely (scipy's randint). @throws TreelineError ERR_INVALID_ARGUMENT */
export function randint(low: number, high: number): Distribution {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || low >= high) {
    throw invalidArgument(`randint: expected two integers low < high, got ${show(low)} and ${show(high)}`);
  }
  return { distribution: "randint", low, high };
}

/** Normally distributed numbers. @throws TreelineError ERR_INVALID_ARGUMENT */
export function normal(mean = 0, std = 1): Distribution {
  if (!Number.isFinite(mean) || !(std > 0 && Number.isFinite(std))) {
    throw invalidArgument(`normal: expected a finite mean and a positive std, got ${show(mean)} and ${show(std)}`);
  }
  return { distribution: "normal", mean, std };
}

export function isDistribution(value: unknown): value is Distribution {
  return typeof value === "object" && value !== null && "distribution" in value;
}

/** A value of a distribution. */
export function drawFrom(distribution: Distribution, random: () => number): number {
  switch (distribution.distribution) {
    case "uniform":
      return distribution.low + (distribution.high - distribution.low) * random();
    case "loguniform": {
      const { low, high } = distribution;
      return Math.min(high, Math.max(low, Math.exp(Math.log(low) + (Math.log(high) - Math.log(low)) * random())));
    }
    case "randint":
      return distribution.low + Math.floor((distribution.high - distribution.low) * random());
    case "normal": {
      const radius = Math.sqrt(-2 * Math.log(1 - random())); // Box and Muller
      return distribution.mean + distribution.std * radius * Math.cos(2 * Math.PI * random());
    }
  }
}
