import { invalidArgument, invalidData, show } from "../base/errors.js";
import type { Matrix } from "../data/matrix.js";
import type { RowSource } from "../data/row-source.js";
import { dense } from "../linalg/table.js";
import type { BlockMapHandle, PairwiseKind } from "../native/addon.js";
import { addon } from "../native/load.js";

/** Rows in memory that others are compared with. */
export type Rows = Matrix | readonly (readonly number[])[];

/** Every row of a table against each row of Y. */
export interface Comparison {
  readonly map: BlockMapHandle;
  /** Rows of Y: numbers for each row of the table. */
  readonly nOutputs: number;
}

/**
 * The native map of a comparison. gamma null: 1 / nFeatures.
 *
 * @throws TreelineError ERR_INVALID_ARGUMENT for shapes that do not fit or a gamma that is none, ERR_INVALID_DATA for values
 * of Y that are not finite.
 */
export function comparisonOf(
  where: string,
  source: RowSource,
  Y: Rows,
  kind: PairwiseKind,
  gamma: number | null = null,
): Comparison {
  const { nFeatures, featureNames: names } = source;
  if (nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  const others = dense(Y, `${where}: Y`);
  if (others.rows === 0) throw invalidData(`${where}: Y has 0 rows; at least 1 is needed`);
  if (others.cols !== nFeatures) {
    throw invalidArgument(`${where}: X has ${nFeatures} columns, but Y has ${others.cols}: they must be as many`);
  }
  if (gamma !== null && !(Number.isFinite(gamma) && gamma >= 0)) {
    throw invalidArgument(`${where}: gamma must be a number of at least 0, or null, got ${show(gamma)}`);
  }
  const labels = { where: `${where}: X`, names, nFeatures };
  const map = addon().createPairwiseMap(labels, others.data, kind, gamma ?? 1 / nFeatures);
  return { map, nOutputs: others.rows };
}
