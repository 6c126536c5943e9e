import { invalidArgument, invalidData } from "../base/errors.js";
import { encodeLabels, type Label, type VectorLike } from "../data/vector.js";
import { checkOptions } from "./options.js";
import {
  checkRange,
  readProbabilities,
  withComplement,
  type ProbabilityOptions,
  type ProbabilityTable,
} from "./probabilities.js";
import { readScores, type ScoreLike, type ScoreTable } from "./scores.js";
import { weightedMean } from "./sum.js";
import { checkLengths, indexOfLabel, readWeights } from "./targets.js";
import { flags, positiveCode } from "./threshold-curve.js";

/** Options of brierScoreLoss. */
export interface BrierOptions extends ProbabilityOptions {
  /** The class whose probability a single column is. Default: 1, else the greater of two numeric labels. */
  readonly posLabel?: Label | undefined;
  /** Halve the score so that it lies in 0 … 1, not 0 … 2. Default "auto": for two classes. */
  readonly scaleByHalf?: boolean | "auto" | undefined;
}

const WHERE = "brierScoreLoss";

/**
 * Brier score: mean squared difference between probabilities and what came true, smaller is better, as scikit-learn's
 * brier_score_loss.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function brierScoreLoss(
  yTrue: VectorLike,
  yProba: ScoreLike,
  options: BrierOptions = {},
): Promise<number> {
  checkOptions(WHERE, options, ["sampleWeight", "posLabel", "labels", "scaleByHalf"]);
  const table = await readBrier(WHERE, yTrue, yProba, options);
  const half = options.scaleByHalf ?? "auto";
  return brierOf(table) / (half === true || (half === "auto" && table.nClasses < 3) ? 2 : 1);
}

/** Labels and probabilities; one column of these is that of posLabel. @throws TreelineError */
export async function readBrier(
  where: string,
  yTrue: VectorLike,
  yProba: ScoreLike,
  options: BrierOptions,
): Promise<ProbabilityTable> {
  const scores = await readScores(where, "yProba", yProba);
  return scores.cols === 1
    ? readBinary(where, yTrue, scores, options)
    : readProbabilities(where, yTrue, yProba, options);
}

/** Mean over the rows of the sum of squared differences. */
export function brierOf({ codes, values, nClasses, weights }: ProbabilityTable): number {
  return weightedMean(codes.length, weights, (i) => {
    let sum = 0;
    for (let k = 0; k < nClasses; k++) sum += ((k === codes[i] ? 1 : 0) - (values[i * nClasses + k] as number)) ** 2;
    return sum;
  });
}

async function readBinary(
  where: string,
  yTrue: VectorLike,
  scores: ScoreTable,
  options: BrierOptions,
): Promise<ProbabilityTable> {
  const labels = await encodeLabels(yTrue, `${where}: yTrue`);
  checkLengths(where, labels.codes.length, "yProba", scores.rows);
  checkRange(where, scores.values);
  if (labels.classes.length > 2) {
    throw invalidData(`${where}: yTrue has ${labels.classes.length} classes, but yProba one column: pass one a class`);
  }
  return {
    codes: Int32Array.from(flags(labels.codes, positive(where, labels, options.posLabel))),
    values: withComplement(scores.values),
    nClasses: 2,
    weights: await readWeights(where, options.sampleWeight, scores.rows),
    epsilon: scores.epsilon,
  };
}

function positive(
  where: string,
  labels: Awaited<ReturnType<typeof encodeLabels>>,
  posLabel: Label | undefined,
): number {
  if (posLabel !== undefined) {
    const code = indexOfLabel(labels.classes, posLabel);
    if (code < 0 && labels.classes.length === 2) {
      throw invalidArgument(`${where}: posLabel is not a label of yTrue`);
    }
    return code;
  }
  const numeric = typeof labels.classes[0] !== "string";
  const plain = numeric && Array.from<Label>(labels.classes).every((c) => [-1, 0, 1].includes(Number(c)));
  return numeric && !plain ? labels.classes.length - 1 : positiveCode(where, labels, undefined);
}
