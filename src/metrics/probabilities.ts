import { invalidArgument, invalidData, warnData } from "../base/errors.js";
import { encodeLabels, type Label, type LabelArray, type VectorLike } from "../data/vector.js";
import { readScores, type ScoreLike } from "./scores.js";
import { checkLabels, checkLengths, indexOfLabel, readWeights, showLabels } from "./targets.js";

/** Labels and the probabilities of all their classes. */
export interface ProbabilityTable {
  /** Column of the true class of every row. */
  readonly codes: Int32Array;
  /** rows × nClasses, row-major. */
  readonly values: Float64Array;
  readonly nClasses: number;
  readonly weights: Float64Array | undefined;
  readonly epsilon: number;
}

export interface ProbabilityOptions {
  readonly sampleWeight?: VectorLike | undefined;
  /** The classes of yProba's columns; needed when yTrue may lack some. Default: those of yTrue, sorted. */
  readonly labels?: LabelArray | readonly Label[] | undefined;
}

/**
 * Reads labels and class probabilities; one column of probabilities is that of the greater of two classes.
 *
 * @throws TreelineError ERR_INVALID_DATA, ERR_INVALID_ARGUMENT
 */
export async function readProbabilities(
  where: string,
  yTrue: VectorLike,
  yProba: ScoreLike,
  options: ProbabilityOptions,
): Promise<ProbabilityTable> {
  const { classes, codes } = await encodeLabels(yTrue, `${where}: yTrue`);
  const table = await readScores(where, "yProba", yProba);
  checkLengths(where, codes.length, "yProba", table.rows);
  checkRange(where, table.values);
  const columns = columnClasses(where, classes, options.labels);
  const values = table.cols === 1 ? withComplement(table.values) : table.values;
  const nClasses = table.cols === 1 ? 2 : table.cols;
  if (columns.length !== nClasses) {
    throw invalidData(
      `${where}: there are ${columns.length} classes (${showLabels(columns)}), but yProba has ${nClasses} columns: ` +
        "name the classes of its columns in { labels }",
    );
  }
  warnUnlessNormalized(where, values, nClasses, Math.sqrt(table.epsilon));
  const place = Int32Array.from(classes, (label: Label) => indexOfLabel(columns, label));
  const weights = await readWeights(where, options.sampleWeight, codes.length);
  return { codes: codes.map((code) => place[code] as number), values, nClasses, weights, epsilon: table.epsilon };
}

export function checkRange(where: string, values: Float64Array): void {
  const outside = values.findIndex((p) => p < 0 || p > 1);
  if (outside >= 0) throw invalidData(`${where}: yProba must hold probabilities in [0, 1], got ${values[outside]}`);
}

/** Columns [1 - p, p]. */
export function withComplement(positive: Float64Array): Float64Array {
  const values = new Float64Array(2 * positive.length);
  for (let i = 0; i < positive.length; i++) {
    const p = positive[i] as number;
    values[2 * i] = 1 - p;
    values[2 * i + 1] = p;
  }
  return values;
}

function columnClasses(where: string, classes: LabelArray, given: ProbabilityOptions["labels"]): Label[] {
  if (given === undefined) {
    if (classes.length < 2) {
      throw invalidData(
        `${where}: yTrue holds one label only (${showLabels(classes)}): name all classes in { labels }`,
      );
    }
    return Array.from<Label>(classes);
  }
  const columns = checkLabels(where, given);
  if (columns.length < 2) throw invalidArgument(`${where}: labels must name at least two classes`);
  if (columns.some((label, k) => k > 0 && !((columns[k - 1] as Label) < label))) {
    throw invalidArgument(`${where}: labels must be sorted, and the columns of yProba in the same order`);
  }
  const unknown = Array.from<Label>(classes).filter((label) => indexOfLabel(columns, label) < 0);
  if (unknown.length > 0)
    throw invalidData(`${where}: yTrue has labels that are not in { labels }: ${showLabels(unknown)}`);
  return columns;
}

function warnUnlessNormalized(where: string, values: Float64Array, nClasses: number, tolerance: number): void {
  for (let i = 0; i < values.length; i += nClasses) {
    let sum = 0;
    for (let j = 0; j < nClasses; j++) sum += values[i + j] as number;
    if (Math.abs(sum - 1) > tolerance) {
      warnData(`${where}: row ${i / nClasses} of yProba sums to ${sum}, not 1: pass probabilities`);
      return;
    }
  }
}
