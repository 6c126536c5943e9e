import { Matrix } from "../data/matrix.js";
import { encodeLabels, type VectorLike } from "../data/vector.js";
import { checkLengths } from "./targets.js";

/** How two labellings overlap: only cells that are not empty. */
export interface Contingency {
  /** Rows of each label of the first, of the second. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** Label of the first and of the second, and rows, of each cell, in row order. */
  readonly cells: readonly (readonly [number, number, number])[];
  readonly rows: number;
}

/** Counts how two labellings overlap; labels may be anything. @throws TreelineError ERR_INVALID_DATA */
export async function contingencyOf(
  where: string,
  labelsTrue: VectorLike,
  labelsPred: VectorLike,
): Promise<Contingency> {
  const a = await encodeLabels(labelsTrue, `${where}: labelsTrue`);
  const b = await encodeLabels(labelsPred, `${where}: labelsPred`);
  checkLengths(where, a.codes.length, "labelsPred", b.codes.length);
  const [first, second] = [new Float64Array(a.classes.length), new Float64Array(b.classes.length)];
  const counts = new Map<number, number>();
  for (let i = 0; i < a.codes.length; i++) {
    const [j, k] = [a.codes[i] as number, b.codes[i] as number];
    first[j] = (first[j] as number) + 1;
    second[k] = (second[k] as number) + 1;
    const cell = j * second.length + k;
    counts.set(cell, (counts.get(cell) ?? 0) + 1);
  }
  const cells = [...counts]
    .sort(([x], [y]) => x - y)
    .map(([cell, n]) => [Math.floor(cell / second.length), cell % second.length, n] as const);
  return { first, second, cells, rows: a.codes.length };
}

/**
 * Contingency matrix of two labellings: entry (i, j) is the number of rows with label i of the first and j of the second,
 * labels sorted; as scikit-learn's contingency_matrix.
 *
 * @throws TreelineError ERR_INVALID_DATA
 */
export async function contingencyMatrix(labelsTrue: VectorLike, labelsPred: VectorLike): Promise<Matrix<Float64Array>> {
  const { first, second, cells } = await contingencyOf("contingencyMatrix", labelsTrue, labelsPred);
  const counts = new Float64Array(first.length * second.length);
  for (const [i, j, n] of cells) counts[i * second.length + j] = n;
  return new Matrix(counts, [first.length, second.length]);
}
