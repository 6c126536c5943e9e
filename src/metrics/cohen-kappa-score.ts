import { warnUndefinedMetric } from "../base/errors.js";
import type { Label, LabelArray, VectorLike } from "../data/vector.js";
import { confusionMatrix } from "./confusion-matrix.js";
import { checkChoice, checkOptions, type WeightedOptions } from "./options.js";

/** Options of cohenKappaScore. */
export interface CohenKappaOptions extends WeightedOptions {
  /** Which classes, in which order. Default: all, sorted. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
  /** How wrong a disagreement is: by the distance of the classes in order, or its square. Default null: all alike. */
  readonly weights?: "linear" | "quadratic" | null | undefined;
  /** The value where kappa is not defined. Default NaN. */
  readonly replaceUndefinedBy?: number | undefined;
}

/**
 * Cohen's kappa: how far two labellings agree beyond chance; 1 is best, chance scores 0; as scikit-learn's
 * cohen_kappa_score.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function cohenKappaScore(
  y1: VectorLike,
  y2: VectorLike,
  options: CohenKappaOptions = {},
): Promise<number> {
  const where = "cohenKappaScore";
  checkOptions(where, options, ["labels", "weights", "sampleWeight", "replaceUndefinedBy"]);
  const { labels, sampleWeight, weights = null, replaceUndefinedBy = NaN } = options;
  checkChoice(where, "weights", weights, ["linear", "quadratic", null]);
  const counts = await confusionMatrix(y1, y2, { labels, sampleWeight });
  const n = counts.rows;
  const [first, second] = [new Float64Array(n), new Float64Array(n)];
  counts.data.forEach((count, cell) => {
    first[Math.floor(cell / n)] = (first[Math.floor(cell / n)] as number) + count;
    second[cell % n] = (second[cell % n] as number) + count;
  });
  const total = first.reduce((sum, count) => sum + count, 0);
  let [observed, expected] = [0, 0];
  counts.data.forEach((count, cell) => {
    const distance = Math.abs(Math.floor(cell / n) - (cell % n));
    const wrong = weights === null ? Math.min(distance, 1) : weights === "linear" ? distance : distance ** 2;
    observed += wrong * count;
    expected += (wrong * ((first[Math.floor(cell / n)] as number) * (second[cell % n] as number))) / total;
  });
  if (!(total > 0 && expected > 0)) {
    warnUndefinedMetric(`${where}: not defined where y1 and y2 have one label in common only (${replaceUndefinedBy})`);
    return replaceUndefinedBy;
  }
  return 1 - observed / expected;
}
