import { invalidData } from "../base/errors.js";
import { isBreak, takeBreak } from "../data/vector.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { readScores, type ScoreLike } from "./scores.js";
import { weightedMean } from "./sum.js";
import { readWeights } from "./targets.js";

const WHERE = "labelRankingAveragePrecisionScore";

/**
 * Label ranking average precision: of every true label of a row, the share of true ones among the labels that score at
 * least as much; the mean over these, then over rows. `yTrue`: nSamples × nLabels, 1 for the labels a row has, else 0;
 * `yScore`: as many scores. A row with no label, or with all, counts 1. From 0 (excluded) to 1. Follows scikit-learn's
 * label_ranking_average_precision_score.
 *
 * @example await labelRankingAveragePrecisionScore([[1, 0, 0], [0, 0, 1]], [[0.75, 0.5, 1], [1, 0.2, 0.1]]); // 0.416…
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function labelRankingAveragePrecisionScore(
  yTrue: ScoreLike,
  yScore: ScoreLike,
  options: WeightedOptions = {},
): Promise<number> {
  checkOptions(WHERE, options, ["sampleWeight"]);
  const labels = await readScores(WHERE, "yTrue", yTrue);
  const scores = await readScores(WHERE, "yScore", yScore);
  const { rows, cols } = labels;
  for (const [name, { flat }] of Object.entries({ yTrue: labels, yScore: scores })) {
    if (flat) throw invalidData(`${WHERE}: ${name} must be a table with a column a label, got a list`);
  }
  if (rows !== scores.rows || cols !== scores.cols) {
    throw invalidData(`${WHERE}: yTrue is ${rows} × ${cols}, but yScore ${scores.rows} × ${scores.cols}`);
  }
  if (rows === 0) throw invalidData(`${WHERE}: yTrue is empty; at least 1 row is needed`);
  const other = labels.values.findIndex((label) => label !== 0 && label !== 1);
  if (other >= 0) {
    const at = `row ${Math.floor(other / cols)}, column ${other % cols}`;
    throw invalidData(`${WHERE}: yTrue must hold 0 and 1, got ${labels.values[other]} in ${at}`);
  }
  const weights = await readWeights(WHERE, options.sampleWeight, rows);
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    if (isBreak(i)) await takeBreak();
    const [from, to] = [i * cols, (i + 1) * cols];
    values[i] = ofRow(labels.values.subarray(from, to), scores.values.subarray(from, to));
  }
  return weightedMean(rows, weights, (i) => values[i] as number);
}

/** The mean over a row's true labels of the share of true ones among those that score at least as much. */
function ofRow(labels: Float64Array, scores: Float64Array): number {
  const all = scores.slice().sort();
  const hits = scores.filter((_, j) => labels[j] === 1).sort();
  if (hits.length === 0 || hits.length === labels.length) return 1;
  let sum = 0;
  let [below, hitsBelow] = [0, 0];
  for (const score of hits) {
    while ((all[below] as number) < score) below++;
    while ((hits[hitsBelow] as number) < score) hitsBelow++;
    sum += (hits.length - hitsBelow) / (all.length - below);
  }
  return sum / hits.length;
}
