import { invalidArgument, invalidData, warnData } from "../base/errors.js";
import { randomUniform } from "../base/random.js";
import type { EncodedLabels } from "../data/vector.js";

// The fold of every row, for splits in which every row is tested once.

/** Numbers 0 … n - 1 in a random order that depends on the seed alone (Fisher and Yates). */
export function permutation(n: number, seed: number, stream = 0): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  shuffle(order, seed, stream);
  return order;
}

/** Puts values in a random order, in place. */
export function shuffle(values: Int32Array, seed: number, stream = 0): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(randomUniform(seed, stream, i) * (i + 1));
    const value = values[i] as number;
    values[i] = values[j] as number;
    values[j] = value;
  }
}

/** Folds of neighbouring rows, as equal in size as can be, the first ones larger: scikit-learn's KFold. */
export function neighbouringFolds(rows: number, nFolds: number, where: string): Int32Array {
  if (rows < nFolds) {
    throw invalidData(`${where}: X has ${rows} rows, which are too few for ${nFolds} folds; choose fewer`);
  }
  const larger = rows % nFolds;
  const size = Math.floor(rows / nFolds);
  const border = larger * (size + 1);
  const fold = (i: number): number =>
    i < border ? Math.floor(i / (size + 1)) : larger + Math.floor((i - border) / size);
  return Int32Array.from({ length: rows }, (_, i) => fold(i));
}

/**
 * Folds with as equal a share of every class as can be: scikit-learn's StratifiedKFold. Without a seed neighbouring rows
 * within a class, else rows of a class at random.
 */
export function stratifiedFolds(
  nFolds: number,
  { classes, codes }: EncodedLabels,
  where: string,
  seed?: number,
): Int32Array {
  const nClasses = classes.length;
  const counts = new Int32Array(nClasses);
  const order: number[] = []; // classes as they first appear
  codes.forEach((code) => {
    if (counts[code] === 0) order.push(code);
    counts[code] = (counts[code] as number) + 1;
  });
  if (codes.length < nFolds || counts.every((count) => count < nFolds)) {
    throw invalidData(`${where}: no class of y has the ${nFolds} rows that ${nFolds} folds need; choose fewer folds`);
  }
  const least = counts.reduce((a, b) => Math.min(a, b));
  if (least < nFolds) {
    warnData(`${where}: the smallest class of y has only ${least} rows, fewer than the ${nFolds} folds: some lack it`);
  }
  // The rows sorted by class, dealt out like cards: how many of a class every fold gets.
  const shares = new Int32Array(nClasses * nFolds);
  let dealt = 0;
  for (const code of order) {
    for (let k = 0; k < (counts[code] as number); k++, dealt++) {
      const at = code * nFolds + (dealt % nFolds);
      shares[at] = (shares[at] as number) + 1;
    }
  }
  // Of every class the folds of its rows, in row order.
  const foldsOfClass = Array.from(counts, (count, code) => {
    const folds = new Int32Array(count);
    let row = 0;
    for (let f = 0; f < nFolds; f++) {
      const share = shares[code * nFolds + f] as number;
      folds.fill(f, row, row + share);
      row += share;
    }
    if (seed !== undefined) shuffle(folds, seed, code);
    return folds;
  });
  const next = new Int32Array(nClasses);
  return codes.map((code) => {
    const row = next[code] as number;
    next[code] = row + 1;
    return (foldsOfClass[code] as Int32Array)[row] as number;
  });
}

/** Rows of every group. */
function groupSizes({ classes, codes }: EncodedLabels): Int32Array {
  const sizes = new Int32Array(classes.length);
  codes.forEach((code) => (sizes[code] = (sizes[code] as number) + 1));
  return sizes;
}

export function checkGroups({ classes }: EncodedLabels, nFolds: number, where: string): void {
  if (classes.length < nFolds) {
    throw invalidData(`${where}: there are ${classes.length} groups, which are too few for ${nFolds} folds`);
  }
}

/**
 * Folds of whole groups, as equal in rows as a greedy choice makes them: the largest group first, each to the fold with the
 * fewest rows (scikit-learn's GroupKFold). With a seed folds of as many groups, at random.
 */
export function groupFolds(nFolds: number, groups: EncodedLabels, where: string, seed?: number): Int32Array {
  checkGroups(groups, nFolds, where);
  const sizes = groupSizes(groups);
  const foldOf = new Int32Array(sizes.length);
  if (seed === undefined) {
    const rowsOfFold = new Float64Array(nFolds);
    const order = Array.from(sizes, (_, g) => g).sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || b - a);
    for (const group of order) {
      const lightest = rowsOfFold.indexOf(Math.min(...rowsOfFold));
      rowsOfFold[lightest] = (rowsOfFold[lightest] as number) + (sizes[group] as number);
      foldOf[group] = lightest;
    }
  } else {
    const folds = neighbouringFolds(sizes.length, nFolds, where);
    permutation(sizes.length, seed).forEach((group, place) => (foldOf[group] = folds[place] as number));
  }
  return groups.codes.map((group) => foldOf[group] as number);
}

/**
 * Folds of whole groups whose classes are as equally shared as a greedy choice makes them: groups of the most unequal
 * classes first, each to the fold where the shares of the classes then differ least (scikit-learn's StratifiedGroupKFold).
 */
export function stratifiedGroupFolds(
  nFolds: number,
  labels: EncodedLabels,
  groups: EncodedLabels,
  where: string,
  seed?: number,
): Int32Array {
  const [nClasses, nGroups] = [labels.classes.length, groups.classes.length];
  const ofClass = groupSizes(labels);
  if (ofClass.every((count) => count < nFolds)) {
    throw invalidArgument(
      `${where}: no class of y has the ${nFolds} rows that ${nFolds} folds need; choose fewer folds`,
    );
  }
  const ofGroup = Array.from({ length: nGroups }, () => new Float64Array(nClasses));
  groups.codes.forEach((group, i) => {
    const counts = ofGroup[group] as Float64Array;
    const code = labels.codes[i] as number;
    counts[code] = (counts[code] as number) + 1;
  });
  const start = seed === undefined ? Int32Array.from({ length: nGroups }, (_, g) => g) : permutation(nGroups, seed);
  const spread = ofGroup.map(deviation);
  const order = Array.from(start).sort((a, b) => (spread[b] as number) - (spread[a] as number)); // stable
  const ofFold = Array.from({ length: nFolds }, () => new Float64Array(nClasses));
  const foldOf = new Int32Array(nGroups);
  for (const group of order) {
    const counts = ofGroup[group] as Float64Array;
    const best = bestFold(ofFold, counts, ofClass);
    foldOf[group] = best;
    ofFold[best] = (ofFold[best] as Float64Array).map((count, k) => count + (counts[k] as number));
  }
  return groups.codes.map((group) => foldOf[group] as number);
}

function bestFold(ofFold: readonly Float64Array[], counts: Float64Array, ofClass: Int32Array): number {
  let best = 0;
  let least = Infinity;
  let fewest = Infinity;
  ofFold.forEach((before, fold) => {
    const after = before.map((count, k) => count + (counts[k] as number));
    let spread = 0; // mean over the classes of the deviation between folds
    for (let k = 0; k < ofClass.length; k++) {
      const shares = Float64Array.from(
        ofFold,
        (other, f) => ((f === fold ? after : other)[k] as number) / (ofClass[k] as number),
      );
      spread += deviation(shares) / ofClass.length;
    }
    const rows = before.reduce((a, b) => a + b, 0);
    const close = Math.abs(spread - least) <= 1e-8 + 1e-5 * Math.abs(least); // numpy.isclose
    if (spread < least || (close && rows < fewest)) {
      best = fold;
      least = spread;
      fewest = rows;
    }
  });
  return best;
}

/** The standard deviation of some numbers. */
function deviation(values: Float64Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
