import { effectiveNJobs } from "../base/config.js";
import { invalidData, warnData } from "../base/errors.js";
import { ChunkedMatrix } from "../chunked/chunked-matrix.js";
import { computeAll } from "../chunked/reduction.js";
import { Matrix } from "../data/matrix.js";
import { pour, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import { encodeLabels, readTarget, type VectorLike } from "../data/vector.js";
import type { JobOptions, SinkHandle } from "../native/addon.js";
import { runJob } from "../native/job.js";
import { addon } from "../native/load.js";
import { refuseNonFinite } from "../preprocessing/chunked-transformer.js";
import { chi2Survival, fSurvival } from "./tail-probabilities.js";

/** How much every feature has to do with y. */
export interface UnivariateScores {
  /** One a feature: greater is more. */
  readonly scores: Float64Array;
  /** One a feature: the probability of such a score, or a greater one, where the feature has nothing to do with y. */
  readonly pvalues: Float64Array;
}

/** What the score functions take besides X and y. */
export interface ScoreOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What fRegression and rRegression take besides X and y. */
export interface RegressionScoreOptions extends ScoreOptions {
  /** Subtract the means of X and y. Default true. */
  readonly center?: boolean | undefined;
  /** Correlation 0, F 0 and p-value 1 in place of NaN, the greatest number in place of an infinite F. Default true. */
  readonly forceFinite?: boolean | undefined;
}

/**
 * Analysis of variance of every feature between the classes of y: scikit-learn's f_classif. One pass over X. Sums of squares
 * are formed about the means of the classes, so that features far from 0 lose no digits; a feature of one value has NaN.
 *
 * @example const { scores, pvalues } = await fClassif(X, y);
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function fClassif(X: MatrixLike, y: VectorLike, options: ScoreOptions = {}): Promise<UnivariateScores> {
  return varianceScores(X, y, "fClassif", options);
}

/**
 * F values of linear regressions of y on each feature alone: scikit-learn's f_regression. Two passes over X.
 *
 * @example const { scores, pvalues } = await fRegression(X, y);
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function fRegression(
  X: MatrixLike,
  y: VectorLike,
  options: RegressionScoreOptions = {},
): Promise<UnivariateScores> {
  return regressionScores(X, y, "fRegression", options);
}

/**
 * Pearson's correlation of every feature and y: scikit-learn's r_regression. Two passes over X.
 *
 * @example const correlations = await rRegression(X, y); // one a feature, -1 … 1
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function rRegression(
  X: MatrixLike,
  y: VectorLike,
  options: RegressionScoreOptions = {},
): Promise<Float64Array> {
  return (await correlations(X, y, "rRegression", options)).values;
}

/**
 * Chi² statistics of non-negative features, counts above all, against the classes of y: scikit-learn's chi2. One pass over X.
 *
 * @example const { scores, pvalues } = await chi2(counts, y);
 * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
 */
export async function chi2(X: MatrixLike, y: VectorLike, options: ScoreOptions = {}): Promise<UnivariateScores> {
  return chi2Scores(X, y, "chi2", options);
}

interface Labelled {
  readonly source: RowSource;
  readonly codes: Int32Array;
  readonly nClasses: number;
}

/** X and the classes of y. */
async function labelled(X: MatrixLike, y: VectorLike, where: string, { signal }: ScoreOptions): Promise<Labelled> {
  const source = sourceOf(X, where);
  const { classes, codes } = await encodeLabels(y, `${where}: y`, signal);
  if (codes.length === 0) throw invalidData(`${where}: y has 0 values; at least 1 is needed`);
  if (classes.length < 2) throw invalidData(`${where}: y has 1 class; at least 2 are needed`);
  return { source, codes, nClasses: classes.length };
}

function sourceOf(X: MatrixLike, where: string): RowSource {
  const source = rowSourceOf(X, `${where}: X`);
  if (source.nFeatures === 0) throw invalidData(`${where}: X has 0 features; at least 1 is needed`);
  return source;
}

function checkRows(rows: number, targets: number, where: string): void {
  if (rows !== targets) throw invalidData(`${where}: X has ${rows} rows, but y has ${targets} values`);
}

/** One pass into what `createSink` makes. */
async function onePass<R>(
  { source, codes }: Labelled,
  where: string,
  { signal }: ScoreOptions,
  createSink: (labels: { where: string; names: readonly string[] | undefined; nFeatures: number }) => SinkHandle,
  finish: (sink: SinkHandle, job: JobOptions) => Promise<R>,
): Promise<R> {
  if (source.nRows !== undefined) checkRows(source.nRows, codes.length, where);
  return runJob(effectiveNJobs(), { signal }, async (job) => {
    const sink = createSink({ where: `${where}: X`, names: source.featureNames, nFeatures: source.nFeatures });
    const { rows } = await pour(source, sink, job, signal);
    checkRows(rows, codes.length, where);
    return finish(sink, job);
  });
}

export async function varianceScores(
  X: MatrixLike,
  y: VectorLike,
  where: string,
  options: ScoreOptions,
): Promise<UnivariateScores> {
  const data = await labelled(X, y, where, options);
  const { codes, nClasses } = data;
  const { nFeatures } = data.source;
  const native = addon();
  const { count, mean, variance } = await onePass(
    data,
    where,
    options,
    (labels) => native.createClassMomentsSink(labels, codes, undefined, nClasses),
    (sink, job) => native.finishClassMoments(sink, job),
  );
  const constant: number[] = [];
  const scores = Float64Array.from({ length: nFeatures }, (_, j) => {
    const n = (k: number): number => count[k * nFeatures + j] as number;
    const m = (k: number): number => mean[k * nFeatures + j] as number;
    let [sum, within] = [0, 0];
    for (let k = 0; k < nClasses; k++) {
      sum += n(k) * m(k);
      const v = variance[k * nFeatures + j] as number;
      if (!isNoise(v, m(k))) within += n(k) * v;
    }
    const overall = sum / codes.length;
    let between = 0;
    for (let k = 0; k < nClasses; k++) between += n(k) * (m(k) - overall) ** 2;
    if (within === 0 && isNoise(between / codes.length, overall)) {
      constant.push(j);
      return NaN;
    }
    return between / (nClasses - 1) / (within / (codes.length - nClasses));
  });
  if (constant.length > 0) warnData(`${where}: features of one value have no F: ${constant.join(", ")}`);
  return { scores, pvalues: scores.map((f) => fSurvival(f, nClasses - 1, codes.length - nClasses)) };
}

/** Whether a variance is no more than what rounding makes of equal values. */
function isNoise(variance: number, mean: number): boolean {
  return variance <= (4 * Number.EPSILON * mean) ** 2;
}

export async function chi2Scores(
  X: MatrixLike,
  y: VectorLike,
  where: string,
  options: ScoreOptions,
): Promise<UnivariateScores> {
  const data = await labelled(X, y, where, options);
  const { codes, nClasses } = data;
  const { nFeatures } = data.source;
  const native = addon();
  const { classWeight, sums } = await onePass(
    data,
    where,
    options,
    (labels) => native.createClassSumsSink(labels, codes, undefined, nClasses, undefined),
    (sink, job) => native.finishClassSums(sink, job),
  );
  const scores = Float64Array.from({ length: nFeatures }, (_, j) => {
    let total = 0;
    for (let k = 0; k < nClasses; k++) total += sums[k * nFeatures + j] as number;
    let statistic = 0;
    for (let k = 0; k < nClasses; k++) {
      const expected = ((classWeight[k] as number) / codes.length) * total;
      statistic += ((sums[k * nFeatures + j] as number) - expected) ** 2 / expected;
    }
    return statistic;
  });
  return { scores, pvalues: scores.map((x) => chi2Survival(x, nClasses - 1)) };
}

export async function regressionScores(
  X: MatrixLike,
  y: VectorLike,
  where: string,
  options: RegressionScoreOptions,
): Promise<UnivariateScores> {
  const { center = true, forceFinite = true } = options;
  const { values, rows } = await correlations(X, y, where, options);
  const freedom = rows - (center ? 2 : 1);
  const raw = values.map((r) => (r ** 2 / (1 - r ** 2)) * freedom);
  const pvalues = raw.map((f) => fSurvival(f, 1, freedom));
  if (!forceFinite) return { scores: raw, pvalues };
  return {
    scores: raw.map((f) => (Number.isNaN(f) ? 0 : Math.min(f, Number.MAX_VALUE))),
    pvalues: pvalues.map((p, j) => (Number.isNaN(raw[j]) ? 1 : p)),
  };
}

export async function correlations(
  X: MatrixLike,
  y: VectorLike,
  where: string,
  { center = true, forceFinite = true, signal }: RegressionScoreOptions,
): Promise<{ readonly values: Float64Array; readonly rows: number }> {
  const source = sourceOf(X, where);
  const target = await readTarget(y, `${where}: y`, signal);
  const rows = target.length;
  const table = await ChunkedMatrix.from(source, { dtype: "float64", signal });
  checkRows(table.rows, rows, where);
  if (rows === 0) throw invalidData(`${where}: X has 0 rows; at least 1 is needed`);
  const axis = { axis: 0 } as const;
  const targets = await ChunkedMatrix.from(new Matrix(target, [rows, 1]), { signal });
  const of = (t: ChunkedMatrix) => [t.min(axis), t.max(axis), t.mean(axis)];
  const [least, most, mean, yLeast, yMost, yMean] = (await computeAll([...of(table), ...of(targets)], {
    signal,
  })) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  if (![...least, ...most].every(Number.isFinite)) await refuseNonFinite(table, where, signal);
  const D = center ? table.subtract(mean) : table;
  const d = center ? targets.subtract(yMean) : targets;
  const [products, squares, norm] = (await computeAll(
    [D.multiply(d).sum(axis), D.multiply(D).sum(axis), d.multiply(d).sum()],
    { signal },
  )) as [Float64Array, Float64Array, number];
  const yVaries = !center || yLeast[0] !== yMost[0];
  const values = products.map((product, j) => {
    const varies = yVaries && (!center || least[j] !== most[j]);
    const r = varies ? product / Math.sqrt(squares[j] as number) / Math.sqrt(norm) : NaN;
    return forceFinite && Number.isNaN(r) ? 0 : Math.max(-1, Math.min(1, r));
  });
  return { values, rows };
}
