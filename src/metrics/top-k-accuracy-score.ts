import { invalidArgument, invalidData, show, warnUndefinedMetric } from "../base/errors.js";
import { encodeLabels, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import { codesAmong, columnCodes, sortedLabels } from "./column-codes.js";
import { checkOptions, type WeightedOptions } from "./options.js";
import { onlyColumn, readScores, type ScoreLike, type ScoreTable } from "./scores.js";
import { weightedMean } from "./sum.js";
import { checkLengths, readWeights } from "./targets.js";

/** Options of topKAccuracyScore. */
export interface TopKAccuracyOptions extends WeightedOptions {
  /** How many of the likeliest classes count as right. Default 2. */
  readonly k?: number | undefined;
  /** Return a fraction; false: the (weighted) number of rows. Default true. */
  readonly normalize?: boolean | undefined;
  /** The classes of yScore's columns, sorted; needed when yTrue lacks some. Default: those of yTrue. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
}

const WHERE = "topKAccuracyScore";

/**
 * Fraction of rows whose class is among the k of highest score, as scikit-learn's top_k_accuracy_score. Of equal scores the
 * later column is the higher. Two classes: one column, the scores of the greater label.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function topKAccuracyScore(
  yTrue: VectorLike,
  yScore: ScoreLike,
  options: TopKAccuracyOptions = {},
): Promise<number> {
  checkOptions(WHERE, options, ["k", "normalize", "sampleWeight", "labels"]);
  const { k = 2, normalize = true } = options;
  if (!Number.isInteger(k) || k < 1) throw invalidArgument(`${WHERE}: k must be a positive integer, got ${show(k)}`);
  const labels = await encodeLabels(yTrue, `${WHERE}: yTrue`);
  const table = await readScores(WHERE, "yScore", yScore);
  checkLengths(WHERE, labels.codes.length, "yScore", table.rows);
  const weights = await readWeights(WHERE, options.sampleWeight, table.rows);
  const known = options.labels === undefined ? undefined : sortedLabels(WHERE, options.labels);
  const nClasses = (known ?? labels.classes).length;
  if (k >= nClasses) warnUndefinedMetric(`${WHERE}: k (${k}) of ${nClasses} classes: every row counts as right`);
  if (nClasses > 2) {
    const codes = columnCodes(WHERE, labels, table.cols, known);
    return weightedMean(table.rows, weights, (i) => Number(rankOf(table, i, codes[i] as number) < k), normalize);
  }
  if (nClasses < 2) throw invalidData(`${WHERE}: yTrue has one class only: name all classes in { labels }`);
  const codes = known === undefined ? labels.codes : codesAmong(WHERE, labels, known);
  const scores = onlyColumn(WHERE, "yScore", table);
  const threshold = scores.every((score) => score >= 0 && score <= 1) ? 0.5 : 0;
  const isRight = (i: number): boolean => k > 1 || Number((scores[i] as number) > threshold) === codes[i];
  return weightedMean(table.rows, weights, (i) => Number(isRight(i)), normalize);
}

/** How many classes stand before one. */
function rankOf({ values, cols }: ScoreTable, row: number, code: number): number {
  const own = values[row * cols + code] as number;
  let before = 0;
  for (let j = 0; j < cols; j++) {
    const other = values[row * cols + j] as number;
    if (other > own || (other === own && j > code)) before++;
  }
  return before;
}
