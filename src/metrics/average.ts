import { thresholdCurve } from "./threshold-curve.js";
import type { ThresholdCurveResult } from "../native/addon.js";
import { columnOf, type ScoreTable } from "./scores.js";
import { Sum } from "./sum.js";

/** How per-class results become one number: their mean, weighted by support, one problem of all cells; null: not at all. */
export type ScoreAverage = "macro" | "weighted" | "micro" | null;

/**
 * A binary metric on every class against the rest (scikit-learn's _average_binary_score). `codes` are column indices.
 */
export async function averageOverClasses(
  codes: Int32Array,
  table: ScoreTable,
  weights: Float64Array | undefined,
  average: ScoreAverage,
  metric: (curve: ThresholdCurveResult) => number,
): Promise<number | Float64Array> {
  const { rows, cols } = table;
  if (average === "micro") {
    const positive = new Uint8Array(rows * cols);
    codes.forEach((code, i) => (positive[i * cols + code] = 1));
    const repeated = weights && Float64Array.from(positive, (_, k) => weights[Math.floor(k / cols)] as number);
    return metric(await thresholdCurve(positive, table.values, repeated));
  }
  const support = new Float64Array(cols);
  codes.forEach((code, i) => (support[code] = (support[code] as number) + (weights?.[i] ?? 1)));
  const scores = new Float64Array(cols);
  for (let k = 0; k < cols; k++) {
    const positive = Uint8Array.from(codes, (code) => (code === k ? 1 : 0));
    scores[k] = metric(await thresholdCurve(positive, columnOf(table, k), weights));
  }
  if (average === null) return scores;
  return mean(scores, average === "weighted" ? support : undefined);
}

/** Mean of per-class scores; a class of weight 0 counts nothing, NaN or not. */
function mean(scores: Float64Array, weights: Float64Array | undefined): number {
  const sum = new Sum();
  const total = new Sum();
  scores.forEach((score, k) => {
    const weight = weights === undefined ? 1 : (weights[k] as number);
    if (weight !== 0) sum.add(weight * score);
    total.add(weight);
  });
  return sum.value / total.value;
}
