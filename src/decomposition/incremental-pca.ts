import { effectiveNJobs } from "../base/config.js";
import { invalidArgument, invalidData } from "../base/errors.js";
import { boolean, integer, nullable, type ParamSpecs } from "../base/params.js";
import { pour, type RowSource } from "../data/row-source.js";
import { rowSourceOf, type MatrixLike } from "../data/row-source-of.js";
import type { JobOptions, TsqrResult } from "../native/addon.js";
import { runJob, type RunOptions } from "../native/job.js";
import { addon } from "../native/load.js";
import { batchSizes, countRows, forEachBatch } from "./batches.js";
import { PrincipalComponents, type ComponentsFitted } from "./principal-components.js";
import { flipSigns, labelsOf } from "./projection.js";
import { checkRows } from "./spectrum.js";

/** Parameters of IncrementalPCA. */
export interface IncrementalPCAParams {
  /** Components to keep; null (default): the smaller side of the first batch. */
  nComponents: number | null;
  /** Scale the transformed columns to variance 1. Default false. */
  whiten: boolean;
  /** Rows of a batch in fit; null (default): 5 × nFeatures. */
  batchSize: number | null;
}

const SPECS: ParamSpecs<IncrementalPCAParams> = {
  nComponents: nullable(integer(1, { min: 1 })),
  whiten: boolean(false),
  batchSize: nullable(integer(1, { min: 1 })),
};

interface Fitted extends ComponentsFitted {
  readonly nSamplesSeen: number;
  readonly variance: Float64Array;
  readonly batchSize: number | undefined;
}

/**
 * Principal component analysis batch by batch, the components brought up to date with each: for streams, and where a fit
 * of all rows at once is not wanted (Ross, Lim, Lin, Yang 2008). Follows scikit-learn's IncrementalPCA: the same batches
 * give the same components. PCA itself reads tables larger than memory, in one pass and exactly.
 *
 * @example
 * const pca = new IncrementalPCA({ nComponents: 3 });
 * for await (const rows of stream) await pca.partialFit(rows);
 */
export class IncrementalPCA extends PrincipalComponents<IncrementalPCAParams, Fitted> {
  constructor(params: Partial<IncrementalPCAParams> = {}) {
    super("IncrementalPCA", SPECS, params);
  }

  /**
   * Learns from all rows of X, in batches of batchSize. X: nSamples × nFeatures, finite, at least 2 rows.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async fit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const source = this.#source("fit", X);
    const { batchSize, nComponents } = this.params;
    const { signal } = options;
    const size = batchSize ?? 5 * source.nFeatures;
    const fitted = await runJob(effectiveNJobs(), options, async (job) => {
      const rows = await countRows(source, signal);
      checkRows("IncrementalPCA.fit", rows, 2);
      let state: Fitted | undefined;
      let sink = this.#sink("fit", source);
      const take = async (piece: Parameters<Parameters<typeof forEachBatch>[2]>[0], isLast: boolean): Promise<void> => {
        await addon().sinkPush(sink, addon().stageBlock(piece), { nJobs: job.nJobs, cancel: job.cancel });
        if (!isLast) return;
        state = await this.#update(source, state, await addon().tsqrResult(sink, job), job, size);
        sink = this.#sink("fit", source);
      };
      await forEachBatch(source, batchSizes(rows, size, nComponents ?? 0), take, signal);
      return state as unknown as Fitted;
    });
    this.setFitted(fitted);
    return this;
  }

  /**
   * Learns from one more batch: all rows of X at once.
   *
   * @throws TreelineError ERR_INVALID_ARGUMENT, ERR_INVALID_DATA
   */
  async partialFit(X: MatrixLike, _y?: unknown, options: RunOptions = {}): Promise<this> {
    this.checkParams();
    const source = this.#source("partialFit", X);
    const before = this.fittedOrUndefined;
    if (before !== undefined) this.checkFeatures("partialFit", source);
    const fitted = await runJob(effectiveNJobs(), options, async (job) => {
      const sink = this.#sink("partialFit", source);
      await pour(source, sink, job, options.signal);
      const factor = await addon().tsqrResult(sink, job);
      checkRows("IncrementalPCA.partialFit", factor.rows, 1);
      return this.#update(source, before, factor, job, before?.batchSize);
    });
    this.setFitted(fitted);
    return this;
  }

  /** Variance of every feature, divisor n. */
  get var_(): Float64Array {
    return this.fitted("var_").variance;
  }

  /** Rows seen since the last fit. */
  get nSamplesSeen_(): number {
    return this.fitted("nSamplesSeen_").nSamplesSeen;
  }

  /** Rows of a batch in the last fit; undefined after partialFit alone. */
  get batchSize_(): number | undefined {
    return this.fitted("batchSize_").batchSize;
  }

  #source(method: string, X: MatrixLike): RowSource {
    const source = rowSourceOf(X, `IncrementalPCA.${method}: X`);
    const { nFeatures } = source;
    if (nFeatures === 0) {
      throw invalidData(`IncrementalPCA.${method}: X has 0 features; at least 1 is needed`);
    }
    const { nComponents } = this.params;
    if (nComponents !== null && nComponents > nFeatures) {
      throw invalidArgument(`IncrementalPCA: nComponents must be at most nFeatures, ${nFeatures}, got ${nComponents}`);
    }
    return source;
  }

  #sink(method: string, source: RowSource): ReturnType<ReturnType<typeof addon>["createTsqrSink"]> {
    return addon().createTsqrSink(labelsOf(`IncrementalPCA.${method}`, source), true, undefined);
  }

  /** The state after one more batch, of which `factor` is R with an intercept: its mean, and its shape about the mean. */
  async #update(
    source: RowSource,
    before: Fitted | undefined,
    factor: TsqrResult,
    job: JobOptions,
    batchSize: number | undefined,
  ): Promise<Fitted> {
    const { nFeatures: d, featureNames } = source;
    const { rows: n, values, cols, height } = factor;
    const kept = this.#kept(before, n, d);
    const batch = { mean: new Float64Array(d), squares: new Float64Array(d) };
    for (let j = 0; j < d; j++) batch.mean[j] = (values[j + 1] as number) / (values[0] as number);
    for (let i = 1; i < height; i++) {
      for (let j = 0; j < d; j++) {
        batch.squares[j] = (batch.squares[j] as number) + (values[i * cols + j + 1] as number) ** 2;
      }
    }
    const seen = before?.nSamplesSeen ?? 0;
    const total = seen + n;
    const { mean, variance } = mergedMoments(before, batch, n);
    const old = before === undefined ? [] : stacked(before, batch.mean, n);
    const tall = old.length / d + Math.max(height - 1, 0);
    // As many rows as scikit-learn decomposes, so that as many singular values come out.
    const table = new Float64Array(Math.max(tall, Math.min(n + old.length / d, d)) * d);
    table.set(old);
    for (let i = 1; i < height; i++) {
      table.set(values.subarray(i * cols + 1, (i + 1) * cols), old.length + (i - 1) * d);
    }
    const { values: singular, vt } = await addon().thinSvd(table, table.length / d, d, job);
    const components = vt.slice(0, kept * d);
    flipSigns(components, d);
    const variances = singular.map((value) => (total > 1 ? (value * value) / (total - 1) : 0));
    const whole = variance.reduce((sum, v) => sum + v * total, 0);
    const rest = variances.subarray(kept);
    return {
      nFeaturesIn: d,
      featureNamesIn: before?.featureNamesIn ?? featureNames,
      nSamplesSeen: total,
      mean,
      variance,
      components,
      singularValues: singular.slice(0, kept),
      explainedVariance: variances.slice(0, kept),
      explainedVarianceRatio: singular.slice(0, kept).map((value) => (whole > 0 ? (value * value) / whole : 0)),
      noiseVariance: kept === n || kept === d ? 0 : rest.reduce((sum, v) => sum + v, 0) / Math.max(rest.length, 1),
      batchSize,
    };
  }

  /** Components to keep after a batch of n rows. */
  #kept(before: Fitted | undefined, n: number, d: number): number {
    const { nComponents } = this.params;
    const had = before?.singularValues.length;
    if (nComponents === null) return had ?? Math.min(n, d);
    if (had !== undefined && had !== nComponents) {
      throw invalidArgument(
        `IncrementalPCA: nComponents was ${had} in the batches before and is ${nComponents} now: call fit to begin anew`,
      );
    }
    if (had === undefined && nComponents > n) {
      throw invalidData(
        `IncrementalPCA: the first batch has ${n} rows, fewer than nComponents, ${nComponents}: give it at least as many`,
      );
    }
    return nComponents;
  }
}

interface BatchMoments {
  readonly mean: Float64Array;
  /** Sums of squares about the mean. */
  readonly squares: Float64Array;
}

/** Mean and variance of all rows seen (Chan, Golub, LeVeque 1979). */
function mergedMoments(
  before: Fitted | undefined,
  batch: BatchMoments,
  n: number,
): { mean: Float64Array; variance: Float64Array } {
  const seen = before?.nSamplesSeen ?? 0;
  const total = seen + n;
  const mean = batch.mean.map((m, j) =>
    before === undefined ? m : ((before.mean[j] as number) * seen + m * n) / total,
  );
  const variance = batch.squares.map((square, j) => {
    if (before === undefined) return square / total;
    const apart = (batch.mean[j] as number) - (before.mean[j] as number);
    return ((before.variance[j] as number) * seen + square + apart * apart * ((seen * n) / total)) / total;
  });
  return { mean, variance };
}

/** What stands for the rows seen before: the components by their singular values, and the shift of the mean. */
function stacked(before: Fitted, batchMean: Float64Array, n: number): number[] {
  const { components, singularValues, mean, nSamplesSeen } = before;
  const d = mean.length;
  const rows = Array.from(components, (c, at) => c * (singularValues[Math.floor(at / d)] as number));
  const correction = Math.sqrt((nSamplesSeen / (nSamplesSeen + n)) * n);
  return rows.concat(Array.from(mean, (m, j) => correction * (m - (batchMean[j] as number))));
}
