import { invalidArgument, invalidData, show } from "../base/errors.js";
import { parallel } from "../base/parallel.js";
import { randomUniform, seedOf } from "../base/random.js";
import { Matrix } from "../data/matrix.js";
import type { MatrixLike } from "../data/row-source-of.js";
import { readColumn, type VectorLike } from "../data/vector.js";
import { getScorer, type Scorable, type Scorer } from "../metrics/scorer.js";
import { readMatrix } from "./read-matrix.js";

/** Options of permutationImportance. */
export interface PermutationImportanceOptions {
  /** What is measured: a scorer's name or a scorer; default: the estimator's own score (accuracy, R²). */
  readonly scoring?: string | Scorer | undefined;
  /** How often every feature is shuffled. Default 5. */
  readonly nRepeats?: number | undefined;
  /** Seed of the shuffles; null (default): a fresh one. */
  readonly randomState?: number | null | undefined;
  /** Features at work at a time; undefined: the ambient setting, else all cores. The result does not depend on it. */
  readonly nJobs?: number | undefined;
  /** One non-negative weight per row, for the scorer. */
  readonly sampleWeight?: VectorLike | undefined;
  /** Rows that are drawn, without replacement, for every feature and repeat: a share up to 1 or a number. Default 1. */
  readonly maxSamples?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** By how much the score falls when a feature is shuffled. */
export interface PermutationImportance {
  /** One a feature: the mean over the repeats. */
  readonly importancesMean: Float64Array;
  /** One a feature: the standard deviation over the repeats (of n, as scikit-learn's). */
  readonly importancesStd: Float64Array;
  /** nFeatures × nRepeats. */
  readonly importances: Matrix<Float64Array>;
}

interface WithScore extends Scorable {
  score?(X: MatrixLike, y: VectorLike, options?: { readonly sampleWeight?: VectorLike | undefined }): Promise<number>;
}

/**
 * Importance of every feature to a fitted estimator of any kind: how much its score on X and y falls when the values of the
 * feature are shuffled among the rows. Follows scikit-learn's permutation_importance (Breiman 2001). Use rows that the
 * estimator was not trained on; features that tell the same thing share their importance.
 * X is read into memory. The same randomState gives the same result, whatever nJobs.
 *
 * @example
 * const { importancesMean } = await permutationImportance(model, XTest, yTest, { scoring: "rocAuc", randomState: 0 });
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function permutationImportance(
  estimator: WithScore,
  X: MatrixLike,
  y: VectorLike,
  options: PermutationImportanceOptions = {},
): Promise<PermutationImportance> {
  const where = "permutationImportance";
  const { nRepeats = 5, nJobs, signal, maxSamples = 1, sampleWeight } = options;
  if (!Number.isInteger(nRepeats) || nRepeats < 1) {
    throw invalidArgument(`${where}: nRepeats must be a positive integer, got ${show(nRepeats)}`);
  }
  const score = scoreOf(estimator, options.scoring, where);
  const seed = seedOf(options.randomState ?? null);
  const { matrix, rebuild } = await readMatrix(X, `${where}: X`, signal);
  const labels = await readLabels(y, matrix.rows, where);
  const weights = sampleWeight === undefined ? undefined : await readLabels(sampleWeight, matrix.rows, where);
  const count = sampleCount(maxSamples, matrix.rows, where);
  const importances = new Matrix(new Float64Array(matrix.cols * nRepeats), [matrix.cols, nRepeats]);
  const baseline = await score(rebuild(matrix), labels, weights);
  const one = async (feature: number): Promise<void> => {
    for (let repeat = 0; repeat < nRepeats; repeat++) {
      signal?.throwIfAborted();
      const stream = feature * nRepeats + repeat;
      const rows =
        count === matrix.rows
          ? undefined
          : shuffled(matrix.rows, seed, 2 * stream)
              .slice(0, count)
              .sort();
      const part = rows === undefined ? matrix : takeRows(matrix, rows);
      const order = shuffled(part.rows, seed, 2 * stream + 1);
      const own = rows && ((values: ArrayLike<unknown>) => Array.from(rows, (i) => values[i]) as unknown as VectorLike);
      const y1 = own ? own(labels as ArrayLike<unknown>) : labels;
      const w1 = own && weights !== undefined ? own(weights as ArrayLike<unknown>) : weights;
      const permuted = await score(rebuild(withShuffled(part, feature, order)), y1, w1);
      importances.data[stream] = baseline - permuted;
    }
  };
  await parallel(
    Array.from({ length: matrix.cols }, (_, feature) => () => one(feature)),
    { nJobs, signal },
  );
  return { ...summary(importances), importances };
}

type Score = (X: MatrixLike, y: VectorLike, sampleWeight: VectorLike | undefined) => Promise<number>;

function scoreOf(estimator: WithScore, scoring: string | Scorer | undefined, where: string): Score {
  if (scoring !== undefined) {
    const scorer = getScorer(scoring);
    return (X, y, sampleWeight) => scorer(estimator, X, y, { sampleWeight });
  }
  if (typeof estimator?.score !== "function") {
    throw invalidArgument(`${where}: the estimator has no score method: say what to measure with the option scoring`);
  }
  return (X, y, sampleWeight) =>
    (estimator as Required<WithScore>).score(X, y, sampleWeight === undefined ? {} : { sampleWeight });
}

function sampleCount(maxSamples: number, rows: number, where: string): number {
  const isShare = maxSamples > 0 && maxSamples <= 1;
  if (!isShare && !(Number.isInteger(maxSamples) && maxSamples > 1 && maxSamples <= rows)) {
    throw invalidArgument(
      `${where}: maxSamples must be a share up to 1 or a number of rows up to ${rows}, got ${show(maxSamples)}`,
    );
  }
  return isShare ? Math.max(1, Math.floor(maxSamples * rows)) : maxSamples;
}

/** 0 … n - 1 in a random order (Fisher and Yates). */
function shuffled(n: number, seed: number, stream: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(randomUniform(seed, stream, i) * (i + 1));
    const held = order[i] as number;
    order[i] = order[j] as number;
    order[j] = held;
  }
  return order;
}

function takeRows(matrix: Matrix<Float64Array>, rows: Int32Array): Matrix<Float64Array> {
  const data = new Float64Array(rows.length * matrix.cols);
  rows.forEach((row, i) => data.set(matrix.row(row), i * matrix.cols));
  return new Matrix(data, [rows.length, matrix.cols]);
}

/** A copy in which the values of a column are those of the rows in another order. */
function withShuffled(matrix: Matrix<Float64Array>, column: number, order: Int32Array): Matrix<Float64Array> {
  const data = matrix.data.slice();
  const { cols } = matrix;
  for (let i = 0; i < order.length; i++) {
    data[i * cols + column] = matrix.data[(order[i] as number) * cols + column] as number;
  }
  return new Matrix(data, [matrix.rows, cols]);
}

function summary(importances: Matrix<Float64Array>): { importancesMean: Float64Array; importancesStd: Float64Array } {
  const importancesMean = new Float64Array(importances.rows);
  const importancesStd = new Float64Array(importances.rows);
  for (let j = 0; j < importances.rows; j++) {
    const values = importances.row(j);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    importancesMean[j] = mean;
    importancesStd[j] = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  }
  return { importancesMean, importancesStd };
}

async function readLabels(y: VectorLike, rows: number, where: string): Promise<VectorLike> {
  const values = await readColumn(y, `${where}: y`);
  if (values.length !== rows) throw invalidData(`${where}: X has ${rows} rows, but y has ${values.length} values`);
  return values;
}
