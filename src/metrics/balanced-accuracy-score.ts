import { warnUndefinedMetric } from "../base/errors.js";
import type { VectorLike } from "../data/vector.js";
import { countClasses } from "./class-counts.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { readLabelPair } from "./targets.js";

/** Options of balancedAccuracyScore. */
export interface BalancedAccuracyOptions extends WeightedOptions {
  /** Rescale so that guessing scores 0 and perfection 1. Default false. */
  readonly adjusted?: boolean | undefined;
}

/**
 * Mean of the classes' recalls, as scikit-learn's balanced_accuracy_score. Classes that yTrue lacks are left out, with a
 * warning.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function balancedAccuracyScore(
  yTrue: VectorLike,
  yPred: VectorLike,
  options: BalancedAccuracyOptions = {},
): Promise<number> {
  const where = "balancedAccuracyScore";
  checkOptions(where, options, ["adjusted", "sampleWeight"]);
  const { right, actual } = countClasses(await readLabelPair(where, yTrue, yPred, options.sampleWeight));
  const recalls = right.map((tp, k) => tp / (actual[k] as number)).filter((recall) => !Number.isNaN(recall));
  if (recalls.length < right.length) warnUndefinedMetric(`${where}: yPred has classes that yTrue lacks`);
  const score = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
  const chance = 1 / recalls.length;
  return options.adjusted === true ? (score - chance) / (1 - chance) : score;
}
