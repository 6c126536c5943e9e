import { invalidArgument, invalidData, show } from "../base/errors.js";
import { choice, type ParamSpec } from "../base/params.js";
import type { Matrix } from "../data/matrix.js";
import type { Targets } from "../data/targets.js";
import { r2Score } from "../metrics/r2-score.js";
import { getScorer, makeScorer, type Scorer } from "../metrics/scorer.js";

/**
 * How several outputs are learned. "multiOutputTree": one tree an iteration, whose leaves hold a value of every output and
 * whose splits are those with the greatest gain of all outputs together. "oneOutputPerTree": every output has trees of its
 * own. XGBoost's multi_strategy.
 */
export type MultiStrategy = "multiOutputTree" | "oneOutputPerTree";

/** The parameter multiStrategy. */
export function multiStrategySpec(fallback: MultiStrategy): ParamSpec<MultiStrategy> {
  return choice(fallback, ["multiOutputTree", "oneOutputPerTree"]);
}

/** Columns of `rows` values, one after another, as rows. */
export function rowMajor(columns: Float64Array, rows: number): Float64Array {
  const cols = rows === 0 ? 0 : columns.length / rows;
  if (cols === 1) return columns;
  const out = new Float64Array(columns.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out[i * cols + j] = columns[j * rows + i] as number;
  return out;
}

/**
 * R² of predictions, row-major, of one target or several; of several the mean.
 *
 * @throws TreelineError ERR_INVALID_DATA for another number of targets.
 */
export async function meanR2(
  { rows, nTargets, values }: Targets,
  predicted: Float64Array,
  nOutputs: number,
  sampleWeight: Parameters<typeof r2Score>[2],
  where: string,
): Promise<number> {
  if (nTargets !== nOutputs) throw invalidData(`${where} has ${nTargets} columns, but the fit had ${nOutputs}`);
  let sum = 0;
  for (let t = 0; t < nTargets; t++) {
    const column = Float64Array.from({ length: rows }, (_, i) => predicted[i * nOutputs + t] as number);
    sum += await r2Score(values.subarray(t * rows, (t + 1) * rows), column, sampleWeight);
  }
  return sum / nTargets;
}

/** A scorer of several targets: "r2", the mean of theirs, or a function, which gets and is given a Matrix. */
export function multiOutputScorer(where: string, nTargets: number): (metric: string | Scorer) => Scorer {
  if (nTargets === 1) return getScorer;
  return (metric) => {
    if (typeof metric !== "string") return metric;
    if (metric !== "r2") {
      throw invalidArgument(
        `${where}: of several targets, scoring and evalMetric must be "loss", "r2" or functions, got ${show(metric)}`,
      );
    }
    return makeScorer((truth: unknown, predicted: unknown, options: object) => {
      const y = truth as Matrix<Float64Array>;
      const values = columnsOf(y);
      const targets: Targets = { rows: y.rows, nTargets, isFlat: false, values };
      return meanR2(targets, (predicted as Matrix<Float64Array>).data, nTargets, options, where);
    });
  };
}

function columnsOf(matrix: Matrix<Float64Array>): Float64Array {
  const out = new Float64Array(matrix.rows * matrix.cols);
  for (let i = 0; i < matrix.rows; i++) {
    for (let j = 0; j < matrix.cols; j++) out[j * matrix.rows + i] = matrix.data[i * matrix.cols + j] as number;
  }
  return out;
}
