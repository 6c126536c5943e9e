import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { NumberPair } from "./targets.js";

/** The unit deviance of y given its mean, of a Tweedie distribution (scikit-learn's mean_tweedie_deviance). */
export function unitDeviance(y: number, mean: number, power: number): number {
  if (power === 0) return (y - mean) ** 2;
  if (power === 1) return 2 * ((y > 0 ? y * Math.log(y / mean) : 0) - y + mean);
  if (power === 2) return 2 * (Math.log(mean / y) + y / mean - 1);
  const own = Math.max(y, 0) ** (2 - power) / ((1 - power) * (2 - power));
  return 2 * (own - (y * mean ** (1 - power)) / (1 - power) + mean ** (2 - power) / (2 - power));
}

/** Throws for a power that no distribution has, and for targets or predictions outside of its range. */
export function checkTweedie(where: string, { truth, predicted }: NumberPair, power: number): void {
  if (!Number.isFinite(power) || (power > 0 && power < 1)) {
    throw invalidArgument(`${where}: power must be at most 0 or at least 1, got ${show(power)}`);
  }
  if (power === 0) return;
  const refuse = (name: string, values: Float64Array, isBad: (value: number) => boolean, range: string): void => {
    const bad = values.findIndex(isBad);
    if (bad < 0) return;
    throw invalidData(
      `${where}: ${name} must be ${range} for a deviance of power ${power}, got ${values[bad]} in row ${bad}`,
    );
  };
  refuse("yPred", predicted, (value) => value <= 0, "positive");
  if (power >= 2) refuse("yTrue", truth, (value) => value <= 0, "positive");
  else if (power >= 1) refuse("yTrue", truth, (value) => value < 0, "0 or more");
}
