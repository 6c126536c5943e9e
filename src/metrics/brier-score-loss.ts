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
  const scores = await readScores(WHERE, "yProba", yProba);
  const table =
    scores.cols === 1
      ? await readBinary(yTrue, scores, options)
      : await readProbabilities(WHERE, yTrue, yProba, options);
  const { codes, values, nClasses, weights } = table;
  const score = weightedMean(codes.length, weights, (i) => {
    let sum = 0;
    for (let k = 0; k < nClasses; k++) sum += ((k === codes[i] ? 1 : 0) - (values[i * nClasses + k] as number)) ** 2;
    return sum;
  });
  const half = options.scaleByHalf ?? "auto";
  return half === true || (half === "auto" && nClasses < 3) ? score / 2 : score;
}

async function readBinary(yTrue: VectorLike, scores: ScoreTable, options: BrierOptions): Promise<ProbabilityTable> {
  const labels = await encodeLabels(yTrue, `${WHERE}: yTrue`);
  checkLengths(WHERE, labels.codes.length, "yProba", scores.rows);
  checkRange(WHERE, scores.values);
  if (labels.classes.length > 2) {
    throw invalidData(`${WHERE}: yTrue has ${labels.classes.length} classes, but yProba one column: pass one a class`);
  }
  return {
    codes: Int32Array.from(flags(labels.codes, positive(labels, options.posLabel))),
    values: withComplement(scores.values),
    nClasses: 2,
    weights: await readWeights(WHERE, options.sampleWeight, scores.rows),
    epsilon: scores.epsilon,
  };
}

function positive(labels: Awaited<ReturnType<typeof encodeLabels>>, posLabel: Label | undefined): number {
  if (posLabel !== undefined) {
    const code = indexOfLabel(labels.classes, posLabel);
    if (code < 0 && labels.classes.length === 2) {
      throw invalidArgument(`${WHERE}: posLabel is not a label of yTrue`);
    }
    return code;
  }
  const numeric = typeof labels.classes[0] !== "string";
  const plain = numeric && Array.from<Label>(labels.classes).every((c) => [-1, 0, 1].includes(Number(c)));
  return numeric && !plain ? labels.classes.length - 1 : positiveCode(WHERE, labels, undefined);
}
