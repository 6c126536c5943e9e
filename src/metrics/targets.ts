import { invalidArgument, invalidData, show } from "../base/errors.js";
import {
  compareLabels,
  encodeLabels,
  readTarget,
  type Label,
  type LabelArray,
  type VectorLike,
} from "../data/vector.js";

/** True and predicted labels, encoded over the sorted union of their classes. */
export interface LabelPair {
  readonly classes: readonly Label[];
  /** Codes, indices into classes. */
  readonly truth: Int32Array;
  readonly predicted: Int32Array;
  readonly weights: Float64Array | undefined;
}

/**
 * Reads what classification metrics compare. `true` and 1, `false` and 0 are the same class.
 *
 * @throws TreelineError ERR_INVALID_DATA for empty input, unequal lengths, continuous values, strings against numbers.
 */
export async function readLabelPair(
  where: string,
  yTrue: VectorLike,
  yPred: VectorLike,
  sampleWeight?: VectorLike,
): Promise<LabelPair> {
  const given = await encodeLabels(yTrue, `${where}: yTrue`);
  const guess = await encodeLabels(yPred, `${where}: yPred`);
  checkLengths(where, given.codes.length, "yPred", guess.codes.length);
  const classes = unionOfClasses(where, given.classes, guess.classes);
  return {
    classes,
    truth: recode(given.codes, given.classes, classes),
    predicted: recode(guess.codes, guess.classes, classes),
    weights: await readWeights(where, sampleWeight, given.codes.length),
  };
}

/** Two columns of finite numbers. */
export interface NumberPair {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  readonly weights: Float64Array | undefined;
}

/** Reads what regression metrics compare. @throws TreelineError ERR_INVALID_DATA */
export async function readNumberPair(
  where: string,
  yTrue: VectorLike,
  yPred: VectorLike,
  sampleWeight?: VectorLike,
): Promise<NumberPair> {
  const truth = await readTarget(yTrue, `${where}: yTrue`);
  const predicted = await readTarget(yPred, `${where}: yPred`);
  checkLengths(where, truth.length, "yPred", predicted.length);
  return { truth, predicted, weights: await readWeights(where, sampleWeight, truth.length) };
}

/** Sample weights of a metric: non-negative, finite, one a row, not all zero; a copy. */
export async function readWeights(
  where: string,
  sampleWeight: VectorLike | undefined,
  rows: number,
): Promise<Float64Array | undefined> {
  if (sampleWeight === undefined || sampleWeight === null) return undefined;
  const weights = await readTarget(sampleWeight, `${where}: sampleWeight`);
  checkLengths(where, rows, "sampleWeight", weights.length);
  const negative = weights.findIndex((w) => w < 0);
  if (negative >= 0) {
    throw invalidData(`${where}: sampleWeight must not be negative, got ${weights[negative]} in row ${negative}`);
  }
  if (!weights.some((w) => w > 0)) throw invalidData(`${where}: all values of sampleWeight are zero`);
  return weights;
}

export function checkLengths(where: string, rows: number, name: string, length: number): void {
  if (rows !== length) throw invalidData(`${where}: yTrue has ${rows} values, but ${name} has ${length}`);
  if (rows === 0) throw invalidData(`${where}: yTrue is empty; at least 1 value is needed`);
}

/** Labels as keys of a Map: true is 1 and false is 0, as in NumPy. */
export function labelKey(label: Label): Label {
  return typeof label === "boolean" ? Number(label) : label;
}

/** Index of `label` in `classes`; -1 if it is not there. */
export function indexOfLabel(classes: ArrayLike<Label>, label: Label): number {
  return Array.prototype.findIndex.call(classes, (c: Label) => labelKey(c) === labelKey(label));
}

/** How messages list classes. */
export function showLabels(classes: ArrayLike<Label>): string {
  const shown = Array.from(classes).slice(0, 10).map(show).join(", ");
  return classes.length > 10 ? `${shown}, …` : shown;
}

/** The sorted classes of two columns. */
function unionOfClasses(where: string, a: LabelArray, b: LabelArray): Label[] {
  const [typeA, typeB] = [typeof a[0], typeof b[0]];
  if (typeA !== typeB && (typeA === "string" || typeB === "string")) {
    throw invalidData(`${where}: yTrue holds ${typeA}s, but yPred ${typeB}s: they must be labels of the same kind`);
  }
  const union = new Map<Label, Label>();
  for (const label of [...a, ...b]) union.set(labelKey(label), typeA === typeB ? label : labelKey(label));
  return [...union.values()].sort(compareLabels);
}

function recode(codes: Int32Array, from: LabelArray, to: readonly Label[]): Int32Array {
  if (from.length === to.length) return codes; // both sorted, the same set
  const place = Int32Array.from(from, (label: Label) => indexOfLabel(to, label));
  return codes.map((code) => place[code] as number);
}

/**
 * The labels option: which classes, in which order.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT unless it is a non-empty array of labels without repetition.
 */
export function checkLabels(where: string, labels: ArrayLike<Label>): Label[] {
  const list = Array.isArray(labels) || ArrayBuffer.isView(labels) ? Array.from(labels as ArrayLike<Label>) : [];
  if (list.length === 0) throw invalidArgument(`${where}: labels must be an array of at least one label`);
  const repeated = list.find((label, i) => list.findIndex((other) => labelKey(other) === labelKey(label)) !== i);
  if (repeated !== undefined) throw invalidArgument(`${where}: labels names ${show(repeated)} twice`);
  return list;
}
