import type { LabelPair } from "./targets.js";

/** Of every class: the weight of rows predicted right, of rows predicted as it, of rows that are it. */
export interface ClassCounts {
  readonly right: Float64Array;
  readonly predicted: Float64Array;
  readonly actual: Float64Array;
  /** Weight of all rows. */
  readonly total: number;
}

/** What most classification metrics are made of: one pass, memory by the number of classes. */
export function countClasses({ classes, truth, predicted, weights }: LabelPair): ClassCounts {
  const counts = {
    right: new Float64Array(classes.length),
    predicted: new Float64Array(classes.length),
    actual: new Float64Array(classes.length),
  };
  let total = 0;
  for (let i = 0; i < truth.length; i++) {
    const weight = weights === undefined ? 1 : (weights[i] as number);
    const [t, p] = [truth[i] as number, predicted[i] as number];
    counts.actual[t] = (counts.actual[t] as number) + weight;
    counts.predicted[p] = (counts.predicted[p] as number) + weight;
    if (t === p) counts.right[t] = (counts.right[t] as number) + weight;
    total += weight;
  }
  return { ...counts, total };
}
